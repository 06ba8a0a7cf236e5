"""The numbers of a week, looked up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from rind.features.book.movements import month_after
from rind.serving.views.numbers import Numbers

MONTHS = [month_after(date(2024, 1, 1), n) for n in range(15)]


class OneWeek:
    def __init__(self, frame: pd.DataFrame | None, notes: Any) -> None:
        self.frame, self.notes = frame, notes

    def table(self, _: str) -> pd.DataFrame | None:
        return self.frame

    def document(self, _: str) -> Any:
        return self.notes


def numbers(values: list[float | None], notes: Any = None) -> Numbers:
    rows = [(month, "all", "all", "all", "arr", value) for month, value in zip(MONTHS, values, strict=False)]
    frame = pd.DataFrame(rows, columns=["month", "segment", "csm", "plan", "metric", "value"]).dropna()
    return Numbers(OneWeek(frame, notes))  # type: ignore[arg-type]


def test_the_usual_is_the_month_a_year_ago_and_the_mean_of_the_twelve_before() -> None:
    series = numbers(list(range(15))).series(("all", "all", "all"), "arr")
    assert series is not None
    assert (series.month, series.latest, series.year_ago, series.mean) == (MONTHS[14], 14, 2, sum(range(2, 14)) / 12)


def test_with_few_months_before_there_is_no_mean() -> None:
    short, long = (numbers([1.0] * n).series(("all", "all", "all"), "arr") for n in (6, 7))
    assert short is not None
    assert long is not None
    assert (short.mean, short.year_ago, long.mean) == (None, None, 1.0)


def test_a_number_that_stopped_is_that_of_its_last_month() -> None:
    known = numbers([1.0, 2.0, None, None])
    series = known.series(("all", "all", "all"), "arr")
    assert series is not None
    assert (series.latest, series.month) == (2.0, MONTHS[1])
    assert known.series(("all", "Ann", "all"), "arr") is None


def test_months_from_the_named_one_on_are_preliminary() -> None:
    known = numbers([1.0] * 3, {"partial_from": "2024-03-01"})
    assert [known.is_partial(month) for month in MONTHS[:4]] == [False, False, True, True]
    assert not numbers([1.0], {"partial_from": None}).is_partial(MONTHS[0])


def test_a_week_without_numbers_has_none() -> None:
    for notes in (None, [], {}):
        empty = Numbers(OneWeek(None, notes))  # type: ignore[arg-type]
        assert (empty.months, empty.groups(("all", "all", "all")), empty.churn_by_csm()) == ([], [], [])


def test_of_the_books_one_alone_may_be_asked_for() -> None:
    known = numbers([1.0], {"churn_by_csm": [{"csm": "Ann"}, {"csm": "Bo"}]})
    assert known.churn_by_csm("Bo") == [{"csm": "Bo"}]
    assert len(known.churn_by_csm()) == 2
