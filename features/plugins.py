"""Feature families of one's own: found by the name of an entry point or by the path of a module."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any

from rind.common.errors import UsageError
from rind.common.plugins import load
from rind.features.families import FAMILIES, Family
from rind.features.tables import TABLES

GROUP = "rind.families"
PARTS = ("NEEDS", "USES", "FEATURES", "build")


def installed() -> tuple[str, ...]:
    """Names of the families that installed packages offer."""
    return tuple(sorted(entry.name for entry in entry_points(group=GROUP)))


def load_families(names: Sequence[str]) -> dict[str, Family]:
    """The families that ``plugins.families`` names, by the family's own name.

    Parameters
    ----------
    names
        Entry points of the group ``rind.families``, or paths of modules (``my.module``, ``my.module:object``).

    Raises
    ------
    UsageError
        Nothing has that name, or what has it is no family, or two families share a name.
    """
    families: dict[str, Family] = {}
    for name in names:
        family = load(name, GROUP)
        own = _own_name(family, name)
        if own in FAMILIES or own in families:
            raise UsageError(f"{name}: there is already a family {own}", "name its features OTHER__what__window")
        families[own] = family
    return families


def _own_name(family: Any, where: str) -> str:
    """The one prefix of its features, if it is a family at all."""
    missing = [part for part in PARTS if not hasattr(family, part)]
    if missing:
        raise UsageError(f"{where} is no feature family: it has no {', '.join(missing)}", "see docs/python.md")
    prefixes = {feature.family for feature in family.FEATURES}
    if len(prefixes) != 1:
        raise UsageError(
            f"{where} is no feature family: its features begin with {', '.join(sorted(prefixes)) or 'nothing'}",
            "name all of them FAMILY__what__window, with one FAMILY",
        )
    unknown = sorted({*family.NEEDS, *family.USES} - set(TABLES))
    if unknown:
        raise UsageError(f"{where} wants tables that the data contract does not have: {', '.join(unknown)}")
    return str(prefixes.pop())
