"""`rind profile`: what a source is, before anything is run; the same is the first part of `rind validate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rind.common.guards import Finding
from rind.common.profile import CompanyProfile, Gain, SourceProfile
from rind.pipelines.cli.options import ParamsOption, SetOption, VerboseOption
from rind.pipelines.runner import Progress, door, reporting
from rind.reports.profile_text import column_words, days, facts, gain_words, verdict
from rind.reports.sparklines import blocks

if TYPE_CHECKING:
    from rind.features.sources import Source
    from rind.features.validation import Checked
    from rind.pipelines.params import Params

WIDTH = 150
"""Of what is printed to a file or a pipe."""


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("profile", epilog="Example:\n\n  rind profile --source tables/ --out profile.html")(profile)


def profile(
    source: Annotated[
        str,
        typer.Option(
            "--source",
            envvar="RIND_SOURCE",
            help="A folder, duckdb:///file.db, or postgres://user@host/db (password: PGPASSWORD).",
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Also write it as one HTML page.")] = None,
    params: ParamsOption = None,
    set_: SetOption = None,
    verbose: VerboseOption = False,
) -> None:
    """What a source is: tables, customers, money; what it will give, what is missing, what looks wrong."""
    console = Console(stderr=True)
    with door(console, verbose):
        from rind.common.files import write_text
        from rind.features.sources import open_source
        from rind.pipelines.params import load
        from rind.pipelines.stages.validate import checked
        from rind.reports.profile_page import render_profile

        loaded = load(params, set_ or ())
        given = loaded.model_copy(update={"source": loaded.source.model_copy(update={"url": source})})
        with open_source(source, given.source.without) as opened, reporting(console, "profile") as progress:
            examined = checked(opened, given, progress)
            source_profile, findings = examine(opened, examined, given, progress)
        report = examined.report
        broken, words = len(report.problems), report.text()
        show(source_profile, findings, broken, words if broken else "")
        if out is not None:
            write_text(
                out, render_profile(source_profile, findings, broken, words if broken else "", title=given.source.title)
            )
            Console().print(f"page: {out}", highlight=False, markup=False, soft_wrap=True)


def examine(
    source: Source, examined: Checked, params: Params, progress: Progress
) -> tuple[SourceProfile, tuple[Finding, ...]]:
    """The profile of an opened source, and what its guards measured."""
    from rind.features.guards.source import source_guards
    from rind.features.profile.source import profile_source

    report = examined.report
    progress("profile")
    source_profile = profile_source(source, examined.counts, report.data_end, params.labels.grace_days)
    lacking = {name for name, columns in source.missing_columns.items() if _required(name) & set(columns)}
    if report.data_end is None:
        return source_profile, ()
    days = (report.data_end, params.source.as_of or report.data_end, params.labels.grace_days)
    progress("guards")
    there = set(source.tables) - lacking
    findings = source_guards(source.tables, there, *days, params.guards.source, params.money.currency, report.set_aside)
    return source_profile, findings


def _required(name: str) -> set[str]:
    from rind.features.tables import TABLES

    return {column.name for column in TABLES[name].columns if column.required}


def show(source_profile: SourceProfile, findings: Sequence[Finding] = (), broken: int = 0, report: str = "") -> None:
    """Print a profile; the verdict comes last, where the reader's eye is."""
    console = Console() if Console().is_terminal else Console(width=WIDTH)
    console.print(_tables(source_profile))
    if source_profile.company is not None and source_profile.company.months:
        console.print(_company(source_profile.company))
        _lines(console, facts(source_profile))
    for title, gains in {
        "families": source_profile.families,
        "outcomes": source_profile.outcomes,
        "pages": source_profile.pages,
    }.items():
        _lines(console, {title: _gains(gains)})
    _lines(console, {f"+ {gain.name}": gain.words for gain in source_profile.next_tables})
    if source_profile.others:
        _lines(console, {"not read": ", ".join(source_profile.others)})
    if report:
        console.print(f"\n{report}", highlight=False, markup=False, soft_wrap=True)
    console.print()
    for sentence in verdict(source_profile, findings, broken):
        console.print(Text(sentence, style="bold"), highlight=False, soft_wrap=True)


def _tables(source_profile: SourceProfile) -> Table:
    until = f", data until {source_profile.data_end}" if source_profile.data_end else ""
    table = Table(title=Text(f"{source_profile.url}{until}"), show_lines=True)
    for name in ("table", "rows", "first and last day, rows a month", "columns"):
        table.add_column(name, justify="right" if name == "rows" else "left")
    for part in source_profile.tables:
        picture = blocks([rows for _, rows in part.months[-36:]])
        words = "\n".join(f"{title}: {names}" for title, names in column_words(part).items())
        when = f"{days(part.first, part.last)}\n{picture}"
        table.add_row(*(Text(cell) for cell in (part.name, f"{part.rows:,}", when, words)))
    return table


def _company(company: CompanyProfile) -> Table:
    months = company.months[-36:]
    table = Table(title=f"The company by month, {months[0].month:%b %Y} to {months[-1].month:%b %Y}")
    for name in ("at the month's end", "by month", "a year ago", "now"):
        table.add_column(name, justify="right" if name in ("a year ago", "now") else "left")
    series: dict[str, list[float]] = {
        "active accounts": [m.active for m in months],
        "paying accounts": [m.paying for m in months],
        "mrr": [m.mrr for m in months],
    }
    if any(m.invoiced for m in months):
        series["invoiced"] = [m.invoiced or 0.0 for m in months]
    for name, values in series.items():
        past = f"{values[-13]:,.0f}" if len(values) > 12 else "-"
        table.add_row(name, blocks(values), past, f"{values[-1]:,.0f}")
    return table


def _gains(gains: Sequence[Gain]) -> str:
    there = [name for mark, name, _ in gain_words(gains) if mark == "yes"]
    lacking = [f"{name} ({words})" for mark, name, words in gain_words(gains) if mark == "no"]
    return ", ".join(there) + (f"; not: {', '.join(lacking)}" if lacking else "")


def _lines(console: Console, lines: dict[str, str]) -> None:
    for title, words in lines.items():
        console.print(f"{title:>25}: {words}", highlight=False, markup=False, soft_wrap=True)
