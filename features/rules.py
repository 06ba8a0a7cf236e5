"""The rules that a source must keep, as data, derived from the contract's tables (`features.tables`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis

from rind.features.canonical import WRONG
from rind.features.data_end import PLANNED, happened_columns
from rind.features.tables import CURRENCY, RECORDED_AT, SURVEY_RANGES, Column, Table

ACCOUNT_EXISTS = "account_exists__"
"""True on rows whose account is in ``accounts``; the column is there only where that can be asked."""


@dataclass(frozen=True)
class Rule:
    """A rule about single rows of one table.

    Parameters
    ----------
    broken
        A boolean expression: true where a row breaks it; null counts as kept.
    shown
        The column of which a few values are shown as examples.
    """

    column: str
    name: str
    broken: Any
    hint: str
    shown: str


WRITE_AS = {
    "date": "Write dates as YYYY-MM-DD; leave those that never come empty.",
    "timestamp": "Write times in UTC as YYYY-MM-DD HH:MM:SS; leave those that never come empty.",
    "number": "Write numbers with a point and without separators or units.",
    "integer": "Write whole numbers without separators.",
    "id": "Ids are texts or whole numbers.",
    "string": "This must be a text.",
    "boolean": "Write true or false; leave it empty where it is not known.",
}


def row_rules(table: ibis.Table, spec: Table, missing: tuple[str, ...], data_end: date | None) -> list[Rule]:
    """All rules about single rows of a table.

    Parameters
    ----------
    table
        The audited table of a source (`features.sources.Source.audited`).
    missing
        Columns that the source does not have: nothing is said of them here.
    data_end
        Given by the user; None leaves the rule about it out. Held against it are the times at which
        something happened and the later-filled ones. Dates agreed in advance and `PLANNED` ones (starts
        and ends of subscriptions and interventions, releases) may lie beyond it: they count by then as
        plans.
    """
    rules = [*_time_rules(table, spec), *_account_rules(table), *_survey_rules(table, spec)]
    for column in (*spec.columns, RECORDED_AT):
        if column.name in table.columns and column.name not in missing:
            rules += _column_rules(table, column)
    if data_end is not None:
        rules += _data_end_rules(table, spec, missing, data_end)
    order = {c.name: position for position, c in enumerate(spec.columns)}
    return sorted(rules, key=lambda rule: order.get(rule.column, len(order)))


def _column_rules(table: ibis.Table, column: Column) -> Iterator[Rule]:
    name, value = column.name, table[column.name]
    lost = WRONG + name
    if lost in table.columns:
        yield Rule(name, "wrong type", table[lost].notnull(), WRITE_AS[column.kind], lost)
    if column.required:
        empty = value.isnull()
        if lost in table.columns:
            empty = empty & table[lost].isnull()
        yield Rule(name, "empty", empty, "Every row needs it; leave out rows that cannot have it.", name)
    if column.choices:
        allowed = ", ".join(column.choices)
        odd = value.notin(column.choices)
        yield Rule(name, "value not allowed", odd, f"Allowed are {allowed}; leave others empty.", name)
    if column.pattern:
        yield Rule(name, "value not allowed", ~value.re_search(column.pattern), _pattern_hint(column), name)
    if column.kind == "number":
        yield from _number_rules(value, column)


def _number_rules(value: Any, column: Column) -> Iterator[Rule]:
    name = column.name
    real = ~(value.isnan() | value.isinf())
    yield Rule(name, "not a number", ~real, "Leave unknown values empty instead of NaN or infinite.", name)
    if column.at_least is not None:
        hint = f"The smallest value allowed is {column.at_least:g}."
        yield Rule(name, f"below {column.at_least:g}", real & (value < column.at_least), hint, name)
    if column.at_most is not None:
        hint = f"The largest value allowed is {column.at_most:g}."
        yield Rule(name, f"above {column.at_most:g}", real & (value > column.at_most), hint, name)

    if column.above is not None:
        hint = f"The value must be greater than {column.above:g}."
        yield Rule(name, f"not above {column.above:g}", real & (value <= column.above), hint, name)


def _pattern_hint(column: Column) -> str:
    examples = {CURRENCY: "Write the three letters of ISO 4217, such as EUR; leave it empty for your own currency."}
    return examples.get(column.pattern, f"The text must match {column.pattern}.")


def _account_rules(table: ibis.Table) -> Iterator[Rule]:
    if ACCOUNT_EXISTS in table.columns:
        unknown = table.account_id.notnull() & table[ACCOUNT_EXISTS].isnull()
        hint = "Add the accounts to the table accounts, or leave these rows out."
        yield Rule("account_id", "unknown account", unknown, hint, "account_id")


def _time_rules(table: ibis.Table, spec: Table) -> Iterator[Rule]:
    for start, end in spec.spans:
        hint = f"{end} may not lie before {start}: are the two mixed up?"
        yield Rule(end, f"before {start}", table[end] < table[start], hint, end)
    if len(spec.happened) > 1:
        either = " or ".join(spec.happened)
        no_time = ibis.and_(*(table[c].isnull() for c in spec.happened))
        yield Rule(spec.happened[0], "no time", no_time, f"Every row needs {either}.", spec.happened[0])


def _survey_rules(table: ibis.Table, spec: Table) -> Iterator[Rule]:
    if spec.name == "surveys":
        outside = [
            (table.kind == kind) & ~table.score.between(low, high) for kind, (low, high) in SURVEY_RANGES.items()
        ]
        ranges = ", ".join(f"{kind} {low}-{high}" for kind, (low, high) in SURVEY_RANGES.items())
        yield Rule("score", "out of the range of its kind", ibis.or_(*outside), f"Ranges: {ranges}.", "score")


def _data_end_rules(table: ibis.Table, spec: Table, missing: tuple[str, ...], data_end: date) -> Iterator[Rule]:
    hint = "Give a later --data-end, or none, or leave out what happened after it."
    for name in happened_columns(spec.name):
        if name not in missing and (spec.name, name) not in PLANNED:
            late = table[name] >= ibis.literal(data_end + timedelta(days=1)).cast(table[name].type())
            yield Rule(name, f"after the data end {data_end}", late, hint, name)
