"""A place of published weeks by its name: a folder, or the results store in PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from common.errors import UsageError
from serving.folder import FolderStore
from serving.results_schema import is_store
from serving.store import Store


def open_store(location: str, refresh_seconds: float) -> Store:
    """The store at ``location``: ``postgres://...``, or the path of a folder that `rind run` wrote.

    Parameters
    ----------
    refresh_seconds
        How often to look for a new week; 0: a folder looks once, PostgreSQL is asked every time.
    """
    if is_store(location):
        from serving.postgres_store import PostgresStore

        return PostgresStore(location, check_seconds=refresh_seconds)
    return FolderStore(Path(location), refresh_seconds)


def state_folder(location: str, configured: str) -> Path:
    """Where the ledger of deliveries lies: the configured folder, else ``deliveries/`` beside the results."""
    if configured:
        return Path(configured)
    if is_store(location):
        raise UsageError(
            "the ledger of deliveries needs a folder of its own", "--set deliveries.state=/var/lib/rind/deliveries"
        )
    return Path(location) / "deliveries"
