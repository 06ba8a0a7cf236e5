from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.reports import review

FIGURE = {"value": 0.75, "low": 0.7, "high": 0.8}
METRICS = {
    "model": {"auc": FIGURE, "lift_at_5pct": {"value": None, "low": None, "high": None}},
    "baseline": {"auc": {"value": 0.5, "low": None, "high": None}, "lift_at_5pct": FIGURE},
    "model_minus_baseline": {"auc": FIGURE},
    "segments": {
        "small": {
            "model": {"auc": FIGURE},
            "rows": {"accounts": 9, "churned_accounts": 2, "base_rate": 0.25, "rows": 40},
        }
    },
}


def test_figures_stand_with_their_intervals_and_say_what_was_not_measured() -> None:
    table = review.figures(METRICS)
    assert table.loc["Ranking (AUC)"].tolist() == ["0.750 (0.700 to 0.800)", "0.500", "0.750 (0.700 to 0.800)"]
    assert table.loc["lift at 5 %", "model"] == "not measured"


def test_nothing_measured_gives_an_empty_table() -> None:
    assert review.figures({"model": {}, "baseline": {}}).empty


def test_a_segment_stands_with_its_size() -> None:
    row = review.by_segment(METRICS).loc["small"]
    assert row.tolist() == [9, 2, "25.0%", "0.750 (0.700 to 0.800)"]


def test_a_fold_counts_unknown_outcomes_as_unknown() -> None:
    backtest = pd.DataFrame(
        {
            "fold": [0, 0, 1], "trained_as_of": pd.to_datetime(["2025-01-06", "2025-01-06", "2025-03-03"]),
            "as_of": pd.to_datetime(["2025-01-06", "2025-01-13", "2025-03-03"]), "account_id": ["a", "a", "b"],
            "churned": [0.0, 1.0, np.nan],
        }
    )  # fmt: skip
    folds = review.folds(backtest)
    assert folds.loc[0, ["accounts", "rows", "known", "churned_accounts"]].tolist() == [1, 2, 2, 1]
    assert folds.loc[1, ["known", "churned_accounts"]].tolist() == [0, 0]


def test_trials_come_best_first_with_their_number() -> None:
    table = review.trials({"trials": [{"log_loss": 0.3, "num_leaves": 8}, {"log_loss": 0.2, "num_leaves": 4}]})
    assert table["trial"].tolist() == [1, 0]
    assert review.trials({"trials": []}).empty


def test_attributions_are_wide_riskiest_first_and_add_up() -> None:
    long = pd.DataFrame(
        {
            "account_id": ["a", "a", "b", "b"], "feature": ["usage__x__now", "usage__y__now"] * 2,
            "value": [1.0, np.nan, 3.0, np.nan], "shap_value": [0.1, 0.2, 1.0, 2.0],
            "base_value": -1.0, "margin": [-0.7, -0.7, 2.0, 2.0],
        }
    )  # fmt: skip
    catalogue = pd.DataFrame({"name": ["usage__x__now"], "description": ["a description of many words"]})
    found = review.attributions(long, catalogue, width=16)
    assert found.accounts.tolist() == ["b", "a"]
    assert found.names == ["a description ...", "usage__y__now"]
    assert found.base_values + found.values.sum(axis=1) == pytest.approx([2.0, -0.7])
    assert found.data.shape == (2, 2)
