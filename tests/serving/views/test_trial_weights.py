"""What other weights of the health score would have told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from rind.models.common.frames import SEGMENT
from rind.models.health.score import HealthSpec, Override, score
from rind.serving.views.trial_weights import PastHealth, WeightQuestion, bands_under


def history(churned: list[float]) -> pd.DataFrame:
    """Four accounts on one date whose outcomes are all known; one has no tickets."""
    return pd.DataFrame(
        {
            "account_id": list("abcd"), "as_of": pd.Timestamp("2026-01-05"), "churned": churned,
            "health_usage": [90.0, 60.0, 30.0, 80.0], "health_tickets": [90.0, np.nan, 50.0, 20.0],
        }
    )  # fmt: skip


def test_the_bands_are_those_of_the_weighted_scores() -> None:
    bands = bands_under(PastHealth(history([0, 0, 1, 1])), WeightQuestion({"usage": 50, "tickets": 50}, 45, 65))
    assert bands is not None  # scores 90, 60, 40, 50: what has no data counts for nothing
    assert bands.share == {"red": 0.25, "amber": 0.5, "green": 0.25}
    assert bands.caught == {"red": 0.5, "amber": 0.5, "green": 0.0}
    assert bands.churn_rate == {"red": 1.0, "amber": 0.5, "green": 0.0}
    assert bands.auc == pytest.approx(roc_auc_score([0, 0, 1, 1], [-90, -60, -40, -50]))


def test_without_departures_there_is_nothing_to_rank() -> None:
    bands = bands_under(PastHealth(history([0, 0, 0, 0])), WeightQuestion({"usage": 1}, 45, 65))
    assert bands is not None
    assert bands.auc is None
    assert bands.caught["red"] is None
    assert bands_under(PastHealth(history([0, 0, 0, 1])), WeightQuestion({"usage": 0}, 45, 65)) is None


def test_a_segment_keeps_its_own_weights_while_others_are_tried() -> None:
    past = PastHealth(history([0, 0, 1, 1]).assign(segment=["big", "small", "big", None]))
    own = {"big": {"usage": 0, "tickets": 100}}
    question = WeightQuestion({"usage": 100, "tickets": 0}, 45, 65, own)
    np.testing.assert_array_equal(past.scores(question), [90, 60, 50, 80])
    only_big = replace(question, only="big")
    np.testing.assert_array_equal(past.scores(only_big), [90, np.nan, 50, np.nan])
    bands = bands_under(past, only_big)
    assert bands is not None
    assert (bands.rows, bands.share) == (2, {"red": 0.0, "amber": 0.5, "green": 0.5})
    np.testing.assert_array_equal(past.scores(replace(question, only="none such")), [np.nan] * 4)


def test_what_the_csm_said_of_the_use_counts_as_in_the_score_itself() -> None:
    frame = history([0, 0, 1, 1]).assign(health_fit=["no", None, "yes", "no"])
    past = PastHealth(frame, {"yes": 1.0, "no": 0.0})
    question = WeightQuestion({"usage": 50, "tickets": 50}, 45, 65)
    np.testing.assert_array_equal(past.scores(question), [90, 60, 40, 20])  # the last: 50 without the doubt


def test_todays_weights_give_the_score_that_the_run_wrote() -> None:
    """Segments with weights of their own, doubted use, families without data: all at once."""
    rng = np.random.default_rng(3)
    size = 200
    features = pd.DataFrame({"account_id": range(size), "as_of": pd.Timestamp("2026-01-05")})
    features[SEGMENT] = rng.choice(["big", "small", "other"], size)
    for name in ("usage__a__now", "tickets__b__now", "surveys__c__now"):
        features[name] = np.where(rng.random(size) < 0.2, np.nan, rng.random(size))
    curves = dict.fromkeys(("usage__a__now", "tickets__b__now", "surveys__c__now"), (0.0, 1.0))
    big = Override(weights={"usage": 10, "tickets": 90}, curves={"usage__a__now": (1.0, 0.5)})
    segments = {"big": big, "small": Override()}
    factors = {"fits": 1.0, "unsure": 0.7, "misfits": 0.4}
    spec = HealthSpec(
        weights={"usage": 40, "tickets": 40, "surveys": 20}, curves=curves, amber_from=45, green_from=65,
        segments=segments, fit_usage_factor=factors,
    )  # fmt: skip
    fit = pd.Series(rng.choice(["yes", "no", "unsure", ""], size), dtype="object").replace("", None)
    scored = score(features, spec, fit)
    names = ["account_id", "as_of", "health_usage", "health_tickets", "health_surveys"]
    frame = scored[names].assign(health_fit=fit, segment=features[SEGMENT], churned=0.0)
    today = WeightQuestion(spec.weights, 45, 65, {"big": {"usage": 10, "tickets": 90}})
    np.testing.assert_allclose(PastHealth(frame, factors).scores(today), scored["health_score"])
