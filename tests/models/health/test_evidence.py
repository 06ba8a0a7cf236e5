"""When new weights are recommended: by hand, one reason against them at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.health import Reason, Verdict
from rind.models.health.evidence import band_rates, compare, verdict
from rind.models.health.score import HealthSpec


def evidence(**other: Any) -> dict[str, Any]:
    """Evidence that recommends, but for what is named otherwise: ``measure__end`` or a key."""
    found: dict[str, Any] = {
        "difference": {
            "auc": {"value": 0.03, "low": 0.001, "high": 0.05},
            "auc_same_calendar": {"value": 0.03, "low": 0.001, "high": 0.05},
            "green_churn_recall": {"value": 0.0, "low": -0.02, "high": 0.02},
        },
        "ranks_from": 0.51,
        "level": 0.95,
    }
    for name, value in other.items():
        measure, _, end = name.partition("__")
        if end:
            found["difference"][measure][end] = value
        else:
            found[name] = value
    return found


def test_a_gain_whose_interval_excludes_zero_is_recommended() -> None:
    assert verdict(evidence()) == Verdict(Reason.BETTER)
    assert verdict(evidence()).recommend


@pytest.mark.parametrize(
    ("against", "why"),
    [
        ({"auc__low": 0.0}, Reason.CHANCE),
        ({"auc__low": -0.001}, Reason.CHANCE),
        ({"auc__low": None, "auc__high": None}, Reason.CHANCE),
        ({"auc__low": -0.05, "auc__high": -0.01}, Reason.WORSE),
        ({"auc_same_calendar__low": 0.0}, Reason.CALENDAR_ONLY),
        ({"auc_same_calendar__low": None}, Reason.CALENDAR_ONLY),
        ({"ranks_from": 0.5}, Reason.NO_BETTER_THAN_A_COIN),
        ({"ranks_from": None}, Reason.NO_BETTER_THAN_A_COIN),
        ({"green_churn_recall__high": -0.001}, Reason.CATCHES_FEWER),
    ],
)
def test_one_reason_against_new_weights_is_enough(against: dict[str, Any], why: Reason) -> None:
    assert verdict(evidence(**against)) == Verdict(why)
    assert not verdict(evidence(**against)).recommend


def test_rows_of_one_account_are_one_draw_of_the_bootstrap() -> None:
    """Forty copies of every row tell no more: the intervals stay as wide."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"account_id": np.arange(60), "churned": (rng.random(60) < 0.3).astype(float)})
    rows["old"], rows["new"] = rng.uniform(0, 100, 60), rng.uniform(0, 100, 60) - 20 * rows["churned"]
    many = pd.concat([rows] * 40, ignore_index=True)

    def width(of: pd.DataFrame) -> float:
        gain = compare(of, of["old"], of["new"], 65, 300, 0)["difference"]["auc"]
        return float(gain["high"] - gain["low"])

    assert width(many) == pytest.approx(width(rows), rel=0.05)


def test_the_rates_of_bands_have_intervals_by_account_too() -> None:
    spec = HealthSpec(weights={"usage": 100}, curves={"usage__what__now": (0, 100)}, amber_from=45, green_from=65)
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"account_id": np.arange(60), "churned": (rng.random(60) < 0.3).astype(float)})
    points = pd.Series(rng.uniform(50, 100, 60))
    many, again = pd.concat([rows] * 40, ignore_index=True), pd.concat([points] * 40, ignore_index=True)
    once, often = (band_rates(r, p, spec, 300, 0)["green"] for r, p in ((rows, points), (many, again)))
    assert once["rate"] == often["rate"]
    assert (often["low"], often["high"]) == pytest.approx((once["low"], once["high"]))
