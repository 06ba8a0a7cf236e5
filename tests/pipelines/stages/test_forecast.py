"""Which quarters are forecast, and when."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from rind.features.book.movements import month_after
from rind.features.book.standing import Outlook
from rind.pipelines.stages.forecast import _with_latest, months_of, planned

MONTHS = [month_after(date(2024, 2, 1), n) for n in range(16)]
AS_OF = date(2025, 6, 28)


def test_a_quarter_is_forecast_by_the_last_predictions_before_it_or_of_its_first_day() -> None:
    predicted = [date(2025, 3, 24), date(2025, 3, 31), date(2025, 4, 7), AS_OF]
    outlooks = planned(MONTHS, predicted, AS_OF, 1)
    assert outlooks == [
        *(Outlook(day, day) for day in (date(2024, 4, 1), date(2024, 7, 1), date(2024, 10, 1), date(2025, 1, 1))),
        Outlook(date(2025, 3, 31), date(2025, 4, 1)),
        *(Outlook(AS_OF, quarter) for quarter in (date(2025, 4, 1), date(2025, 7, 1))),
    ]  # fmt: skip


def test_on_the_first_day_of_a_quarter_it_is_forecast_once() -> None:
    first = date(2025, 7, 1)
    outlooks = planned(MONTHS, [date(2025, 6, 30), first], first, 1)
    assert len(outlooks) == len(set(outlooks))
    assert [one.period for one in outlooks if one.made_on == first] == [first, date(2025, 10, 1)]


def test_old_predictions_forecast_no_quarter_but_the_past_is_still_told() -> None:
    first = date(2025, 4, 1)
    assert Outlook(first - timedelta(days=13), first) in planned(MONTHS, [first - timedelta(days=13)], AS_OF, 0)
    late = planned(MONTHS, [first - timedelta(days=14)], AS_OF, 0)
    assert [outlook for outlook in late if outlook.period == first] == [Outlook(AS_OF, first)]


def test_a_quarter_has_its_months_but_those_that_are_over_on_the_day() -> None:
    today, past = Outlook(AS_OF, date(2025, 4, 1)), Outlook(date(2025, 3, 31), date(2025, 4, 1))
    assert [month.period.month for month in months_of([today, past])] == [6, 4, 5, 6]
    assert {month.months for month in months_of([today])} == {1}
    assert months_of([Outlook(date(2025, 4, 30), date(2025, 4, 1))])[0].period == date(2025, 4, 1)


def test_an_outcome_counts_for_less_than_so_many_days_and_today_only_on_the_day() -> None:
    rows = pd.DataFrame({"account_id": "a", "made_on": pd.to_datetime(["2025-03-31", "2025-04-27", "2025-06-28"])})
    probabilities = pd.DataFrame(
        {"account_id": ["a", "a", "b"], "made_on": pd.to_datetime(["2025-03-31", "2025-06-10", "2025-04-27"]),
         "probability": [0.1, 0.2, 0.3]}
    )  # fmt: skip
    latest = _with_latest(rows, probabilities, "contraction_probability", 28, AS_OF)["contraction_probability"]
    assert latest.fillna(-1).tolist() == [0.1, 0.1, -1]
    later = probabilities.assign(made_on=probabilities["made_on"] + pd.Timedelta(days=1))
    latest = _with_latest(rows, later, "contraction_probability", 28, AS_OF)["contraction_probability"]
    assert latest.fillna(-1).tolist() == [-1, 0.1, -1]


def test_the_months_of_a_quarter_end_in_the_quarter(small_run: Path) -> None:
    quarters, months = (
        pd.read_parquet(small_run / f"results/{name}.parquet") for name in ("forecast", "forecast_months")
    )
    keys = ["made_on", "segment", "csm"]
    months = months.assign(quarter=pd.to_datetime(months["month"]).dt.to_period("Q").dt.start_time.dt.date)
    both = quarters.merge(months, on=[*keys, "quarter"], suffixes=("", "_month"))
    last = both[pd.to_datetime(both["month"]).dt.month % 3 == 0]
    assert len(last) > 20
    for name in ("arr", "arr_up_for_renewal", "arr_leaving", "arr_at_risk", "arr_expected", "low", "grr"):
        assert (last[name] - last[f"{name}_month"]).abs().max() < 1e-6
    for _, rows in months[months["segment"] == "all"].sort_values("month").groupby(["made_on", "csm"]):
        assert rows["arr_up_for_renewal"].is_monotonic_increasing
        assert rows["arr_leaving"].is_monotonic_increasing


def test_the_part_says_what_was_there_on_each_day(small_run: Path) -> None:
    """Revenue on the day of the forecast is that of the subscriptions, and what came is that of the quarter's end."""
    made = pd.read_parquet(small_run / "results/forecast.parquet")
    terms = pd.read_parquet(small_run / "source/subscriptions.parquet")
    terms = terms.assign(**{name: pd.to_datetime(terms[name]) for name in ("starts_on", "ended_on")})
    whole = made[(made["segment"] == "all") & (made["csm"] == "all")]
    assert len(whole) >= 3
    for row in whole.to_dict("records"):
        day = pd.Timestamp(row["made_on"])
        paid = terms[(terms["starts_on"] <= day) & (terms["ended_on"].isna() | (terms["ended_on"] > day))]
        assert row["arr"] == 12 * paid["mrr"].sum() or abs(row["arr"] / (12 * paid["mrr"].sum()) - 1) < 1e-9
        assert row["low"] <= row["high"] <= 3 * row["arr"]
