from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.evaluation.curves import BINS, gains, over_folds, reliability

MODELS = {"model": "p", "baseline": "q"}


def known(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.01, 0.6, rows)
    return pd.DataFrame(
        {
            "account_id": [f"a{n % 80}" for n in range(rows)], "as_of": pd.Timestamp("2024-01-01"), "mrr": 1.0,
            "fold": np.arange(rows) % 3, "p": p, "q": rng.uniform(0, 1, rows),
            "churned": (rng.random(rows) < p).astype(float),
        }
    )  # fmt: skip


def test_reliability_has_ten_equal_parts_and_a_calibrated_model_lies_within_its_intervals() -> None:
    found = reliability(known(4000), MODELS, draws=60, seed=1)
    model = found[found["model"] == "model"]
    assert len(model) == BINS
    assert model["accounts"].tolist() == [400] * BINS
    assert (model["low"] <= model["observed"]).all()
    assert (model["observed"] <= model["high"]).all()
    assert ((model["low"] <= model["predicted"]) & (model["predicted"] <= model["high"])).mean() >= 0.7
    assert model["predicted"].is_monotonic_increasing


def test_gains_run_from_nothing_to_all_and_a_perfect_model_holds_all_churn_at_the_base_rate() -> None:
    perfect = known().assign(p=lambda t: t["churned"])
    found = gains(perfect, {"model": "p"}, 0, 0).set_index("share_of_accounts")["share_of_churn"]
    assert found.loc[0.0] == 0.0
    assert found.loc[1.0] == 1.0
    base = perfect["churned"].mean()
    assert (found[found.index >= base] > 0.999).all()
    assert found.is_monotonic_increasing


def test_gains_of_a_list_that_is_all_ties_are_the_diagonal_whatever_the_order_of_the_rows() -> None:
    ordered = known().assign(p=0.5).sort_values("churned", ascending=False)
    found = gains(ordered, {"model": "p"}, 0, 0)
    assert found["share_of_churn"].to_numpy() == pytest.approx(found["share_of_accounts"].to_numpy())


def test_folds_without_churn_are_absent() -> None:
    rows = known()
    rows.loc[rows["fold"] == 1, "churned"] = 0.0
    found = over_folds(rows, MODELS, draws=30, seed=1)
    assert sorted(found["fold"].unique()) == [0, 2]
    assert (found["low"] <= found["auc"]).all()
    assert (found["auc"] <= found["high"]).all()


@pytest.mark.parametrize("curve", [reliability, gains, over_folds])
def test_nothing_measured_gives_an_empty_curve_with_its_columns(curve) -> None:
    found = curve(known().head(0), MODELS, 20, 1)
    assert len(found) == 0
    assert "model" in found.columns
