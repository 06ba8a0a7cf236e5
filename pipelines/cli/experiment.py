"""`rind experiment`: what a change at a date did, beside what it was expected to do."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rind.pipelines.cli.options import DirOption, ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door, reporting

SHOWN_IDS = 5


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(
        epilog='Examples:\n\n  rind experiment --dir results/ --name "Chatbot" --date 2026-01-12 --accounts pilot.csv '
        '--expect "nps +5" --expect "churn -2 points" --cost 12000\n\n'
        "  rind experiment --dir results/ --plan chatbot.yaml --out pages/"
    )(experiment)


def experiment(
    folder: DirOption,
    name: Annotated[str | None, typer.Option("--name", help="What the change is called.")] = None,
    date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The first day with the change.")
    ] = None,
    accounts: Annotated[
        Path | None, typer.Option("--accounts", help="CSV or Parquet with account_id: the accounts that got it.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where", help="COLUMN=VALUE of that file; without a file segment, industry, region or plan. Repeatable."
        ),
    ] = None,
    cost: Annotated[float | None, typer.Option("--cost", help="Of the whole change.")] = None,
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect", help='OUTCOME NUMBER, such as "nps +5": churn, active_days, tickets, nps, ces, mrr.'),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", help="A YAML file with the same; options stand above it.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for experiment-NAME.json and .html.")] = Path(),
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """What a change at a date did to the accounts that got it, against comparable accounts that did not."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.errors import UsageError
        from rind.common.files import write_json, write_text
        from rind.pipelines.data import read_json
        from rind.pipelines.experiment import experiment as measured
        from rind.pipelines.experiment_plan import plan_of
        from rind.pipelines.params import load
        from rind.pipelines.workspace import of_run
        from rind.reports.experiment_page import render_experiment

        given = {"name": name, "date": date and date.date(), "accounts": accounts, "cost": cost}
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out} is a file", "give a folder with --out")
        change = plan_of(plan, {k: v for k, v in given.items() if v is not None}, where or (), expect or ())
        space = of_run(folder.resolve())
        settings = load(params, set_ or (), recorded=read_json(space.run)["parameters"])
        with reporting(console, change.name):
            document, unknown = measured(space, change, settings)
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / f"{change.file_name}.json", document)
        write_text(out / f"{change.file_name}.html", render_experiment(document, settings.source.title))
        if unknown:
            some = ", ".join(unknown[:SHOWN_IDS]) + (" .." if len(unknown) > SHOWN_IDS else "")
            console.print(f"in no result of this run: {some}", style="yellow", markup=False, highlight=False)
        files = f"page: {out / change.file_name}.html"
        Console().print("\n".join([*document["words"], files]), markup=False, highlight=False, soft_wrap=True)
