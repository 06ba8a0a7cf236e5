"""How far a source reaches: the day of the latest thing that happened in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

import ibis

from rind.common.errors import HistoryError
from rind.features.engine import reading
from rind.features.tables import TABLES

PLANNED = {
    ("subscriptions", "starts_on"), ("subscriptions", "ended_on"), ("subscriptions", "paused_from"),
    ("subscriptions", "paused_until"), ("product_features", "released_on"),
    ("interventions", "started_on"), ("interventions", "ended_on"),
}  # fmt: skip
"""Dates that may be written down before they come: one in the future is a plan, not an error."""


def data_end(tables: Mapping[str, ibis.Table]) -> date:
    """The day of the latest thing that happened in the tables: the contract's default data end.

    Counted are the columns that say when a row happened and those that are filled in later (an answer, a
    payment, a notice). Not counted are dates agreed in advance (``term_ends_on``, ``due_on``), since they
    say nothing about how far the source reaches, and `PLANNED` dates: a start or an end may be written
    down before it comes, and one that lies after everything else cannot be told from a plan; one that
    lies before does not move the maximum, so leaving them all out is the same as cutting them there. Only
    where nothing else happened at all do they count. ``recorded_at`` is about the record, not the company.

    Raises
    ------
    HistoryError
        Nothing in the tables has a date.
    """
    latest = latest_by_column(tables)
    if not latest:
        raise HistoryError(
            "nothing in the source has a date, so there is no data end",
            "Check that usage.occurred_at and subscriptions.starts_on are filled.",
        )
    return max(latest.values())


def latest_by_column(tables: Mapping[str, ibis.Table]) -> dict[tuple[str, str], date]:
    """The latest day of each (table, column) that tells when something happened; see `data_end`."""
    happened = _latest(tables, lambda place: place not in PLANNED)
    return happened or _latest(tables, lambda place: place in PLANNED and place[0] == "subscriptions")


def happened_columns(name: str) -> tuple[str, ...]:
    """Columns of a table that tell when something happened: its row's own time and the later-filled ones."""
    spec = TABLES[name]
    own_time = [c.name for c in spec.columns if c.known_from == c.name]
    return tuple(dict.fromkeys((*spec.happened, *own_time)))


def _latest(tables: Mapping[str, ibis.Table], counts: Callable[[tuple[str, str]], bool]) -> dict[tuple[str, str], date]:
    latest: dict[tuple[str, str], date] = {}
    for name, table in tables.items():
        columns = [c for c in happened_columns(name) if counts((name, c)) and c in table.columns]
        if not columns:
            continue
        with reading(f"the table {name}"):
            (row,) = table.aggregate(**{c: table[c].max() for c in columns}).to_pyarrow().to_pylist()
        latest |= {(name, c): _day(value) for c, value in row.items() if value is not None}
    return latest


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
