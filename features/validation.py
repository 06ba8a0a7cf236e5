"""Every broken rule of a source in one report, found on the source's engine.

A table of any size costs one scan for all rules about single rows, one narrow one for its key, and a small
query for the examples of each rule that is broken; no table is loaded. Why no schema library: docs/adr/0002.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import ibis

from rind.features.data_end import latest_by_column
from rind.features.engine import reading
from rind.features.history import HistoryNeed, begins
from rind.features.labels import spells
from rind.features.problems import NOBODY_LEFT, TOO_SHORT, Problem, Report
from rind.features.rules import ACCOUNT_EXISTS, Rule, row_rules
from rind.features.sources import Source
from rind.features.tables import REQUIRED, TABLES, Table

EXAMPLES = 5
FAR_BEYOND_DAYS = 30
"""A data end this far beyond the last use of the product is worth a word: often one mistyped date."""

_HISTORY = (("subscriptions", "account_id"), ("subscriptions", "starts_on"), ("subscriptions", "ended_on"))
UNTELLING = {(*place, rule) for place in _HISTORY for rule in ("wrong type", "required column is missing")}
"""With these broken, a history without churn would only say the same again."""


def validate(
    source: Source,
    data_end: date | None = None,
    need: HistoryNeed | None = None,
    as_of: date | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Check a source against the contract; nothing is raised for broken rules.

    Parameters
    ----------
    data_end
        As given by the user, or None to take the latest thing that happened (`features.data_end.data_end`).
        Only a given one can be overstepped; what counts as overstepping says `features.rules.row_rules`.
    need
        How much history training asks for; None: that of `HistoryNeed`'s defaults.
    as_of
        The scoring date; None: the data end.
    progress
        Called with a few words before each table.

    Raises
    ------
    SourceError
        A table cannot be read to its end.
    """
    problems: list[Problem] = _shape_problems(source)
    rows: dict[str, int] = {}
    for name in source.tables:
        if progress:
            progress(f"checking {name}")
        with reading(f"the table {name}"):
            rows[name], found = _table_problems(source, name, data_end)
        problems += found
    latest = latest_by_column(source.tables)
    end = data_end or max(latest.values(), default=None)
    if not any((p.table, p.column, p.rule) in UNTELLING for p in problems):
        with reading("the history"):
            problems += _history_problems(source, rows, end, as_of or end, need or HistoryNeed())
    notes = (*_shape_notes(source), *_row_notes(source, data_end, latest))
    return Report(source.url, _in_order(problems), notes, rows, end)


def _shape_problems(source: Source) -> list[Problem]:
    problems = [
        Problem(name, "", "required table is missing", 0, hint=_lying_there(name, source.others))
        for name in REQUIRED
        if name not in source.tables
    ]
    for name, missing in source.missing_columns.items():
        for column in missing:
            if TABLES[name].column(column).required:
                hint = _lying_there(column, source.ignored.get(name, ()))
                problems.append(Problem(name, column, "required column is missing", 0, hint=hint))
    return problems


def _lying_there(wanted: str, others: tuple[str, ...]) -> str:
    if not others:
        return "Nothing else lies there that could be it."
    by_lower = {other.lower(): other for other in others}
    close = difflib.get_close_matches(wanted, by_lower, n=1, cutoff=0.6)
    if close:
        return f"Is it {by_lower[close[0]]}? Name it {wanted}."
    return f"There are also: {', '.join(others[:8])}{' ...' if len(others) > 8 else ''}."


def _table_problems(source: Source, name: str, data_end: date | None) -> tuple[int, list[Problem]]:
    spec, missing = TABLES[name], source.missing_columns.get(name, ())
    table = _with_known_accounts(source, name)
    rules = row_rules(table, spec, missing, data_end)
    counts = {f"rule_{i}": table.count(where=rule.broken) for i, rule in enumerate(rules)}
    (found,) = table.aggregate(rows=table.count(), **counts).to_pyarrow().to_pylist()
    problems = [
        _row_problem(table, spec, rule, found[f"rule_{i}"]) for i, rule in enumerate(rules) if found[f"rule_{i}"]
    ]
    if spec.key and not set(spec.key) & set(missing):
        problems += _duplicates(source.tables[name], spec)
    if spec.required and not found["rows"]:
        problems.append(Problem(name, "", "required table is empty", 0, hint="Hand over its rows."))
    return found["rows"], problems


