"""`rind check-family`: the time-travel law, run on a feature family of one's own."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.options import VerboseOption
from rind.pipelines.runner import door, reporting


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(
        "check-family", epilog="Examples:\n\n  rind check-family my.module\n\n  rind check-family usage --companies 50"
    )(check_family)


def check_family(
    family: Annotated[
        str, typer.Argument(help="Path of a module, an entry point of rind.families, or one of our own families.")
    ],
    companies: Annotated[int, typer.Option(min=1, help="How many random companies to try it on.")] = 20,
    seed: int = 0,
    verbose: VerboseOption = False,
) -> None:
    """Look whether a feature family sees the future: exit code 6 if it does, and what was tried either way."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.errors import LeakError
        from rind.features.checks.family_check import check_named

        with reporting(console, f"checking {family}"):
            checked = check_named(family, companies, seed)
        Console().print(checked.text(), highlight=False, markup=False, soft_wrap=True)
        if checked.faults:
            raise LeakError(
                f"the family {checked.family} breaks the law of time",
                "pair rows with dates through rind.features.asof.known",
            )
