from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from report_examples import lists

from rind.reports import charts
from rind.reports import watermelon_charts as melon_charts
from rind.reports.charts import AnyChart

MODELS = ["model", "model", "baseline", "baseline"]


def bins() -> pd.DataFrame:
    columns = {"predicted": [0.1, 0.4], "observed": [0.1, 0.5], "low": [0.0, 0.4], "high": [0.2, 0.6]}
    return pd.DataFrame({"model": MODELS, **{k: v * 2 for k, v in columns.items()}, "accounts": 50})


def curve() -> pd.DataFrame:
    return pd.DataFrame({"model": MODELS, "share_of_accounts": [0.0, 1.0] * 2, "share_of_churn": [0.0, 1.0] * 2})


def folds() -> pd.DataFrame:
    weeks = ["2025-01-06", "2025-04-07"] * 2
    return pd.DataFrame({"model": MODELS, "fold": [0, 1] * 2, "test_from": weeks, "auc": 0.7, "low": 0.6, "high": 0.8})


def families() -> pd.DataFrame:
    return pd.DataFrame({"family": ["usage", "tickets"], "importance": [0.5, 0.2]})


def melon_recall() -> pd.DataFrame:
    rules = ["watermelon", "random_green", "lowest_health", "probability_only"]
    return pd.DataFrame({"rule": rules, "within_days": 30, "recall": 0.4, "low": 0.3, "high": 0.5})


def melon_lead() -> pd.DataFrame:
    return pd.DataFrame({"days_ahead": ["16 to 30 days before", "1 to 15 days before", "never flagged"], "accounts": 3})


def melon_trade_off() -> pd.DataFrame:
    rules = ["riskiest", "lowest_health", "random_green", "watermelon"]
    return pd.DataFrame({"rule": rules, "share": 0.1, "recall": 0.5, "precision": 0.2, "low": 0.1, "high": 0.3})


CHARTS: dict[str, Callable[[], AnyChart]] = {
    "reliability": lambda: charts.reliability(bins()),
    "gains": lambda: charts.gains(curve()),
    "auc_over_folds": lambda: charts.auc_over_folds(folds()),
    "family_importance": lambda: charts.family_importance(families()),
    "health_quadrant": lambda: charts.health_quadrant(lists(30)[0], 70, 0.3),
    "melon_recall": lambda: melon_charts.recall_within(melon_recall()),
    "melon_lead": lambda: melon_charts.lead_times(melon_lead()),
    "melon_trade_off": lambda: melon_charts.trade_off(melon_trade_off()),
    "probabilities": lambda: charts.probabilities(lists(30)[0]),
}


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_becomes_an_svg_that_names_its_axes_and_needs_no_network(name: str) -> None:
    svg = charts.to_svg(CHARTS[name]())
    assert svg.startswith("<svg")
    assert "NaN" not in svg
    assert "undefined" not in svg
    assert "href" not in svg


def test_a_chart_becomes_a_png(tmp_path: Path) -> None:
    charts.to_png(CHARTS["gains"](), tmp_path / "gains.png", scale=1)
    assert (tmp_path / "gains.png").read_bytes().startswith(b"\x89PNG")


def test_model_and_baseline_differ_in_dash_as_well_as_in_colour() -> None:
    encoding = CHARTS["gains"]().to_dict()["layer"][1]["encoding"]
    assert encoding["color"]["scale"]["range"] == [charts.BLUE, charts.ORANGE]
    assert encoding["strokeDash"]["scale"]["range"] == [[1, 0], [6, 3]]


def test_many_accounts_are_thinned_but_every_watermelon_is_drawn() -> None:
    many = pd.DataFrame({"watermelon": [True] * 7 + [False] * 20_000})
    drawn = charts._thinned(many)
    assert drawn["watermelon"].sum() == 7
    assert len(drawn) <= charts.MOST_MARKS + 7


def test_more_rows_than_altairs_limit_are_drawn() -> None:
    listed = lists(30)[0]
    many = pd.concat([listed] * 200, ignore_index=True)
    assert charts.to_svg(charts.probabilities(many)).startswith("<svg")
