"""The profile of a source in words: what it will give, what is missing most, what looks wrong, what to run next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import date

from rind.common.guards import Finding, fired
from rind.common.profile import CompanyProfile, Gain, SourceProfile, TableProfile

MOSTLY_EMPTY = 0.5
"""A column of the contract with more empty rows than that is worth a word, where the contract wants it filled."""


def verdict(profile: SourceProfile, findings: Sequence[Finding] = (), broken: int = 0) -> tuple[str, ...]:
    """A few sentences: what these tables will give, what is missing most, what looks wrong, the command to run next.

    Parameters
    ----------
    findings
        What the guards of the source measured.
    broken
        Rules that a run of this source would end on.
    """
    return (
        *_gives(profile),
        *_missing(profile),
        *_wrong(findings, broken),
        f"Next: {next_command(profile, findings, broken)}",
    )


def next_command(profile: SourceProfile, findings: Sequence[Finding] = (), broken: int = 0) -> str:
    """The command to run next."""
    source = shlex.quote(profile.url)
    if broken or any(f.answer == "refuse" for f in fired(findings)):
        return f"rind validate --source {source}"
    return f"rind run --source {source} --out results/"


def _gives(profile: SourceProfile) -> Iterator[str]:
    required = [gain.name for gain in profile.next_tables if "nothing can be made" in gain.words]
    if required:
        yield f"These tables give no list yet: {_and(required)} {'is' if len(required) == 1 else 'are'} missing."
        return
    there = [gain.name for gain in profile.families if gain.there]
    total = len(profile.families)
    yield (
        f"These tables give a list with {len(there)} of {total} feature families ({', '.join(there)}), the outcomes "
        f"{_and([g.name for g in profile.outcomes if g.there]) or 'none'}, and the pages "
        f"{_and([g.name for g in profile.pages if g.there])}."
    )
    company = profile.company
    if company is not None and company.months:
        left = sum(company.churned.values())
        now = company.months[-1]
        yield (
            f"{now.active:,} accounts are active, {now.paying:,} of them pay, {now.mrr:,.0f} a month together; "
            f"{left:,} have left so far, and a model learns from them{_enough(left)}."
        )


def _enough(left: int) -> str:
    if left < 20:
        return ": too few to measure anything"
    return ": few, so its figures will have wide intervals" if left < 100 else ""


def _missing(profile: SourceProfile) -> Iterator[str]:
    if profile.next_tables:
        gain = profile.next_tables[0]
        rest = [g.name for g in profile.next_tables[1:4]]
        more = f" After it: {', '.join(rest)}." if rest else ""
        yield f"Missing most: the table {gain.name} ({gain.words}).{more}"
    for table in profile.tables:
        hints = [f"{c.name} (is it {c.looks_like}?)" for c in table.with_use("unused") if c.looks_like]
        if hints:
            yield f"{table.name} has columns that are not read and look like missing ones: {', '.join(hints)}."


def _wrong(findings: Sequence[Finding], broken: int) -> Iterator[str]:
    if broken:
        yield f"Looks wrong: {broken} rule{'s' if broken > 1 else ''} of the contract broken; see below."
    alarms = fired(findings)
    for finding in alarms:
        yield f"Looks wrong ({finding.kind}): {finding.words}"
    if not broken and not alarms:
        yield "Nothing looks wrong."


def column_words(table: TableProfile) -> dict[str, str]:
    """Used, unused and missing columns of a table, one line each; lines without a column are left out."""
    used = [f"{c.name} {_empty(c.empty_share)}".strip() for c in table.with_use("used")]
    unused = [f"{c.name} (like {c.looks_like})" if c.looks_like else c.name for c in table.with_use("unused")]
    missing = [f"{c.name} (required)" if c.required else c.name for c in table.with_use("missing")]
    lines = {"used": used, "not read": unused, "missing": missing}
    return {title: ", ".join(names) for title, names in lines.items() if names}


def _empty(share: float | None) -> str:
    if share is None or share == 0:
        return ""
    return f"({share:.0%} empty)" if share >= 0.01 else "(<1% empty)"


def term_words(company: CompanyProfile) -> str:
    """ "12 months 1,212, 24 months 68, 31 other lengths 326, none agreed 25"."""
    lengths = {k: v for k, v in company.terms.items() if k is not None}
    usual = sorted(sorted(lengths, key=lambda k: -lengths[k])[:4])
    parts = [f"{k} month{'s' if k != 1 else ''} {lengths[k]:,}" for k in usual]
    others = [v for k, v in lengths.items() if k not in usual]
    parts += [f"{len(others)} other lengths {sum(others):,}"] if others else []
    parts += [f"no end agreed {company.terms[None]:,}"] if company.terms.get(None) else []
    return ", ".join(parts)


def facts(profile: SourceProfile) -> dict[str, str]:
    """The company in a few lines: title -> words."""
    company = profile.company
    if company is None:
        return {}
    churned = ", ".join(f"{year} {count:,}" for year, count in company.churned.items()) or "none seen"
    lines = {
        "Churned accounts a year": churned + (f"; {company.returned:,} came back later" if company.returned else ""),
        "Terms": term_words(company),
        "Trials": "the source has no kinds of subscription" if company.trials is None else f"{company.trials:,}",
        "Currencies": ", ".join(f"{name} {count:,}" for name, count in company.currencies.items()) or "one, not named",
    }
    return lines | _money(company)


def _money(company: CompanyProfile) -> dict[str, str]:
    """mrr beside invoices, of the last whole year or less."""
    months = [m for m in company.months[:-1][-12:] if m.invoiced is not None]
    billed, due = sum(m.invoiced or 0 for m in months), sum(m.mrr for m in months)
    if not months or not due:
        return {}
    words = f"{billed:,.0f} invoiced against {due:,.0f} mrr in {len(months)} months ({billed / due:.2f} times)"
    return {"mrr beside invoices": words}


def gain_words(gains: Sequence[Gain]) -> list[tuple[str, str, str]]:
    """(mark, name, words) of each: what is there first."""
    ordered = sorted(gains, key=lambda gain: not gain.there)
    return [("yes" if gain.there else "no", gain.name, gain.words) for gain in ordered]


def days(first: date | None, last: date | None) -> str:
    """ "2024-01-01 to 2026-06-28"; "no dates" where there is none."""
    return "no dates" if first is None or last is None else f"{first} to {last}"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
