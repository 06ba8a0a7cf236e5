from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from moment_company import QUICK, company, find

from rind.common.facts.moments import Status
from rind.models.moments.revalidation import freshness
from rind.reports.moment_text import freshness_record, true_north_record

MOMENT = {
    "segment": "a", "feature": "f2", "measure": "events", "count": 3, "within_days": 30, "difference": 0.3,
    "difference_low": 0.2, "difference_high": 0.4, "plateau": {"count_from": 2, "count_to": 4, "within_days": [30]},
}  # fmt: skip


def cohort(difference: float, error: float = 0.05) -> pd.DataFrame:
    row = {"difference": difference, "low": difference - 1.96 * error, "high": difference + 1.96 * error}
    return pd.DataFrame([{"difference": 0.3, "low": 0.2, "high": 0.4}, row])


@pytest.mark.parametrize(
    ("recent", "error", "status"),
    [
        (0.3, 0.05, Status.HOLDING),
        (0.2, 0.05, Status.HOLDING),
        (0.1, 0.05, Status.WEAKENING),
        (0.0, 0.05, Status.GONE),
        (0.0, 0.3, Status.HOLDING),
    ],
)
def test_a_former_moment_holds_weakens_or_is_gone_by_its_newest_cohort(
    recent: float, error: float, status: str
) -> None:
    (row,) = freshness([MOMENT], {"a": cohort(recent, error)}, [MOMENT])
    assert row["status"] == status
    assert row["recent"] == recent


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ({"feature": "f3"}, Status.MOVED),
        ({"measure": "users"}, Status.MOVED),
        ({"count": 6}, Status.MOVED),
        ({"count": 4}, Status.HOLDING),
    ],
)
def test_a_moment_has_moved_when_another_stands_in_its_place(now: dict[str, Any], status: str) -> None:
    (row,) = freshness([MOMENT], {"a": cohort(0.3)}, [MOMENT | now])
    assert row["status"] == status


def test_a_former_moment_that_no_cohort_shows_is_not_judged() -> None:
    (row,) = freshness([MOMENT], {}, [])
    assert (row["status"], row["recent"]) == (Status.UNSEEN, None)


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
    assert row["status"] == Status.GONE
    assert true_north_record(after)["words"].startswith(freshness_record(row)["words"])
