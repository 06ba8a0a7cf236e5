"""The profile of a source as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from rind.common.guards import Finding, fired
from rind.common.profile import CompanyProfile, SourceProfile, TableProfile
from rind.reports.profile_text import facts, gain_words, verdict
from rind.reports.sparklines import bars
from rind.reports.templating import environment


def render_profile(
    profile: SourceProfile, findings: Sequence[Finding] = (), broken: int = 0, report: str = "", title: str = ""
) -> str:
    """One HTML document: no script, no address; light or dark as the reader's system, readable on a phone.

    Parameters
    ----------
    findings
        What the guards of the source measured.
    broken, report
        How many rules a run would end on; the whole report of validation in words ("" where all rules are kept).
    title
        Whose tables these are.
    """
    *sentences, last = verdict(_without_its_place(profile), findings, broken)
    return environment().get_template("profile.html.j2").render(
        profile=profile,
        title=title,
        sentences=sentences,
        command=last.removeprefix("Next: "),
        sound=not broken and not fired(findings),
        alarms=fired(findings),
        report=report,
        tables=[_table(table) for table in profile.tables],
        company=_company(profile.company),
        facts=facts(profile),
        gains={
            "Feature families": gain_words(profile.families),
            "Outcomes": gain_words(profile.outcomes),
            "Pages": gain_words(profile.pages),
        },
    )  # fmt: skip


def _without_its_place(profile: SourceProfile) -> SourceProfile:
    """A page is shown to others: it names no folder of this machine."""
    return replace(profile, url="SOURCE") if PurePath(profile.url).is_absolute() or "://" in profile.url else profile


def _table(table: TableProfile) -> dict[str, Any]:
    counts = [rows for _, rows in table.months]
    return {
        "name": table.name,
        "rows": table.rows,
        "first": table.first,
        "last": table.last,
        "picture": bars(counts, f"{table.name}: rows a month") if counts else "",
        "span": f"{table.months[0][0]:%b %Y} to {table.months[-1][0]:%b %Y}" if counts else "",
        "used": table.with_use("used"),
        "unused": table.with_use("unused"),
        "missing": table.with_use("missing"),
    }


def _company(company: CompanyProfile | None) -> list[dict[str, Any]]:
    """Name, present value and picture of each series by month."""
    if company is None or not company.months:
        return []
    months = company.months
    series: dict[str, list[float]] = {
        "Active accounts": [m.active for m in months],
        "Paying accounts": [m.paying for m in months],
        "mrr": [m.mrr for m in months],
    }
    if any(m.invoiced for m in months):
        series["Invoiced a month"] = [m.invoiced or 0.0 for m in months]
    span = f"{months[0].month:%b %Y} to {months[-1].month:%b %Y}"
    return [
        {"name": name, "now": values[-1], "picture": bars(values, f"{name} by month"), "span": span}
        for name, values in series.items()
    ]
