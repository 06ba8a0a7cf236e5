"""The rules that a source must keep, as data, derived from the contract's tables (`features.tables`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis

from rind.features.canonical import WRONG
from rind.features.coverage import EPOCHS, Coverage
from rind.features.data_end import EVENTS, PLANNED, happened_columns
from rind.features.tables import CURRENCY, RECORDED_AT, SURVEY_RANGES, Column, Table

LARGEST = 1e12
"""No amount, count or quantity of a company is above it: such a number stands for something else."""

FIRST_PLAUSIBLE = date(1971, 1, 1)
"""No product was used, and no ticket opened, before it."""

UNKNOWN_DATE = "a date that stands for unknown"
LONG_BEFORE, LONG_AFTER = "years before all other rows", "long after all other rows"
STRAYS = (LONG_BEFORE, LONG_AFTER)
"""Rules that only a few rows can break, by what they mean: no limit applies to them."""
IN_THE_FUTURE, AFTER_DATA_END = "in the future", "after the data end"


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


@dataclass(frozen=True)
class Known:
    """What rules about a row must know beside it.

    Parameters
    ----------
    today
        Nothing that is not planned happens after it.
    data_end
        Given by the user; None leaves the rule about it out.
    accounts
        One row per account, with ``account_id``; None leaves the rule about unknown accounts out.
    """

    today: date
    data_end: date | None = None
    accounts: ibis.Table | None = None


def row_rules(table: ibis.Table, spec: Table, missing: tuple[str, ...], known: Known) -> list[Rule]:
    """All rules about single rows of a table.

    Parameters
    ----------
    table
        The audited table of a source (`features.sources.Source.audited`).
    missing
        Columns that the source does not have; no rule is checked on them.
    known
        Held against today, and against a given data end, are the times at which something happened and the
        later-filled ones. Dates agreed in advance and `features.data_end.PLANNED` ones may lie beyond both.
    """
    rules = [*_time_rules(table, spec), *_account_rules(table, spec, missing, known.accounts)]
    rules += _survey_rules(table, spec)
    for column in (*spec.columns, RECORDED_AT):
        if column.name in table.columns and column.name not in missing:
            rules += _column_rules(table, column)
    rules += _future_rules(table, spec, missing, known)
    order = {c.name: position for position, c in enumerate(spec.columns)}
    return sorted(rules, key=lambda rule: order.get(rule.column, len(order)))


def any_broken(rules: Sequence[Rule]) -> Any:
    """Whether a row breaks one of the rules; never empty."""
    return ibis.or_(ibis.literal(False), *(rule.broken for rule in rules)).fill_null(False)


def _column_rules(table: ibis.Table, column: Column) -> Iterator[Rule]:
    name, value = column.name, table[column.name]
    lost = WRONG + name
    if lost in table.columns and column.choices:
        hint = f"Allowed are {', '.join(column.choices)}; leave others empty."
        yield Rule(name, "value not allowed", table[lost].notnull(), hint, lost)
    elif lost in table.columns:
        yield Rule(name, "wrong type", table[lost].notnull(), WRITE_AS[column.kind], lost)
    if column.required:
        empty = value.isnull()
        if lost in table.columns:
            empty = empty & table[lost].isnull()
        yield Rule(name, "empty", empty, "Every row needs it; leave out rows that cannot have it.", name)
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
    at_most = LARGEST if column.at_most is None else column.at_most
    hint = f"The largest value allowed is {at_most:g}."
    yield Rule(name, f"above {at_most:g}", real & (value > at_most), hint, name)

    if column.above is not None:
        hint = f"The value must be greater than {column.above:g}."
        yield Rule(name, f"not above {column.above:g}", real & (value <= column.above), hint, name)


def _pattern_hint(column: Column) -> str:
    examples = {CURRENCY: "Write the three letters of ISO 4217, such as EUR; leave it empty for your own currency."}
    return examples.get(column.pattern, f"The text must match {column.pattern}.")


def _account_rules(
    table: ibis.Table, spec: Table, missing: tuple[str, ...], accounts: ibis.Table | None
) -> Iterator[Rule]:
    if accounts is None or spec.name == "accounts" or "account_id" not in table.columns or "account_id" in missing:
        return
    hint = "Add the accounts to the table accounts, or leave these rows out."
    yield Rule(
        "account_id", "unknown account", meets_nothing(table.account_id, accounts.account_id), hint, "account_id"
    )


def meets_nothing(value: Any, other: Any) -> Any:
    """Whether an id is filled and is none of the other table's ids."""
    present = other.as_table().filter(other.notnull())
    return value.notnull() & ~value.isin(present[other.get_name()])


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


def _future_rules(table: ibis.Table, spec: Table, missing: tuple[str, ...], known: Known) -> Iterator[Rule]:
    for name in happened_columns(spec.name):
        if name in missing or (spec.name, name) in PLANNED:
            continue
        if known.data_end is not None:
            hint = "Give a later --data-end, or none, or leave out what happened after it."
            yield Rule(name, f"{AFTER_DATA_END} {known.data_end}", _after(table[name], known.data_end), hint, name)
        if known.data_end is None or known.data_end >= known.today:
            hint = "This cannot have happened yet: check the clock, or the order of day and month."
            yield Rule(name, IN_THE_FUTURE, _after(table[name], known.today), hint, name)
    if spec.name in EVENTS:
        (name, *_) = spec.happened
        early = table[name] < ibis.literal(FIRST_PLAUSIBLE).cast(table[name].type())
        hint = "Leave out rows of which nobody knows when they happened."
        yield Rule(name, f"before {FIRST_PLAUSIBLE.year}", early, hint, name)


def _after(value: Any, day: date) -> Any:
    return value >= ibis.literal(day + timedelta(days=1)).cast(value.type())


def stray_rules(table: ibis.Table, spec: Table, reach: Coverage, until: date) -> list[Rule]:
    """The rules about rows of an event table that lie far from all others, made of its coverage.

    Parameters
    ----------
    until
        Planned rows after this day are no strays.
    """
    if spec.name not in EVENTS or reach.first is None or reach.last is None:
        return []
    day = happened_day(table, spec)
    (name, *_) = spec.happened
    hint = "Correct the dates, or leave out rows of which nobody knows when they happened."
    epoch = ibis.or_(*(day == ibis.literal(known) for known in EPOCHS)) & (day < ibis.literal(reach.first))
    before = (day < ibis.literal(reach.first)) & ~epoch & (day >= ibis.literal(FIRST_PLAUSIBLE))
    after = (day > ibis.literal(reach.last)) & (day <= ibis.literal(until))
    return [
        Rule(name, UNKNOWN_DATE, epoch & (day >= ibis.literal(FIRST_PLAUSIBLE)), hint, name),
        Rule(name, LONG_BEFORE, before, hint, name),
        Rule(name, LONG_AFTER, after, hint, name),
    ]


def happened_day(table: ibis.Table, spec: Table) -> Any:
    """The day on which a row of a table happened."""
    return ibis.coalesce(*(table[column].cast("date") for column in spec.happened))
