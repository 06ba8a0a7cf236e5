"""Random companies around a date: arbitrary rows for every table of the contract, and other futures for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from rind.features.checks.arrow_tables import arrow_table
from rind.features.checks.time_travel import cut
from rind.features.tables import RECORDED_AT, SURVEY_RANGES, TABLES, Column, Table

Row = dict[str, Any]

ACCOUNTS = tuple(f"a{i}" for i in range(12))
WORDS = ("how-to", "bug", "alpha", "beta")
PLANS = ("basic", "full")
CURRENCIES = ("EUR", "USD")
ROWS = {"accounts": 1, "usage": 14, "tickets": 7, "surveys": 9, "contacts": 4, "interactions": 8}
PAST_DAYS, FUTURE_DAYS = 600, 150


class Company:
    """Draws rows whose times lie around ``day``, one in four of them within a day of its midnight."""

    def __init__(self, random: Random, day: date) -> None:
        self.random = random
        self.midnight = datetime.combine(day, time())
        self._count = 0

    def tables(self) -> dict[str, pa.Table]:
        """All tables of the contract, each with recorded_at: empty, at once, or late."""
        rows = {name: [self._row(spec, who) for who in self._owners(name)] for name, spec in TABLES.items()}
        return {name: _arrow(name, rows[name]) for name in TABLES}

    def with_another_future(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """The same past; fields empty at the date may be filled at or after it, and new rows arrive then."""
        past = cut(tables, self.midnight.date())
        return {name: self._continue(spec, past[name].to_pylist()) for name, spec in TABLES.items()}

    def _owners(self, name: str) -> list[str]:
        if name == "accounts":
            return list(ACCOUNTS)
        return [who for who in ACCOUNTS for _ in range(self.random.randint(0, ROWS.get(name, 4)))]

    def _continue(self, spec: Table, past: list[Row]) -> pa.Table:
        for row in past:
            for column in spec.columns:
                if column.known_from == column.name and row[column.name] is None and self.random.random() < 0.5:
                    self._fill_later(spec, row, column)
        absent = [a for a in ACCOUNTS if a not in {row.get("account_id") for row in past}]
        owners = absent if spec.name == "accounts" else self._owners(spec.name)
        arrivals = [self._arrival(spec, who) for who in owners]
        return _arrow(spec.name, past + arrivals)

    def _fill_later(self, spec: Table, row: Row, column: Column) -> None:
        row[column.name] = self._as_kind(column, self._at_or_after())
        for other in spec.columns:
            if other.known_from == column.name and other is not column:
                row[other.name] = self._value(spec, other)

    def _arrival(self, spec: Table, who: str) -> Row:
        """A row that happened at or after the date, or was recorded then although it happened before."""
        row = self._row(spec, who)
        if self.random.random() < 0.4 and spec.name != "product_features":
            return row | {RECORDED_AT.name: self._at_or_after()}
        for name in spec.happened:
            row[name] = self._as_kind(spec.column(name), self._at_or_after())
        return self._in_order(spec, row)

    def _row(self, spec: Table, who: str) -> Row:
        row = {column.name: self._value(spec, column) for column in spec.columns}
        if "account_id" in row:
            row["account_id"] = who
        if "contact_id" in row:
            row["contact_id"] = row["contact_id"] and f"{who}-{row['contact_id']}"
        row = self._in_order(spec, row)
        happened = next((row[name] for name in spec.happened if row[name] is not None), None)
        return row | {RECORDED_AT.name: self._recorded(happened)}

    def _in_order(self, spec: Table, row: Row) -> Row:
        """No end before its start: the end moves to some time after it."""
        for start, end in spec.spans:
            if row[start] is not None and row[end] is not None and row[end] < row[start]:
                row[end] = row[start] + timedelta(days=self.random.randint(0, 60))
        return row

    def _recorded(self, happened: Any) -> datetime | None:
        if happened is None or self.random.random() < 0.6:
            return None
        start = happened if isinstance(happened, datetime) else datetime.combine(happened, time())
        return start + timedelta(days=self.random.choice((0, 0, 1, 40)), hours=self.random.choice((0, 5)))

    def _value(self, spec: Table, column: Column) -> Any:
        random = self.random
        if column.name in spec.key and column.kind == "id" and column.name != "account_id":
            self._count += 1
            # A contact's id is one that rows of other tables may name.
            return f"c{self._count % 40}" if spec.name == "contacts" else f"{self._count:05d}"
        if not column.required and random.random() < 0.2:
            return None
        if column.kind in ("date", "timestamp"):
            return self._as_kind(column, self._any_time())
        if column.kind in ("number", "integer"):
            top = column.at_most or (max(high for _, high in SURVEY_RANGES.values()) if spec.name == "surveys" else 9)
            return float(random.randint(int(column.at_least or 0), int(top)))
        if column.kind == "boolean":
            return random.random() < 0.2
        return random.choice(column.choices or self._names(column.name))

    def _names(self, name: str) -> tuple[str, ...]:
        if name == "contact_id":
            return tuple(f"c{i}" for i in range(40))
        if name == "currency":
            return CURRENCIES
        if name == "parent_id":
            return ACCOUNTS
        return PLANS if name == "plan" else tuple(f"f{i}" for i in range(6)) if name == "feature" else WORDS

    def _any_time(self) -> datetime:
        near = timedelta(seconds=self.random.choice((-86400, -1, 0, 1, 86400)))
        far = timedelta(minutes=self.random.randint(-PAST_DAYS * 1440, FUTURE_DAYS * 1440))
        return self.midnight + (near if self.random.random() < 0.25 else far)

    def _at_or_after(self) -> datetime:
        return self.midnight + timedelta(minutes=self.random.choice((0, 0, 1, 1440, 60000)))

    @staticmethod
    def _as_kind(column: Column, moment: datetime) -> date | datetime:
        return moment.date() if column.kind == "date" else moment


def _arrow(name: str, rows: list[Row]) -> pa.Table:
    """The rows, one per key."""
    key = TABLES[name].key
    unique = {tuple(row[k] for k in key) if key else i: row for i, row in reversed(list(enumerate(rows)))}
    return arrow_table(name, list(unique.values())[::-1], recorded=True)
