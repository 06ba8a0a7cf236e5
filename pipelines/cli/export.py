"""`rind export`: results for somebody who may not see names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.access import audited
from rind.pipelines.cli.options import DirOption, ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door, reporting


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(epilog="Example:\n\n  rind export --pseudonymous --dir results/ --out for-the-data-scientist/")(export)


def export(
    folder: DirOption,
    out: Annotated[Path, typer.Option("--out", help="A new folder.")],
    pseudonymous: Annotated[
        bool, typer.Option("--pseudonymous", help="Needed: keyed pseudonyms for accounts and CSMs, no names, no texts.")
    ] = False,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Write the results into a folder without names: joinable by pseudonym across files and weeks.

    The key is that of RIND_PSEUDONYM_KEY, else it is made once and kept in the folder of results, for its owner alone.
    Figures stay exact: whoever knows what a customer pays may recognise it.
    """
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.errors import UsageError
        from rind.common.results import MANIFEST
        from rind.pipelines.params import load
        from rind.pipelines.personal.export import export_pseudonymous
        from rind.pipelines.personal.pseudonyms import pseudonym_key

        if not pseudonymous:
            raise UsageError("only an export without names is made", "give --pseudonymous; the results are in --dir")
        if not (folder / MANIFEST).exists():
            raise UsageError(f"there are no results in {folder}", "give with --dir what `rind run` wrote to")
        given = load(params, set_ or ())
        with reporting(console, f"exporting {folder}"), audited(folder, given, "export pseudonymous", out.name):
            exported = export_pseudonymous(folder, out, pseudonym_key(folder))
        for name, rows in exported.rows.items():
            Console().print(f"{out / name}: {rows:,} rows", highlight=False, markup=False, soft_wrap=True)
