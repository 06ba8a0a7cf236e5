"""From a location to its store: a folder of results, or the results store in PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rind.common.errors import UsageError
from rind.features.locations import masked
from rind.serving.store.folder import FolderStore
from rind.serving.store.schema import is_store
from rind.serving.store.week_watcher import Watcher


def open_store(location: str, refresh_seconds: float) -> Watcher[Any]:
    """The store at ``location``: ``postgres://...``, or the path of a folder that `rind run` wrote.

    Parameters
    ----------
    refresh_seconds
        How often to look for a new week; 0 looks once.
    """
    if is_store(location):
        from rind.serving.store.postgres_store import PostgresStore

        return PostgresStore(location, refresh_seconds)
    return FolderStore(Path(location), refresh_seconds)


def state_folder(location: str, configured: str) -> Path:
    """The folder of the ledger of deliveries: the configured one, else ``deliveries/`` beside the results."""
    if configured:
        return Path(configured)
    if is_store(location):
        raise UsageError(
            "the ledger of deliveries needs a folder of its own", "--set deliveries.state=/var/lib/rind/deliveries"
        )
    return Path(location) / "deliveries"


def seen_from(folder: Path, location: str) -> str:
    """Where results lie, seen from ``folder``: the same when both are moved; a store's URL without its password."""
    return masked(location) if is_store(location) else os.path.relpath(Path(location).resolve(), folder.resolve())
