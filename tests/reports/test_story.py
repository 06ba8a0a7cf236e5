from __future__ import annotations

from datetime import date

import pandas as pd

from rind.reports import exploration_charts
from rind.reports.charts import to_svg
from rind.reports.story import curves, explained_dates

CATALOGUE = pd.DataFrame(
    {
        "name": ["usage__events__28d", "tickets__open__now"], "family": ["usage", "tickets"],
        "description": ["Uses", "Open tickets"], "unit": ["count", "count"], "direction": 0,
        "sentence": ["{usage__events__28d} uses in four weeks", "{tickets__open__now} tickets are open"],
        "when_zero": "", "when_missing": "",
    }
)  # fmt: skip
HISTORY = pd.DataFrame(
    {
        "as_of": pd.to_datetime(["2025-03-10", "2025-03-03"]), "usage__events__28d": [3.0, 40.0],
        "tickets__open__now": [5.0, 6.0], "never": [None, None],
    }
)  # fmt: skip


def test_every_date_is_told_with_its_own_numbers_in_order_of_time() -> None:
    shap = pd.DataFrame({"usage__events__28d": [0.9, 0.1], "tickets__open__now": [0.2, 0.8], "margin": [1.0, 1.0]})
    told = explained_dates(CATALOGUE, HISTORY, shap, count=2)
    assert list(told.index) == [date(2025, 3, 3), date(2025, 3, 10)]
    assert list(told["reason_1"]) == ["6 tickets are open", "3 uses in four weeks"]


def test_curves_leave_out_what_the_account_does_not_have() -> None:
    table = curves(HISTORY, {"usage__events__28d": "Uses", "never": "Nothing", "absent": "Not there"})
    assert set(table["panel"]) == {"Uses"}
    assert to_svg(exploration_charts.story(table, pd.Timestamp("2025-04-01"))).startswith("<svg")
