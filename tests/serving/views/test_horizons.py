"""When an account may leave, as its page and the model page tell it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rind.serving.views.horizons import horizon_figures, outlook


def test_an_account_stands_beside_the_median_of_those_that_have_the_figure() -> None:
    median = {"probability_30d": 0.2}.get
    lines = outlook({"probability_30d": 0.1, "renewal_probability": None}, median)
    assert [(line.words, line.value, line.usual) for line in lines] == [("leaves within 30 days", 0.1, 0.2)]
    assert outlook({"probability_30d": None}, median) == []


def test_only_what_was_measured_is_shown() -> None:
    measured = {"auc": {"value": 0.8, "low": 0.7, "high": 0.9}}
    part = {"days": 30, "rows": 5, "churned_accounts": 3, "model": measured, "score": measured}
    record = {"horizons": [part, {**part, "days": 365, "model": {}}], "renewal": {}}
    week: Any = SimpleNamespace(document={"horizon_figures": record}.get)
    shown = horizon_figures(week)
    assert [row["name"] for row in shown] == ["30 days"]
    assert (shown[0]["figures"]["auc"].value, shown[0]["figures"]["calibration_slope"]) == (0.8, None)
    nothing: Any = SimpleNamespace(document=lambda _: None)
    assert horizon_figures(nothing) == []
