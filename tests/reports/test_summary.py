from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from report_examples import AS_OF, lists, ranked

from rind.reports.summary import NO_SEGMENT, NO_TERM, PAST, summarise


def test_money_at_risk_is_a_years_expected_loss_and_every_table_adds_up_to_it() -> None:
    listed = lists(60)[0]
    summary = summarise(listed, AS_OF)
    expected = 12 * (listed["mrr"] * listed["churn_probability"]).sum()
    for table in (summary.by_band, summary.by_segment, summary.by_month):
        assert table["arr_at_risk"].sum() == pytest.approx(expected)
        assert table["accounts"].sum() == 60
    assert summary.totals["arr_at_risk"] == pytest.approx(expected)


def test_renewals_are_in_order_with_the_past_first_and_the_unknown_last() -> None:
    ends = [date(2026, 3, 1), date(2026, 3, 2), date(2027, 1, 5), None]
    scored = pd.DataFrame(
        {"account_id": list("abcd"), "mrr": 1.0, "churn_probability": 0.1, "term_ends_on": ends, "watermelon": None}
    )
    summary = summarise(ranked(scored), date(2026, 3, 2))
    assert summary.by_month["month"].tolist() == [PAST, "2026-03", "2027-01", NO_TERM]
    assert summary.by_segment["segment"].tolist() == [NO_SEGMENT]
    assert summary.watermelons.empty


def test_all_bands_are_listed_even_where_one_is_empty() -> None:
    scored = pd.DataFrame({"account_id": ["a"], "mrr": [10.0], "churn_probability": [0.9]})
    summary = summarise(ranked(scored), AS_OF)
    assert summary.by_band[["band", "accounts"]].to_numpy().tolist() == [["red", 1], ["amber", 0], ["green", 0]]
    assert summary.totals["arr_red"] == 120


def test_renewals_beyond_the_horizon_are_not_forecast_and_its_last_month_stands_twice() -> None:
    ends = [date(2026, 5, 31), date(2026, 6, 1), date(2026, 7, 1), None]  # the horizon ends on 31 May
    scored = pd.DataFrame({"account_id": list("abcd"), "mrr": 1.0, "churn_probability": 0.1, "term_ends_on": ends})
    months = summarise(ranked(scored), AS_OF, 90).by_month
    assert list(zip(months["month"], months["forecast"], strict=True)) == [
        ("2026-05", True), ("2026-06", False), ("2026-07", False), (NO_TERM, True),
    ]  # fmt: skip
    months = summarise(ranked(scored), AS_OF, 91).by_month
    assert months["month"].tolist() == ["2026-05", "2026-06", "2026-07", NO_TERM]
    scored.loc[2, "term_ends_on"] = date(2026, 6, 2)
    assert summarise(ranked(scored), AS_OF, 91).by_month["month"].tolist()[1:3] == ["2026-06", "2026-06, later"]
