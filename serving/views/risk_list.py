"""The risk list of one week, ready to be filtered and sorted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.reports.tables import records
from rind.serving.store.protocols import Week
from rind.serving.views.filters import ListFilter, ListOrder
from rind.serving.views.visibility import Visibility

Positions = npt.NDArray[np.intp]
Row = dict[str, Any]
"""A row of risk_list.parquet: column -> value, empty cells as None."""
NO_CODE = -2  # a code that no row has; -1 is an empty cell


class IndexedList:
    """The list of one week with an index for each filter: texts in small letters, dates as numbers, names as codes."""

    def __init__(self, week: Week) -> None:
        self._index(week.risk_list, week.as_of)

    @classmethod
    def of(cls, frame: pd.DataFrame, as_of: date) -> IndexedList:
        """The same of a list that is not the week's own."""
        made = cls.__new__(cls)
        made._index(frame, as_of)
        return made

    def _index(self, frame: pd.DataFrame, as_of: date) -> None:
        self.frame = frame
        self.records: list[Row] = records(frame)
        self.position = {row["account_id"]: n for n, row in enumerate(self.records)}
        coded = {name: pd.factorize(frame[name].astype("object")) for name in ("segment", "csm", "risk_band")}
        self._codes = {name: codes for name, (codes, _) in coded.items()}
        self._code_of = {name: {str(v): n for n, v in enumerate(values)} for name, (_, values) in coded.items()}
        names = frame["name"].fillna("").astype("str")
        self._search_texts = (names + "\n" + frame["account_id"]).str.lower().to_numpy(dtype=object)
        self._days_to_term_end = (frame["term_ends_on"] - pd.Timestamp(as_of)).dt.days.to_numpy("float64")
        self._watermelon = _flags(frame, "watermelon")
        self._within_capacity = _flags(frame, "within_capacity")
        self._orders: dict[tuple[str, bool], Positions] = {}
        self._medians: dict[str, float | None] = {}
        self.segments = sorted({str(v) for v in frame["segment"].dropna()})
        self.csms = sorted({str(v) for v in frame["csm"].dropna()})

    def select(self, chosen: ListFilter, visibility: Visibility) -> Positions:
        """Positions of the visible rows that pass the filter, in the order of the list."""
        passes = np.ones(len(self.frame), dtype=bool)
        if visibility.only:
            passes &= self._equals("csm", visibility.only) | self._named(visibility.assigned)
        for column, value in (("segment", chosen.segment), ("csm", chosen.csm), ("risk_band", chosen.band)):
            if value is not None:
                passes &= self._equals(column, value)
        if chosen.renewal_within_days is not None:
            passes &= (self._days_to_term_end >= 0) & (self._days_to_term_end <= chosen.renewal_within_days)
        if chosen.watermelons:
            passes &= self._watermelon
        if chosen.within_capacity:
            passes &= self._within_capacity
        if chosen.q is not None:
            needle = chosen.q.strip().lower()
            passes &= np.fromiter((needle in text for text in self._search_texts), dtype=bool, count=len(passes))
        return np.flatnonzero(passes)

    def ordered(self, chosen: ListOrder, visibility: Visibility) -> Positions:
        """`select`, sorted; empty values last, ties by rank."""
        selected = np.zeros(len(self.frame), dtype=bool)
        selected[self.select(chosen, visibility)] = True
        order = self._order(chosen.sort, chosen.descending)
        return order[selected[order]]

    def without(self, positions: Positions, account_ids: Iterable[str]) -> Positions:
        """The positions but for those of some accounts, in the same order."""
        left_out = [self.position[account] for account in account_ids if account in self.position]
        return positions[~np.isin(positions, left_out)]

    def row(self, account_id: str, visibility: Visibility) -> Row | None:
        """An account's row; None where it is not on the list or not visible."""
        position = self.position.get(account_id)
        row = None if position is None else self.records[position]
        return row if row is not None and visibility.shows(account_id, row["csm"]) else None

    def median(self, column: str) -> float | None:
        """The median of a column over the accounts that have a value; None where none has, or there is no such column.

        Computed once a week: the page of every account shows some beside its own figures.
        """
        if column not in self._medians:
            numbers = pd.to_numeric(self.frame.get(column, pd.Series(dtype="float64")), errors="coerce")
            middle = float(numbers.astype("float64").median())
            self._medians[column] = None if np.isnan(middle) else middle
        return self._medians[column]

    def _named(self, account_ids: Iterable[str]) -> npt.NDArray[np.bool_]:
        named = np.zeros(len(self.frame), dtype=bool)
        named[[self.position[account] for account in account_ids if account in self.position]] = True
        return named

    def _equals(self, column: str, value: str) -> npt.NDArray[np.bool_]:
        return np.asarray(self._codes[column] == self._code_of[column].get(value, NO_CODE))

    def _order(self, sort: str, descending: bool) -> Positions:
        key = (sort, descending)
        if key not in self._orders:
            column = self.frame[sort]
            if not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_datetime64_any_dtype(column):
                column = column.astype("str").str.lower().where(column.notna())
            order = column.reset_index(drop=True).sort_values(
                ascending=not descending, kind="stable", na_position="last"
            )
            self._orders[key] = order.index.to_numpy(dtype=np.intp)
        return self._orders[key]


def _flags(frame: pd.DataFrame, column: str) -> npt.NDArray[np.bool_]:
    """A column of yes and no; empty cells, and those of a column that an older run has not, are no."""
    given = frame[column] if column in frame else pd.Series(False, index=frame.index)
    return given.astype("boolean").fillna(False).to_numpy(dtype=bool)
