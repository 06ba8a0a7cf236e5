"""Notes on a source that are worth reading and are no errors: a sentence each, for terminal, page and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from rind.common.facts.source import SET_ASIDE
from rind.features.counting import REFERENCES
from rind.features.coverage import EPOCHS
from rind.features.data_end import EVENTS
from rind.features.engine import reading
from rind.features.findings import Finding, silent
from rind.features.limits import Verdict
from rind.features.shape import near_names
from rind.features.sources import Source
from rind.features.tables import TABLES
from rind.features.validation_settings import Silence

WORTH_TELLING = 0.0005
"""A share of copies below it happens by itself: two events of one second."""


def all_notes(
    source: Source,
    clean: Source,
    findings: Mapping[str, Finding],
    verdict: Verdict,
    end: date | None,
    silence: Silence,
) -> Iterator[str]:
    """All notes, the most important first.

    Parameters
    ----------
    clean
        The source without what is set aside.
    """
    yield from _silent(findings, end, silence)
    yield from set_aside_line(verdict)
    yield from _counted_once(findings)
    yield from _read_as_empty(findings)
    yield from _unmet(findings)
    yield from _dates(findings, end)
    yield from _shape(source)
    yield from near_names(source)
    yield from _unusable_scores(clean)


def set_aside_line(verdict: Verdict) -> Iterator[str]:
    """One line on everything that is set aside."""
    rows: dict[str, int] = {}
    for problem in verdict.set_aside:
        rows[problem.table] = rows.get(problem.table, 0) + problem.count
    parts = [f"{name} {count:,}" for name, count in rows.items()]
    if verdict.accounts.count and verdict.set_aside:
        parts.append(f"with them {_accounts(verdict.accounts.count)} ({verdict.accounts.share:.1%}) and all their rows")
    if parts:
        yield f"{SET_ASIDE}: {', '.join(parts)}; they lie in set_aside/, the rules in validation.json"


def _accounts(count: int) -> str:
    return f"{count:,} account{'s' if count != 1 else ''}"


def _silent(findings: Mapping[str, Finding], end: date | None, silence: Silence) -> Iterator[str]:
    for name, days in silent(findings, end, silence).items():
        last = findings[name].reach.last
        yield f"{name} stops on {last}, {days} days before the data end {end}: has its feed died?"


def _counted_once(findings: Mapping[str, Finding]) -> Iterator[str]:
    for name, finding in findings.items():
        copies = finding.sieve.keys.copies + finding.sieve.event_copies
        if copies:
            what = "events that came more than once" if name == "usage" else "exact copies of other rows"
            yield f"{name}: {copies:,} rows ({_share(copies, finding)}) are {what}: counted once"
        if finding.copies_share > WORTH_TELLING:
            yield (
                f"{name}: {finding.copies_share:.1%} of the rows are exact copies of others; without event_id "
                "nobody can tell whether they are retries, so they count"
            )
        if finding.counts.unused:
            unused = finding.counts.unused
            yield f"{name}: {unused:,} rows ({_share(unused, finding)}) have the quantity 0: nothing was used"


def _share(count: int, finding: Finding) -> str:
    return f"{count / finding.counts.rows:.1%}"


def _read_as_empty(findings: Mapping[str, Finding]) -> Iterator[str]:
    for name, finding in findings.items():
        if finding.counts.emptied:
            counts = ", ".join(f"{column} {count:,}" for column, count in finding.counts.emptied.items())
            yield f"{name}: read as empty, as they stand for no value (NULL, N/A, 9999-12-31 ...): {counts}"


def _unmet(findings: Mapping[str, Finding]) -> Iterator[str]:
    for name, finding in findings.items():
        for column, (unmet, filled) in finding.counts.unmet.items():
            if unmet:
                other = REFERENCES[column][0]
                yield f"{name}.{column}: {unmet:,} of {filled:,} rows ({unmet / filled:.1%}) meet nothing in {other}"


def _dates(findings: Mapping[str, Finding], end: date | None) -> Iterator[str]:
    for name, finding in findings.items():
        column = TABLES[name].happened[0]
        unknown = sum(d.sound for d in finding.counts.days if d.day in EPOCHS) if name not in EVENTS else 0
        if unknown:
            yield f"{name}.{column}: {unknown:,} rows have a date that usually stands for unknown, such as 1970-01-01"
        later = [d.sound for d in finding.counts.days if d.day is not None and end is not None and d.day > end]
        if later and sum(later) and name in EVENTS:
            yield f"{name}: {sum(later):,} rows lie after the data end {end}: they count from their own day on"


def _shape(source: Source) -> Iterator[str]:
    if source.without:
        yield f"left out as asked by --without: {', '.join(source.without)}"
    absent = [name for name in source.absent if name not in source.without]
    if absent:
        yield f"absent, so what needs them is left out: {', '.join(absent)}"
    for name, spelled in source.read_as.items():
        yield f"{name}: read by another spelling: {', '.join(f'{o} as {c}' for o, c in spelled.items())}"
    for name, columns in source.ignored.items():
        yield f"{name}: columns that are not in the contract are ignored: {', '.join(columns)}"
    for name, columns in source.missing_columns.items():
        optional = [c for c in columns if not TABLES[name].column(c).required]
        if optional:
            yield f"{name}: missing columns are read as empty: {', '.join(optional)}"
    if source.others:
        yield f"not in the contract and not read: {', '.join(source.others)}"


def _unusable_scores(clean: Source) -> Iterator[str]:
    surveys = clean.tables.get("surveys")
    if surveys is None:
        return
    with reading("the table surveys"):
        lost = surveys.count(where=surveys.score.notnull() & surveys.responded_at.isnull()).to_pyarrow().as_py()
    if lost:
        yield f"surveys: {lost} scores have no responded_at, so nobody knows since when: not used"
