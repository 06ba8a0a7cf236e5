"""`rind monitor`: is the model still good; `rind rollback`: an older model scores again."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.access import audited
from rind.pipelines.cli.options import DirOption, ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door

EXIT_CODES = {"hold": 0, "look": 10, "retrain": 11}
"""Of `rind monitor`, by its answer."""


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(epilog="Example:\n\n  rind monitor --dir results/ || mail -s 'look at the model' data@example.com")(
        monitor
    )
    app.command(epilog="Example:\n\n  rind rollback --dir results/ --to 3")(rollback)


def monitor(folder: DirOption, verbose: VerboseOption = False) -> None:
    """Print whether the model of a finished run is still good, and why: hold (exit 0), look (10) or retrain (11)."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.errors import UsageError
        from rind.pipelines.data import read_json
        from rind.pipelines.workspace import of_run
        from rind.reports.monitor_text import lines

        space = of_run(folder.resolve())
        if not space.monitor.exists():
            raise UsageError(
                f"{folder} has no monitor.json", "run `rind run` again; run.json says why a part is missing"
            )
        record = read_json(space.monitor)
        Console(width=120).print("\n".join(lines(record)), highlight=False, markup=False)
        code = EXIT_CODES[record["answer"]]
    raise typer.Exit(code)


def rollback(
    folder: DirOption,
    to: Annotated[int | None, typer.Option("--to", min=1, help="Version; default: the champion before.")] = None,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Make an older version of the churn model the champion again; the next run scores with it.

    The list of this week stays as it is. A later training becomes champion only where it is better beyond noise.
    """
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.run_record import run_record
        from rind.pipelines.params import load
        from rind.pipelines.rollback import roll_back
        from rind.pipelines.weeks import alone
        from rind.pipelines.workspace import of_run

        space = of_run(folder.resolve())
        run = run_record(space.run.read_bytes(), space.run, "parameters")
        given = load(params, set_ or (), recorded=run["parameters"])
        version = f"version {to}" if to is not None else "the champion before"
        with alone(space.root), audited(folder, given, "rollback", f"{given.model.name} to {version}"):
            done = roll_back(space, given, to)
        Console(width=120).print(done.words, highlight=False)