def _with_known_accounts(source: Source, name: str) -> ibis.Table:
    table = source.audited[name]
    accounts = source.tables.get("accounts")
    if name == "accounts" or accounts is None or "account_id" not in table.columns:
        return table
    if "account_id" in (*source.missing_columns.get("accounts", ()), *source.missing_columns.get(name, ())):
        return table
    ids = accounts.filter(accounts.account_id.notnull()).select("account_id").distinct()
    known = ids.select(known_id=ids.account_id, **{ACCOUNT_EXISTS: ibis.literal(True)})
    return table.left_join(known, table.account_id == known.known_id).drop("known_id")


def _row_problem(table: ibis.Table, spec: Table, rule: Rule, count: int) -> Problem:
    """Rows are named by their key; usage, which has none, by account and time."""
    names = spec.key or tuple(c for c in ("account_id", *spec.happened) if c in table.columns)
    keys = {f"key_{i}": table[column] for i, column in enumerate(names)}
    broken = table.filter(rule.broken).select(**keys, shown=table[rule.shown].cast("string"))
    few = broken.order_by(list(keys)).limit(EXAMPLES).to_pyarrow().to_pylist()
    values = dict.fromkeys(_short(row["shown"]) for row in few if row["shown"] is not None)
    return Problem(spec.name, rule.column, rule.name, count, _key_texts(few, list(keys)), tuple(values), rule.hint)


def _duplicates(table: ibis.Table, spec: Table) -> list[Problem]:
    keys = table.filter(*(table[column].notnull() for column in spec.key))
    many = keys.group_by(list(spec.key)).agg(rows__=keys.count())
    many = many.filter(many.rows__ > 1)
    (total,) = many.aggregate(surplus=(many.rows__ - 1).sum()).to_pyarrow().to_pylist()
    if not total["surplus"]:
        return []
    few = many.order_by(list(spec.key)).limit(EXAMPLES).to_pyarrow().to_pylist()
    hint = f"One row per {', '.join(spec.key)}: keep one of each."
    column = ", ".join(spec.key)
    return [
        Problem(spec.name, column, "duplicate key", int(total["surplus"]), _key_texts(few, list(spec.key)), (), hint)
    ]


def _history_problems(
    source: Source, rows: Mapping[str, int], end: date | None, as_of: date | None, need: HistoryNeed
) -> list[Problem]:
    """Too little to learn from; silent where the tables that would tell are missing or empty."""
    if end is None or as_of is None or not (rows.get("subscriptions") and rows.get("usage")):
        return []
    problems = []
    left = spells(source.tables["subscriptions"], end, need.grace_days).left_on
    if not _scalar(left.count()):
        hint = f"ended_on must say when accounts left, {need.grace_days} days or more before the data end {end}."
        problems.append(Problem("subscriptions", "ended_on", NOBODY_LEFT, 0, hint=hint))
    first = begins(source.tables)
    missing = need.missing(first, as_of) if first is not None else ""
    if missing:
        problems.append(Problem("usage", "occurred_at", TOO_SHORT, 0, hint=missing))
    return problems


def _shape_notes(source: Source) -> list[str]:
    notes = []
    if source.absent:
        notes.append(f"absent, so what needs them is left out: {', '.join(source.absent)}")
    for name, columns in source.ignored.items():
        notes.append(f"{name}: columns that are not in the contract are ignored: {', '.join(columns)}")
    for name, columns in source.missing_columns.items():
        optional = [c for c in columns if not TABLES[name].column(c).required]
        if optional:
            notes.append(f"{name}: missing columns are read as empty: {', '.join(optional)}")
    if source.others:
        notes.append(f"not in the contract and not read: {', '.join(source.others)}")
    return notes


def _row_notes(source: Source, data_end: date | None, latest: Mapping[tuple[str, str], date]) -> list[str]:
    notes = []
    surveys = source.tables.get("surveys")
    if surveys is not None:
        with reading("the table surveys"):
            lost = _scalar(surveys.count(where=surveys.score.notnull() & surveys.responded_at.isnull()))
        if lost:
            notes.append(f"surveys: {lost} scores have no responded_at, so nobody knows since when: not used")
    used = latest.get(("usage", "occurred_at"))
    if data_end is None and used is not None:
        (table, column), last = max(latest.items(), key=lambda item: item[1])
        if last - used > timedelta(days=FAR_BEYOND_DAYS):
            notes.append(
                f"the data end {last} comes from {table}.{column}, while usage ends on {used}: "
                "give --data-end if that is wrong"
            )
    return notes


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
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
