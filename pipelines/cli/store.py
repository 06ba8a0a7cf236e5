"""`rind store`: which finished features are kept between runs, what they take, and dropping what is old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from rind.pipelines.cli.options import DirOption, VerboseOption
from rind.pipelines.runner import door

if TYPE_CHECKING:
    from rind.pipelines.feature_store import KeptDate


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog="Examples:\n\n  rind store --dir results/\n\n  rind store --dir results/ --drop-older-than 30")(
        store
    )


def store(
    folder: DirOption,
    drop_older_than: Annotated[
        float | None, typer.Option(min=0, help="Delete what no run has used for so many days; 0 deletes all.")
    ] = None,
    verbose: VerboseOption = False,
) -> None:
    """What `rind run --incremental` keeps of past dates. --dir is the folder of results, or that of a store itself."""
    with door(Console(stderr=True), verbose):
        from rind.common.errors import UsageError
        from rind.pipelines.feature_store import FeatureStore
        from rind.pipelines.weeks import has_results, store_folder

        if not folder.is_dir():
            raise UsageError(f"there is no folder {folder}", "give the folder that `rind run` wrote to")
        kept = FeatureStore(store_folder(folder) if has_results(folder) else folder)
        if drop_older_than is not None:
            dropped = kept.drop_unused(drop_older_than)
            _say(f"dropped: {len(dropped)} dates, {megabytes(dropped)}")
        dates = list(kept.dates())
        if not dates:
            _say(f"nothing is kept in {kept.folder}")
            return
        console = Console() if Console().is_terminal else Console(width=120)
        console.print(overview(dates))
        _say(f"{kept.folder}: {megabytes(dates)}")


def overview(dates: Iterable[KeptDate]) -> Table:
    """One row per family: its dates, how often a date is kept in more than one state, the size, when it was used."""
    by_family: dict[str, list[KeptDate]] = {}
    for kept in dates:
        by_family.setdefault(kept.family, []).append(kept)
    table = Table("family", "first date", "last date", "dates", "kept twice", "size", "last used")
    for family, kept_dates in by_family.items():
        days = {kept.day for kept in kept_dates}
        used = datetime.fromtimestamp(max(kept.used for kept in kept_dates), UTC)
        twice = len(kept_dates) - len(days)
        sizes = (str(len(days)), str(twice), megabytes(kept_dates))
        table.add_row(family, str(min(days)), str(max(days)), *sizes, f"{used:%Y-%m-%d %H:%M} UTC")
    return table


def megabytes(dates: Iterable[KeptDate]) -> str:
    """The size of kept dates together."""
    return f"{sum(kept.bytes for kept in dates) / 1e6:,.1f} MB"


def _say(text: str) -> None:
    Console().print(text, highlight=False, markup=False, soft_wrap=True)
