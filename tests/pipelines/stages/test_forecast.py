"""Which quarters are forecast, and when."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from rind.features.book.movements import month_after
from rind.features.book.standing import Outlook
from rind.pipelines.stages.forecast import planned

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


def test_old_predictions_forecast_no_quarter_but_the_past_is_still_told() -> None:
    first = date(2025, 4, 1)
    assert Outlook(first - timedelta(days=13), first) in planned(MONTHS, [first - timedelta(days=13)], AS_OF, 0)
    late = planned(MONTHS, [first - timedelta(days=14)], AS_OF, 0)
    assert [outlook for outlook in late if outlook.quarter == first] == [Outlook(AS_OF, first)]


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
