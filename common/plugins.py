"""Code of one's own: found by the name of an entry point, or by its path."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from rind.common.errors import UsageError


def load(name: str, group: str) -> Any:
    """What an entry point of a group, or a path ``module`` or ``module:object``, names.

    Raises
    ------
    UsageError
        Nothing has that name, or it cannot be imported.
    """
    for entry in entry_points(group=group, name=name):
        return entry.load()
    module, _, attribute = name.partition(":")
    try:
        plugin = import_module(module)
        return getattr(plugin, attribute) if attribute else plugin
    except (ImportError, AttributeError, ValueError) as error:
        offered = ", ".join(sorted(entry.name for entry in entry_points(group=group))) or "none"
        raise UsageError(
            f"cannot load {name!r}: {error}",
            f"give the path of a module on PYTHONPATH, or an installed entry point of {group} (there: {offered})",
        ) from error
