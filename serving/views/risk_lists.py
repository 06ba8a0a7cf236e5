"""The risk list as people ask for it: who may see which rows, filters, order, pages."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Annotated, Any, Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from rind.reports.tables import records
from rind.serving.access.access_file import Principal
from rind.serving.problems import ProblemError
from rind.serving.settings import Settings
from rind.serving.store.protocols import Week

Rows = npt.NDArray[np.intp]
NOBODY = -2  # a code that no row has; -1 is an empty cell
Sort = Literal[
    "rank", "name", "segment", "csm", "mrr", "mrr_at_risk", "term_ends_on", "churn_probability", "health_score",
    "rank_change",
]  # fmt: skip
DESCENDING = {"mrr", "mrr_at_risk", "churn_probability", "rank_change"}
"""Columns that are read with the largest first."""


def blank_is_none(value: Any) -> Any:
    """A form sends its empty fields too."""
    return None if isinstance(value, str) and not value.strip() else value


def _all_is_none(value: Any) -> Any:
    return None if value == ALL else blank_is_none(value)


ALL = "all"
"""What a CSM who is shown the own accounts first asks for to see everybody's."""
Line = Annotated[str, Field(max_length=200)]
Days = Annotated[int, Field(ge=0, le=3650)]
Text = Annotated[Line | None, BeforeValidator(blank_is_none)]


class ListFilter(BaseModel):
    """Which accounts of the list; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: Text = Field(default=None, description="Only accounts of this segment")
    csm: Annotated[Line | None, BeforeValidator(_all_is_none)] = Field(
        default=None, description="Only accounts of this customer success manager"
    )
    band: Annotated[Literal["red", "amber", "green"] | None, BeforeValidator(blank_is_none)] = Field(
        default=None, description="Only accounts of this risk band"
    )
    renewal_within_days: Annotated[Days | None, BeforeValidator(blank_is_none)] = Field(
        default=None, description="Only accounts whose term ends within so many days of the scoring date"
    )
    watermelons: bool = Field(default=False, description="Only accounts that are green outside and red inside")
    q: Text = Field(
        default=None, description="Only accounts whose name or id contains this text, upper and lower case alike"
    )


class ListOrder(ListFilter):
    """Which accounts, in which order."""

    sort: Sort = Field(default="rank", description="The column to sort by; accounts without a value come last")
    order: Annotated[Literal["asc", "desc"] | None, BeforeValidator(blank_is_none)] = Field(
        default=None,
        description="asc or desc; without it money, risk and moves come largest first, all else smallest first",
    )

    @property
    def descending(self) -> bool:
        return self.order == "desc" if self.order else self.sort in DESCENDING


class ListPage(ListOrder):
    """A page of the list."""

    page: int = Field(default=1, ge=1, le=100_000, description="Counted from 1; a page beyond the last is empty")


Filter = TypeVar("Filter", bound=BaseModel)


def parsed(kind: type[Filter], query: Mapping[str, str]) -> Filter:
    """A filter from a query string; quicker than FastAPI's own way, since pages stand in no document."""
    try:
        return kind.model_validate(dict(query))
    except ValidationError as error:
        told = [{"where": ".".join(map(str, e["loc"])), "what": str(e["msg"])} for e in error.errors()[:20]]
        raise ProblemError(422, errors=told) from None


@dataclass(frozen=True)
class View:
    """Whose rows: ``only`` confines to the accounts of one CSM, ``first`` is who they are shown first; "" for none."""

    only: str = ""
    first: str = ""

    @classmethod
    def of(cls, who: Principal, settings: Settings) -> View:
        """What this principal may see. A key with a CSM is always confined to it."""
        if not who.csm:
            return cls()
        confined = who.role == "key" or settings.csm_sees == "own_only"
        return cls(only=who.csm, first=who.csm) if confined else cls(first=who.csm)


class Board:
    """The list of one week, ready to be searched: texts in small letters, dates as numbers, codes for names."""

    def __init__(self, week: Week) -> None:
        frame = week.risk_list
        self.frame = frame
        self.records: list[dict[str, Any]] = records(frame)
        self.place = {row["account_id"]: n for n, row in enumerate(self.records)}
        coded = {name: pd.factorize(frame[name].astype("object")) for name in ("segment", "csm", "risk_band")}
        self._codes = {name: codes for name, (codes, _) in coded.items()}
        self._names = {name: {str(v): n for n, v in enumerate(values)} for name, (_, values) in coded.items()}
        names = frame["name"].fillna("").astype("str")
        self._search = (names + "\n" + frame["account_id"]).str.lower().to_numpy(dtype=object)
        self._days = (frame["term_ends_on"] - pd.Timestamp(week.as_of)).dt.days.to_numpy("float64")
        self._melon = frame["watermelon"].fillna(False).to_numpy(dtype=bool)
        self._orders: dict[tuple[str, bool], Rows] = {}
        self.segments = sorted({str(v) for v in frame["segment"].dropna()})
        self.csms = sorted({str(v) for v in frame["csm"].dropna()})

    def select(self, asked: ListFilter, view: View) -> Rows:
        """Positions of the rows that fit, in the order of the list."""
        fits = np.ones(len(self.frame), dtype=bool)
        if view.only:
            fits &= self._is("csm", view.only)
        for column, wanted in (("segment", asked.segment), ("csm", asked.csm), ("risk_band", asked.band)):
            if wanted is not None:
                fits &= self._is(column, wanted)
        if asked.renewal_within_days is not None:
            fits &= (self._days >= 0) & (self._days <= asked.renewal_within_days)
        if asked.watermelons:
            fits &= self._melon
        if asked.q is not None:
            needle = asked.q.strip().lower()
            fits &= np.fromiter((needle in text for text in self._search), dtype=bool, count=len(fits))
        return np.flatnonzero(fits)

    def _is(self, column: str, wanted: str) -> npt.NDArray[np.bool_]:
        return np.asarray(self._codes[column] == self._names[column].get(wanted, NOBODY))

    def ordered(self, asked: ListOrder, view: View) -> Rows:
        """`select`, sorted; empty values last, ties by rank."""
        chosen = np.zeros(len(self.frame), dtype=bool)
        chosen[self.select(asked, view)] = True
        order = self._order(asked.sort, asked.descending)
        return order[chosen[order]]

    def visible(self, account_id: str, view: View) -> dict[str, Any] | None:
        """An account's row, if it is in the list and may be seen."""
        place = self.place.get(account_id)
        row = None if place is None else self.records[place]
        return row if row is not None and view.only in ("", row["csm"]) else None

    def _order(self, sort: str, descending: bool) -> Rows:
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


Made = TypeVar("Made")


class PerWeek(Generic[Made]):
    """What is made of a week, kept for the last few weeks: no request makes it twice."""

    def __init__(self, make: Callable[[Week], Made], kept: int = 2) -> None:
        self._make = make
        self._kept = kept
        self._made: OrderedDict[str, Made] = OrderedDict()
        self._lock = Lock()

    def of(self, week: Week) -> Made:
        """What was made of this week."""
        found = self._made.get(week.version)
        if found is None:
            with self._lock:
                found = self._made.get(week.version)
                if found is None:
                    found = self._made[week.version] = self._make(week)
                while len(self._made) > self._kept:
                    self._made.popitem(last=False)
        return found
