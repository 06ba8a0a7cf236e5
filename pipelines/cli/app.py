"""The command line: run, demo, validate, features; tune-health, publish, deliver, serve ... in the modules beside.

Exit codes: 0 done; 1 unexpected; 2 usage or parameters; 3 source; 4 broken rules; 5 too little history; 6 leak;
7 undelivered; 8 a part is missing; 10 look at the model, 11 train it anew (`rind monitor`); 130 interrupted, 143 ended
by the platform (`common.errors.EXIT_CODES`). Heavy imports stand inside the commands, so that --help is quick.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from rind.pipelines.cli import backup as cli_backup
from rind.pipelines.cli import deliver as cli_deliver
from rind.pipelines.cli import experiment as cli_experiment
from rind.pipelines.cli import export as cli_export
from rind.pipelines.cli import families as cli_families
from rind.pipelines.cli import feedback as cli_feedback
from rind.pipelines.cli import forget as cli_forget
from rind.pipelines.cli import health as cli_health
from rind.pipelines.cli import map as cli_map
from rind.pipelines.cli import monitor as cli_monitor
from rind.pipelines.cli import profile as cli_profile
from rind.pipelines.cli import prune as cli_prune
from rind.pipelines.cli import qualify as cli_qualify
from rind.pipelines.cli import ready as cli_ready
from rind.pipelines.cli import serve as cli_serve
from rind.pipelines.cli import store as cli_store
from rind.pipelines.cli.options import ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import door, reporting

if TYPE_CHECKING:
    from rind.pipelines.params import Params

app = typer.Typer(
    help="Rind looks under the green: churn prediction from the tables that a company has.",
    epilog="Examples:\n\n  rind demo --out company/\n\n  rind run --source company/source --out results/\n\n"
    "  rind serve --dir results/ --demo\n\nEvery command has its own: rind run --help",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rind {version('rind')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """What may stand before a command."""
    del version


STOPPED = "the results of the week before stand as they were; the same command with --resume goes on"
SourceOption = Annotated[
    str,
    typer.Option(
        "--source",
        envvar="RIND_SOURCE",
        help="A folder, duckdb:///file.db, postgres://user@host/db (password: PGPASSWORD), or a mapping (rind map).",
    ),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Set nothing aside: any broken row ends the run.")]
WithoutOption = Annotated[
    list[str] | None, typer.Option("--without", help="Go on without this optional table; may be given more than once.")
]
EngineOption = Annotated[
    str | None,
    typer.Option("--engine", help="duckdb or spark (docs/scale.md); default: engine.name of the parameters."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help="Day of the list: nothing later reaches it. Default: the data's last day."
    ),
]
DataEndOption = Annotated[
    datetime | None,
    typer.Option(
        "--data-end",
        formats=["%Y-%m-%d"],
        help="Last day that the tables cover. Default: the last event of a required one.",
    ),
]


@app.command(
    epilog="Examples:\n\n  rind run --source tables/ --out results/\n\n"
    "  rind run --source postgres://me@host/crm --out results/ --as-of 2026-06-01 --set labels.horizon_days=60"
)
def run(
    source: SourceOption,
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")],
    as_of: AsOfOption = None,
    data_end: DataEndOption = None,
    strict: StrictOption = False,
    without: WithoutOption = None,
    params: ParamsOption = None,
    set_: SetOption = None,
    engine: EngineOption = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from what a failed run has left in OUT.")] = False,
    incremental: Annotated[
        bool,
        typer.Option("--incremental", help="Make features only of dates that are new, or of which more is known now."),
    ] = False,
    notify: Annotated[bool, typer.Option("--notify", help="Mail deliveries.operators where the run fails.")] = False,
    verbose: VerboseOption = False,
) -> None:
    """The whole weekly job on any source: validate, features, models, list."""
    console = Console(stderr=True)
    with door(console, verbose, STOPPED), ExitStack() as around:
        from rind.pipelines.cli.failure_mail import mailing_failures
        from rind.pipelines.cli.feedback import with_feedback_of
        from rind.pipelines.cli.prune import prune_after_run
        from rind.pipelines.parts import refuse_missing
        from rind.pipelines.places import places_of
        from rind.pipelines.summary import show
        from rind.pipelines.weekly import run_weekly

        given = _params(source, as_of, data_end, params, _with_engine(set_, engine), strict, without)
        if notify:
            around.enter_context(mailing_failures(out, given, console))
        given = with_feedback_of(out, given, console)
        missing = run_weekly(out, given, console, resume, incremental)
        prune_after_run(places_of(out, given), given.retention, console)
        show(out, Console())
        refuse_missing(missing)


@app.command(epilog="Example:\n\n  rind demo --out company/ --accounts 500 --scenario monthly")
def demo(
    out: Annotated[
        Path, typer.Option("--out", help="Folder; tables go to OUT/source, the planted truth to OUT/truth.")
    ],
    accounts: Annotated[int, typer.Option(min=20)] = 2000,
    years: Annotated[float, typer.Option(min=1)] = 3.0,
    seed: int = 7,
    scenario: Annotated[str, typer.Option(help="yearly, monthly, shifting or null.")] = "yearly",
    verbose: VerboseOption = False,
) -> None:
    """Make a demo company whose truth is known."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.errors import UsageError
        from rind.demo.company import DEMO_END, make_company, write_company
        from rind.demo.scenarios import SCENARIOS

        if scenario not in SCENARIOS:
            raise UsageError(f"there is no scenario {scenario!r}", f"one of {', '.join(SCENARIOS)}")
        with reporting(console, f"making {accounts} accounts, {years:g} years, scenario {scenario}"):
            company = make_company(accounts, years, seed, scenario, DEMO_END)
            write_company(company, out)
        places = f"tables: {out / 'source'}   truth: {out / 'truth'}"
        Console().print(places, highlight=False, markup=False, soft_wrap=True)


