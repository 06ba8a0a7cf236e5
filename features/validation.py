"""Every broken rule of a source, found on the source's engine, and what is set aside of it.

A table of any size costs one scan for all rules about single rows, one narrow one for its key and, only where rules
are broken, one more for the counts and a small query for the examples of each; no table is loaded.
Why no schema library: docs/adr/0002 and 0013.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import ibis

from rind.common.errors import UsageError
from rind.features import notes
from rind.features.canonical import typed
from rind.features.counting import (
    Counts,
    Keys,
    broken_by_rule,
    broken_rows,
    conflicting,
    count_event_copies,
    count_keys,
    count_table,
    key_text,
    share_of_copies,
)
from rind.features.coverage import Coverage, coverage
from rind.features.data_end import data_end
from rind.features.engine import reading
from rind.features.findings import Finding, silent
from rind.features.history import HistoryNeed, begins, cohort_dates
from rind.features.labels import spells
from rind.features.limits import judged
from rind.features.problems import NO_COHORT, NOBODY_LEFT, TOO_SHORT, Problem, Report
from rind.features.rules import Known, Rule, any_broken, row_rules, stray_rules
from rind.features.setting_aside import ACCOUNT_TABLES, Sieve, sound
from rind.features.shape import shape_problems
from rind.features.sources import Source
from rind.features.tables import REQUIRED, TABLES, Table
from rind.features.validation_settings import Silence, ValidationSettings

EXAMPLES = 5
DUPLICATE = "duplicate key"

_HISTORY = (("subscriptions", "account_id"), ("subscriptions", "starts_on"), ("subscriptions", "ended_on"))
UNTELLING = {(*place, rule) for place in _HISTORY for rule in ("wrong type", "required column is missing")}
"""With these broken, a history without churn would only say the same again."""


@dataclass(frozen=True)
class Checked:
    """A source after validation.

    Parameters
    ----------
    sound
        The source without what is set aside; to be used only where the report has no problems.
    sieves
        Per table what is left out.
    counts
        Per table what one pass over it counted.
    """

    report: Report
    sound: Source
    sieves: Mapping[str, Sieve]
    counts: Mapping[str, Counts]


def check(
    source: Source,
    data_end: date | None = None,
    as_of: date | None = None,
    progress: Callable[[str], None] | None = None,
    *,
    settings: ValidationSettings,
    need: HistoryNeed,
    strict: bool = False,
    today: date | None = None,
) -> Checked:
    """Check a source against the contract; nothing is raised for broken rules.

    Parameters
    ----------
    data_end
        As given by the user, or None to take the latest thing that happened (`features.data_end.data_end`).
        Only a given one can be overstepped; what counts as overstepping says `features.rules.row_rules`.
    as_of
        The scoring date; None: the data end.
    progress
        Called with a few words before each table.
    settings
        How much disorder is allowed.
    need
        How much history training asks for.
    strict
        Nothing is set aside: every broken row is a problem.
    today
        The day after which nothing can have happened; None: the current one, in UTC.

    Raises
    ------
    SourceError
        A table cannot be read to its end.
    UsageError
        The data end or the scoring date lies in the future.
    """
    today = today or datetime.now(UTC).date()
    _refuse_future(data_end, as_of, today)
    shape = shape_problems(source)
    findings = _findings(source, Known(today, data_end, _account_ids(source)), settings, progress)
    end = data_end or _data_end(findings)
    sieves = {name: finding.sieve for name, finding in findings.items()}
    limits = settings.limits.strict() if strict else settings.limits
    verdict = judged(source, {n: (f.counts.rows, f.problems, f.sieve) for n, f in findings.items()}, limits)
    clean = sound(source, sieves)
    problems = [*shape, *verdict.problems, *_empty(findings), *_silences(findings, end, settings.silence)]
    if not any((p.table, p.column, p.rule) in UNTELLING for p in problems):
        with reading("the history"):
            people = clean if not {p.table for p in problems} & {*ACCOUNT_TABLES} else None
            problems += _history_problems(clean, findings, end, as_of or end, need, people)
    report = Report(
        source.url,
        _in_order(problems),
        tuple(notes.all_notes(source, clean, findings, verdict, end, settings.silence)),
        {name: finding.counts.rows for name, finding in findings.items()},
        end,
        _in_order(verdict.set_aside),
        verdict.accounts,
    )
    return Checked(report, clean, sieves, {name: finding.counts for name, finding in findings.items()})


def _findings(
    source: Source, known: Known, settings: ValidationSettings, progress: Callable[[str], None] | None
) -> dict[str, Finding]:
    """Table -> what is wrong with its rows."""
    findings: dict[str, Finding] = {}
    for name in source.tables:
        if progress:
            progress(f"checking {name}")
        with reading(f"the table {name}"):
            findings[name] = _finding(source, TABLES[name], known, settings)
    return findings


def _refuse_future(data_end: date | None, as_of: date | None, today: date) -> None:
    for what, day in (("data end", data_end), ("scoring date", as_of)):
        if day is not None and day > today:
            raise UsageError(f"the {what} {day} lies in the future (today is {today})", "give an earlier day")


def _account_ids(source: Source) -> ibis.Table | None:
    accounts = source.tables.get("accounts")
    if accounts is None or "account_id" in source.missing_columns.get("accounts", ()):
        return None
    return accounts.select("account_id")


def _finding(source: Source, spec: Table, known: Known, settings: ValidationSettings) -> Finding:
    table, missing = source.audited[spec.name], source.missing_columns.get(spec.name, ())
    rules = row_rules(table, spec, missing, known)
    counts = count_table(table, spec, rules, source.tables)
    until = min(known.data_end or known.today, known.today)
    reach = coverage(counts.by_day(), until, settings.strays)
    strays = stray_rules(table, spec, reach, until) if _outside(counts, reach, until) else []
    broken, named = _broken(table, spec, [*rules, *strays] if counts.broken else strays, counts.rows)
    sound_rows = table.filter(~any_broken([rule for rule, _ in broken])) if broken else table
    keys, conflict = _key_finding(table, sound_rows, spec, missing)
    if conflict is not None:
        broken.append((conflict, keys.conflicts))
        few = broken_rows(table, [conflict], _names(table, spec))
        named.append(_row_problem(few, 0, spec, conflict, keys.conflicts, counts.rows))
    use = typed(sound_rows, spec.name)
    events = count_event_copies(use) if spec.name == "usage" and "event_id" not in missing else 0
    copies = 0.0
    if spec.name == "usage" and "event_id" in missing and known.accounts is not None:
        copies = share_of_copies(use, known.accounts, counts.rows)
    return Finding(counts, reach, Sieve(tuple(rule for rule, _ in broken), keys, events), tuple(named), copies)


def _outside(counts: Counts, reach: Coverage, until: date) -> bool:
    """Whether a day with sound rows lies outside the coverage."""
    if reach.first is None or reach.last is None:
        return False
    return any(rows and (day < reach.first or reach.last < day <= until) for day, rows in counts.by_day())


def _broken(
    table: ibis.Table, spec: Table, rules: Sequence[Rule], rows: int
) -> tuple[list[tuple[Rule, int]], list[Problem]]:
    """The rules that rows break, with how many do, and what is said of each."""
    if not rules:
        return [], []
    few = broken_rows(table, rules, _names(table, spec))
    broken = [(i, rule, count) for i, (rule, count) in enumerate(zip(rules, broken_by_rule(few), strict=True)) if count]
    problems = [_row_problem(few, i, spec, rule, count, rows) for i, rule, count in broken]
    return [(rule, count) for _, rule, count in broken], problems


def _key_finding(
    table: ibis.Table, sound_rows: ibis.Table, spec: Table, missing: tuple[str, ...]
) -> tuple[Keys, Rule | None]:
    if not spec.key or set(spec.key) & set(missing):
        return Keys(), None
    rows = typed(sound_rows, spec.name)
    keys = count_keys(rows, spec)
    if not keys.conflicts:
        return keys, None
    column = ", ".join(spec.key)
    hint = f"One row per {column}: keep the one that is right."
    broken = key_text(table, spec).isin(conflicting(rows, spec).key)
    return keys, Rule(column, DUPLICATE, broken, hint, spec.key[0])


def _names(table: ibis.Table, spec: Table) -> tuple[str, ...]:
    """Columns that name a row: its key; of tables that have none account and time."""
    return spec.key or tuple(n for n in ("account_id", *spec.happened) if n in table.columns)


def _row_problem(few: ibis.Table, number: int, spec: Table, rule: Rule, count: int, rows: int) -> Problem:
    keys = [name for name in few.columns if name.startswith("key_")]
    examples = few.filter(few[f"rule_{number}"]).select(*keys, shown=few[f"shown_{number}"])
    shown = examples.distinct().order_by(keys).limit(EXAMPLES).to_pyarrow().to_pylist()
    values = dict.fromkeys(_short(row["shown"]) for row in shown if row["shown"] is not None)
    if rule.name == DUPLICATE:
        values = {}
    share = count / rows if rows else 0.0
    return Problem(spec.name, rule.column, rule.name, count, _key_texts(shown, keys), tuple(values), rule.hint, share)


def _data_end(findings: Mapping[str, Finding]) -> date | None:
    return data_end({name: finding.reach for name, finding in findings.items()})


def _empty(findings: Mapping[str, Finding]) -> Iterator[Problem]:
    for name in REQUIRED:
        if name in findings and not findings[name].counts.rows:
            yield Problem(name, "", "required table is empty", 0, hint="Hand over its rows.")


def _silences(findings: Mapping[str, Finding], end: date | None, silence: Silence) -> Iterator[Problem]:
    """Tables that stop well before the data end and for which the list is withheld."""
    for name, days in silent(findings, end, silence).items():
        if (silence.usage if name == "usage" else silence.other_tables) == "withhold":
            last = findings[name].reach.last
            hint = (
                f"Has the feed died? Hand over the missing days, or score what is there with --data-end {last}, "
                f"or set validation.silence.{'usage' if name == 'usage' else 'other_tables'}=stamp."
            )
            rule = f"stops {days} days before the data end {end}"
            yield Problem(name, TABLES[name].happened[0], rule, 0, (), (str(last),), hint)


def _history_problems(
    clean: Source,
    findings: Mapping[str, Finding],
    end: date | None,
    as_of: date | None,
    need: HistoryNeed,
    people: Source | None,
) -> list[Problem]:
    if end is None or as_of is None or not all(name in findings and findings[name].counts.rows for name in REQUIRED):
        return []
    problems = []
    left = spells(clean.tables["subscriptions"], end, need.grace_days).left_on
    if not _scalar(left.count()):
        hint = f"ended_on must say when accounts left, {need.grace_days} days or more before the data end {end}."
        problems.append(Problem("subscriptions", "ended_on", NOBODY_LEFT, 0, hint=hint))
    first = begins(clean.tables["subscriptions"], findings["usage"].first_known())
    if first is not None:
        problems += _date_problems(people, first, as_of, need)
    return problems


def _date_problems(people: Source | None, first: date, as_of: date, need: HistoryNeed) -> Iterator[Problem]:
    """Dates on which there is nobody to look at are none; without the scoring date there is nothing to list.

    Parameters
    ----------
    people
        The sound source; None where accounts are missing from it because their rows are broken.
    """
    dates = need.dates(first, as_of)
    with_cohort = cohort_dates(people.tables, dates) if people else dates
    if as_of not in with_cohort:
        since = f"since {with_cohort[-1]}" if with_cohort else f"from {dates[0]} on"
        hint = (
            "An account is in the cohort of a date on which it pays (mrr above 0, no trial, not paused, begun and not "
            f"ended) and has given no notice before it; {since} nobody is. Correct the columns that say so, or score "
            "an earlier date with --as-of."
        )
        yield Problem("subscriptions", "notice_on", NO_COHORT, 0, hint=hint)
    elif missing := need.missing(with_cohort, first, as_of):
        yield Problem("usage", "occurred_at", TOO_SHORT, 0, hint=missing)


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    position = {name: i for i, name in enumerate(TABLES)}
    return tuple(sorted(problems, key=lambda p: position[p.table]))


def _scalar(expression: Any) -> Any:
    return expression.to_pyarrow().as_py()


def _key_texts(rows: list[dict[str, Any]], keys: list[str]) -> tuple[str, ...]:
    texts = (", ".join("(empty)" if row[k] is None else _short(row[k]) for k in keys) for row in rows)
    return tuple(dict.fromkeys(texts))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."
