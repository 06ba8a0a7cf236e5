"""`rind qualify`: score prospects by what is known before they sign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.options import DirOption, VerboseOption
from rind.pipelines.runner import door

if TYPE_CHECKING:
    import pandas as pd


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog="Example:\n\n  rind qualify --dir results/ --source prospects.csv --out scored.csv")(qualify)


def qualify(
    folder: DirOption,
    source: Annotated[Path, typer.Option("--source", help="CSV of prospects: segment, industry, employees, seats ..")],
    out: Annotated[Path | None, typer.Option("--out", help="CSV to write; default: the terminal.")] = None,
    verbose: VerboseOption = False,
) -> None:
    """Say which confirmed rules of past customers fit each prospect, and how often such accounts left or stayed."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.errors import UsageError
        from rind.common.files import write_text
        from rind.models.book.qualify import qualified
        from rind.pipelines.data import read_json
        from rind.pipelines.workspace import of_run
        from rind.reports.persona_text import GROUPS
        from rind.reports.tables import spreadsheet_csv

        space = of_run(folder.resolve())
        if not space.personas.exists():
            raise UsageError(f"{folder} has no personas.json", "run `rind run` again; run.json says why it is missing")
        if not source.is_file():
            raise UsageError(f"there is no file {source}", "name a CSV with one row per prospect")
        personas = read_json(space.personas)["personas"]
        if not any(p["confirmed"] and p["known"] == "signing" for p in personas):
            console.print("No rule is confirmed: no trait that is known at signing separates accounts beyond chance.")
        text = spreadsheet_csv(qualified(prospects_of(source), personas, tuple(GROUPS)))
        if out is None:
            typer.echo(text, nl=False)
        else:
            write_text(out, text)


def prospects_of(source: Path) -> pd.DataFrame:
    """The rows of a CSV, each cell the text that it is: ids keep their zeros, and the region NA is no missing value.

    Raises
    ------
    UsageError
        It is no CSV, or no column of it is a trait that a rule may speak of.
    """
    import pandas as pd

    from rind.common.errors import UsageError
    from rind.features.book.signing import TRAITS

    columns = f"a CSV in UTF-8, separated by commas, with any of the columns {', '.join(TRAITS)}"
    try:
        rows = pd.read_csv(source, dtype="str", keep_default_na=False)
    except ValueError as error:
        raise UsageError(f"{source} cannot be read: {error}", columns) from error
    if not set(TRAITS) & set(rows.columns):
        raise UsageError(f"{source} says nothing that a rule speaks of", columns)
    return rows
