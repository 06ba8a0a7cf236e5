from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from moment_company import OUTCOME, QUICK, company

from models.moment_freshness import GONE, HOLDING, MOVED, UNSEEN, WEAKENING, freshness
from models.moment_story import by_cohort, curves
from models.moments import landmarks
from models.true_north import find

MOMENT = {
    "segment": "a", "feature": "f2", "measure": "events", "count": 3, "within_days": 30, "difference": 0.3,
    "difference_low": 0.2, "difference_high": 0.4, "plateau": {"count_from": 2, "count_to": 4, "within_days": [30]},
}  # fmt: skip


def cohort(difference: float, error: float = 0.05) -> pd.DataFrame:
    row = {"difference": difference, "low": difference - 1.96 * error, "high": difference + 1.96 * error}
    return pd.DataFrame([{"difference": 0.3, "low": 0.2, "high": 0.4}, row])


@pytest.mark.parametrize(
    ("recent", "error", "status"),
    [(0.3, 0.05, HOLDING), (0.2, 0.05, HOLDING), (0.1, 0.05, WEAKENING), (0.0, 0.05, GONE), (0.0, 0.3, HOLDING)],
)
def test_a_former_moment_holds_weakens_or_is_gone_by_its_newest_cohort(
    recent: float, error: float, status: str
) -> None:
    (row,) = freshness([MOMENT], {"a": cohort(recent, error)}, [MOMENT])
    assert row["status"] == status
    assert row["recent"] == recent
    assert status in row["words"]


@pytest.mark.parametrize(
    ("now", "status"),
    [({"feature": "f3"}, MOVED), ({"measure": "users"}, MOVED), ({"count": 6}, MOVED), ({"count": 4}, HOLDING)],
)
def test_a_moment_has_moved_when_another_stands_in_its_place(now: dict[str, Any], status: str) -> None:
    (row,) = freshness([MOMENT], {"a": cohort(0.3)}, [MOMENT | now])
    assert row["status"] == status


def test_a_former_moment_that_no_cohort_shows_is_not_judged() -> None:
    (row,) = freshness([MOMENT], {}, [])
    assert (row["status"], row["recent"]) == (UNSEEN, None)


def test_the_next_run_says_first_which_moments_have_broken() -> None:
    early, accounts = company(0, accounts=1500, lift=2.0)
    before = find(early, accounts, QUICK)
    assert before["freshness"] == []
    later = accounts["signed_on"] >= accounts["signed_on"].quantile(0.6)
    early_users = early.loc[(early["behaviour"] == "events:f2") & (early["count"] >= 3), "account_id"]
    turned = accounts["left_on"].mask(
        later & accounts["account_id"].isin(early_users), accounts["signed_on"] + pd.Timedelta(days=200)
    )
    after = find(early, accounts.assign(left_on=turned), QUICK, before=before["moments"])
    (row,) = (r for r in after["freshness"] if r["segment"] == "a")
    assert row["status"] == GONE
    assert after["words"].startswith(row["words"])


def test_the_curves_are_those_of_kaplan_and_meier() -> None:
    early, accounts = company(0, accounts=400, lift=2.0)
    (landmark,) = landmarks(early, accounts, ("events:f2",), [30], OUTCOME)
    reached = landmark.reached("events:f2", 3)
    drawn = curves(landmark, reached)
    for side in (True, False):
        own, there = drawn[drawn["reached"] == side], reached == side
        fitted = KaplanMeierFitter().fit(landmark.followed.duration[there], landmark.followed.failed[there])
        inner = own.iloc[1:-1]
        assert inner["retention"].to_numpy() == pytest.approx(fitted.predict(inner["day"]).to_numpy())
        assert ((own["low"] <= own["retention"]) & (own["retention"] <= own["high"])).all()


def test_cohorts_are_half_years_of_signing_with_enough_accounts_on_either_side() -> None:
    early, accounts = company(0, accounts=1500, lift=2.0)
    (landmark,) = landmarks(early, accounts, ("events:f2",), [30], OUTCOME)
    rows = by_cohort(landmark, accounts["signed_on"], MOMENT)
    assert [str(day.date()) for day in rows["cohort"]][:3] == ["2021-01-01", "2021-07-01", "2022-01-01"]
    assert (rows[["reached", "not_reached"]].min(axis=1) >= 8).all()
    assert ((rows["low"] < rows["difference"]) & (rows["difference"] < rows["high"])).all()
    assert np.average(rows["difference"]) > 0.1