@app.command(epilog="Example:\n\n  rind validate --source tables/ --data-end 2026-06-30")
def validate(
    source: SourceOption,
    data_end: DataEndOption = None,
    strict: StrictOption = False,
    without: WithoutOption = None,
    params: ParamsOption = None,
    set_: SetOption = None,
    engine: EngineOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Profile a source and check it against the contract: every broken rule at once.

    Exit code 4 where rules are broken or a guard refuses; 5 if only the history is short.
    """
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.guards import refuse_if_asked
        from rind.features.engine import computing_on
        from rind.features.matrix import available
        from rind.features.sources import open_source
        from rind.pipelines.stages.validate import checked

        given = _params(source, None, data_end, params, _with_engine(set_, engine), strict, without)
        with (
            computing_on(given.engine.name, given.engine.memory_gb),
            open_source(given.source.url, given.source.without) as opened,
            reporting(console, "validating") as progress,
        ):
            examined = checked(opened, given, progress)
            _, missing = available(set(opened.tables))
            profile, findings = cli_profile.examine(opened, examined, given, progress)
        report = examined.report
        cli_profile.show(profile, findings, len(report.problems))
        report.raise_if_broken()
        refuse_if_asked(findings)
        left_out = [f"left out: {family} features (no table {', '.join(gaps)})" for family, gaps in missing.items()]
        notes = [f"note: {note}" for note in report.notes]
        Console().print("\n".join([report.text(), *notes, *left_out]), highlight=False, markup=False, soft_wrap=True)


@app.command(epilog="Example:\n\n  rind features --family usage")
def features(
    family: Annotated[str, typer.Option(help="Only this family.")] = "",
    verbose: VerboseOption = False,
) -> None:
    """Print the feature catalogue: what every column means."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rich.table import Table

        from rind.common.errors import UsageError
        from rind.features.families import CATALOGUE, FAMILIES

        if family and family not in FAMILIES:
            raise UsageError(f"there is no family {family!r}", f"one of {', '.join(FAMILIES)}")
        chosen = [f for f in CATALOGUE.values() if family in ("", f.family)]
        table = Table("feature", "unit", "what it is", title=f"{len(chosen)} features")
        for feature in chosen:
            table.add_row(feature.name, feature.unit, feature.description)
        wide = Console()
        wide.print(table) if wide.is_terminal else Console(width=200).print(table)


def _with_engine(overrides: list[str] | None, engine: str | None) -> list[str]:
    return [*(overrides or ()), *([f"engine.name={engine}"] if engine else ())]


def _params(
    source: str,
    as_of: datetime | None,
    data_end: datetime | None,
    path: Path | None,
    overrides: list[str] | None,
    strict: bool,
    without: list[str] | None,
) -> Params:
    from rind.pipelines.params import load

    params = load(path, overrides or ())
    own_name = params.source.name if params.source.name != load().source.name else ""
    given: dict[str, Any] = {"url": source, "name": own_name}
    given |= {"as_of": as_of.date()} if as_of else {}
    given |= {"data_end": data_end.date()} if data_end else {}
    given |= {"strict": True} if strict else {}
    given |= {"without": tuple(without)} if without else {}
    return params.model_copy(update={"source": params.source.model_copy(update=given)})


cli_serve.register(app)
cli_ready.register(app)
cli_deliver.register(app)
cli_feedback.register(app)
cli_forget.register(app)
cli_backup.register(app)
cli_prune.register(app)
cli_export.register(app)
cli_health.register(app)
cli_profile.register(app)
cli_map.register(app)
cli_monitor.register(app)
cli_qualify.register(app)
cli_experiment.register(app)
cli_families.register(app)
cli_store.register(app)


def main() -> None:
    """Entry point of the console script; modules of the working folder can be named as plugins, last of all."""
    sys.path.append(os.getcwd())
    app()
