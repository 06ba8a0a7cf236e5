from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.health import Reason
from rind.common.families import FAMILIES
from rind.models.health.weights import Tuning, propose
from rind.pipelines.params import load
from rind.pipelines.stages import tune_health

GREEN = 70.0
USAGE_HEAVY = {"usage": 60, "tickets": 10, "contacts": 10, "surveys": 10, "engagement": 5, "commercial": 5}


def company(seed: int, effect: float, accounts: int = 300, weeks: int = 50) -> pd.DataFrame:
    """Weekly health of accounts whose tickets (and nothing else) decide how soon they leave."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(0, 100, (accounts, len(FAMILIES)))
    leaves_after = rng.exponential(np.exp(5.5 + effect * (base[:, 1] / 100 - 0.5)))
    parts = []
    for week in range(weeks):
        here = leaves_after > 7 * week
        part = pd.DataFrame(base[here], columns=[f"health_{f}" for f in FAMILIES])
        part["account_id"] = np.flatnonzero(here)
        part["as_of"] = pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=week)
        part["churned"] = (leaves_after[here] - 7 * week <= 28).astype("float64")
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def tuned(draws: int = 20) -> Tuning:
    return replace(tune_health.tuning(load()), bounds={}, embargo_days=28, draws=draws, seed=0)


def test_weights_move_to_the_family_that_decides_and_are_recommended() -> None:
    found = propose(company(0, 6.0), USAGE_HEAVY, tuned(100), GREEN)
    assert max(found["proposed"], key=found["proposed"].get) == "tickets"
    assert found["verdict"].recommend
    assert found["evidence"]["difference"]["auc"]["low"] > 0


def test_where_health_means_nothing_new_weights_are_almost_never_recommended() -> None:
    recommended = [propose(company(s, 0.0), USAGE_HEAVY, tuned(100), GREEN)["verdict"].recommend for s in range(10)]
    assert sum(recommended) <= 1


def test_the_dates_that_give_the_evidence_take_no_part_in_the_fit() -> None:
    rows = company(1, 6.0)
    found = propose(rows, USAGE_HEAVY, tuned(), GREEN)
    fitted_to, tested_from = (pd.Timestamp(found["evidence"][k][e]) for k, e in (("fitted", "to"), ("tested", "from")))
    assert fitted_to + pd.Timedelta(days=28) < tested_from
    turned = rows.assign(churned=rows["churned"].where(rows["as_of"] < tested_from, 1 - rows["churned"]))
    assert propose(turned, USAGE_HEAVY, tuned(), GREEN)["proposed"] == found["proposed"]


def test_dates_on_which_only_the_leavers_are_known_are_left_out() -> None:
    rows = company(2, 6.0)
    last = rows["as_of"].max()
    early_known = rows["churned"].where((rows["as_of"] < last) | (rows["churned"] == 1))
    found = propose(rows.assign(churned=early_known), USAGE_HEAVY, tuned(), GREEN)
    assert pd.Timestamp(found["evidence"]["tested"]["to"]) < last


def test_too_few_departures_leave_todays_weights_and_say_so() -> None:
    found = propose(company(3, 0.0, accounts=20), USAGE_HEAVY, tuned(), GREEN)
    assert (found["proposed"], found["verdict"].recommend, found["evidence"]) == (USAGE_HEAVY, False, None)
    verdict = found["verdict"]
    assert verdict.reason is Reason.TOO_FEW_DEPARTED
    assert min(verdict.departed_in_fit, verdict.departed_in_test) < verdict.needed == 20


def test_a_family_without_data_keeps_its_weight() -> None:
    rows = company(4, 6.0).assign(health_surveys=np.nan)
    assert propose(rows, USAGE_HEAVY, tuned(), GREEN)["proposed"]["surveys"] == 10


def test_the_order_of_rows_changes_nothing() -> None:
    rows = company(5, 6.0, accounts=150)
    shuffled = rows.sample(frac=1, random_state=1)
    one, two = (propose(r, USAGE_HEAVY, tuned(), GREEN) for r in (rows, shuffled))
    assert one["proposed"] == two["proposed"]
    assert one["evidence"]["current"]["auc"] == pytest.approx(two["evidence"]["current"]["auc"])
