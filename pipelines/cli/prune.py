"""`rind prune`: what is older than `retention` allows is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.console import Console

from rind.pipelines.cli.access import audited
from rind.pipelines.cli.options import DirOption, ParamsOption, SetOption, StoreOption, VerboseOption
from rind.pipelines.runner import door

if TYPE_CHECKING:
    from rind.pipelines.places import Places
    from rind.pipelines.retention_settings import RetentionSettings


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog="Example:\n\n  rind prune --dir results/ --set retention.weeks_days=400")(prune)


def prune(
    folder: DirOption,
    to: StoreOption = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Delete what is older than `retention` in the parameters allows, now: `rind run` does the same at its end."""
    with door(Console(stderr=True), verbose):
        from rind.common.errors import UsageError
        from rind.pipelines.params import load
        from rind.pipelines.places import places_of
        from rind.pipelines.private_files import created_for
        from rind.pipelines.retention import prune as prune_all

        given = load(params, set_ or ())
        if not folder.is_dir():
            raise UsageError(f"there is no folder {folder}", "give with --dir what `rind run` wrote to")
        with created_for(given.files.readable_by), audited(folder, given, "prune", _periods(given.retention)):
            pruned = prune_all(places_of(folder, given, to), given.retention)
        for place, count in pruned.items():
            Console().print(f"{place}: {count:,}", highlight=False, markup=False)
        if not pruned:
            Console().print("nothing is older than it may be", highlight=False)


def _periods(settings: RetentionSettings) -> str:
    """How long what is kept, as the audit log says it: who shortens the log's own period leaves a line."""
    return ", ".join(f"{name} {days:g}" for name, days in settings.model_dump().items() if days is not None)


def prune_after_run(places: Places, settings: RetentionSettings, console: Console) -> None:
    """Prune; what cannot be pruned now is told, since the list stands, and the next run tries again."""
    import sqlite3

    from rind.common.errors import RindError
    from rind.pipelines.retention import prune as prune_all

    try:
        prune_all(places, settings)
    except (RindError, sqlite3.Error, OSError) as error:
        reason = error.message if isinstance(error, RindError) else str(error)
        console.print(f"what is older than `retention` allows is still there: {reason}", style="yellow", markup=False)
