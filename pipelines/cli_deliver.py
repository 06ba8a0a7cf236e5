"""What is done with the results of a week: `rind publish`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipelines.runner import guarded, reporting

DirOption = Annotated[Path, typer.Option("--dir", help="What `rind run` wrote.")]
ParamsOption = Annotated[
    Path | None, typer.Option("--params", help="A YAML file with some of the keys of params.yaml.")
]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE, dots for nesting; may be repeated.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Show the whole trace of an error.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(
        epilog="Examples:\n\n  rind publish --dir results/ --to postgres://rind@db.example.com/results\n\n"
        "  PGPASSWORD=... rind publish --dir results/"
    )(publish)


def publish(
    folder: DirOption,
    to: Annotated[
        str, typer.Option("--to", help="postgres://user@host/database; default: results_store.url of the parameters.")
    ] = "",
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Write a week's results into the results store in PostgreSQL: once a week, all or nothing."""
    console = Console(stderr=True)

    def work() -> None:
        from common.errors import UsageError
        from features.locations import masked
        from pipelines.params import load
        from serving import publish as publishing

        given = load(params, set_ or ()).results_store
        url = to or given.url
        if not url:
            raise UsageError("there is no results store to publish to", "--to postgres://user@host/database")
        with reporting(console, f"publishing {folder} to {masked(url)}"):
            done = publishing.publish(folder, url, given.grace_minutes, given.keep_detail_weeks)
        if done.unchanged:
            said = "these results are there already; nothing was written"
        else:
            said = ", ".join(f"{count:,} {name}" for name, count in done.rows.items())
        Console().print(f"{done.as_of}: {said}", highlight=False, markup=False, soft_wrap=True)

    raise typer.Exit(guarded(console, verbose, work))
