from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.reports import exploration, exploration_charts
from rind.reports.charts import to_svg

CATALOGUE = pd.DataFrame(
    {
        "name": ["usage__events__28d", "usage__idle__now", "tickets__open__now", "commercial__plan__now"],
        "family": ["usage", "usage", "tickets", "commercial"],
        "description": ["Uses of the product", "Never varies", "Open tickets", "Plan"],
        "unit": ["count", "count", "count", "text"],
    }
)


@pytest.fixture
def known() -> pd.DataFrame:
    """40 accounts on one date a quarter; those that leave use the product less, in the second quarter only."""
    churned = np.tile([1.0] * 10 + [0.0] * 30, 2)
    second = np.repeat([False, True], 40)
    return pd.DataFrame(
        {
            "account_id": np.tile([f"a{i}" for i in range(40)], 2),
            "as_of": np.repeat(pd.to_datetime(["2025-02-03", "2025-05-05"]), 40),
            "churned": churned,
            "usage__events__28d": np.where(second & (churned == 1), 1.0, 100.0 + np.tile(np.arange(40) % 5, 2)),
            "usage__idle__now": 0.0,
            "tickets__open__now": np.where(np.tile(np.arange(40) % 2, 2) == 1, np.nan, np.tile(np.arange(40), 2)),
            "commercial__plan__now": "basic",
        }
    )


def test_the_share_of_empty_cells_is_told_by_family_and_month(known: pd.DataFrame) -> None:
    missing = exploration.missing_by_family(known, CATALOGUE).set_index(["month", "family"])["missing"]
    assert missing[pd.Timestamp("2025-02-01"), "tickets"] == 0.5
    assert missing[pd.Timestamp("2025-05-01"), "usage"] == 0.0


def test_the_spread_tells_features_that_never_vary_and_texts(known: pd.DataFrame) -> None:
    spread = exploration.spread(known, CATALOGUE)
    assert list(spread.index) == list(CATALOGUE["name"])
    assert spread.loc["usage__idle__now", "different"] == 1
    assert spread.loc["tickets__open__now", "missing"] == 0.5
    assert np.isnan(spread.loc["commercial__plan__now", "median"])


def test_a_feature_goes_with_churn_in_the_quarter_in_which_it_does(known: pd.DataFrame) -> None:
    found = exploration.association(known, CATALOGUE).set_index(["quarter", "feature"])
    first, second = (found.loc[(quarter, "usage__events__28d")] for quarter in ("2025 Q1", "2025 Q2"))
    assert abs(first["correlation"]) < first["noise"]
    assert second["correlation"] < -0.7


def test_noise_counts_the_accounts_that_have_a_value(known: pd.DataFrame) -> None:
    twice = pd.concat([known, known.assign(as_of=known["as_of"] + pd.Timedelta(days=7))])
    found = exploration.association(twice, CATALOGUE).set_index(["quarter", "feature"])
    assert found.loc[("2025 Q1", "tickets__open__now"), "accounts"] == 20
    assert found.loc[("2025 Q1", "tickets__open__now"), "noise"] == pytest.approx(1.96 / 20**0.5)


def test_what_does_not_vary_and_quarters_with_too_few_that_left_are_left_out(known: pd.DataFrame) -> None:
    assert "usage__idle__now" not in set(exploration.association(known, CATALOGUE)["feature"])
    assert exploration.association(known, CATALOGUE, min_churned=11).empty
    assert exploration.association(known.head(0), CATALOGUE).empty


def test_the_strongest_of_each_family_are_kept_with_all_their_quarters(known: pd.DataFrame) -> None:
    best = exploration.strongest(exploration.association(known, CATALOGUE), per_family=1)
    assert best.groupby("family")["feature"].nunique().to_dict() == {"tickets": 1, "usage": 1}
    assert best["quarter"].nunique() == 2


def test_the_charts_can_be_drawn(known: pd.DataFrame) -> None:
    found = exploration.association(known, CATALOGUE)
    features = ["usage__events__28d", "tickets__open__now"]
    for chart in (
        exploration_charts.distributions(known, features, CATALOGUE),
        exploration_charts.missing_over_time(exploration.missing_by_family(known, CATALOGUE)),
        exploration_charts.association_over_time(found, CATALOGUE),
        exploration_charts.search_trials(pd.DataFrame({"trial": [1, 0], "log_loss": [0.2, 0.3]})),
    ):
        assert to_svg(chart).startswith("<svg")
