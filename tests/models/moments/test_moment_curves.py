from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from moment_company import OUTCOME, company, ending

from rind.models.moments.candidates import landmarks
from rind.models.moments.moment_curves import by_cohort, curves

MOMENT = {
    "segment": "a", "feature": "f2", "measure": "events", "count": 3, "within_days": 30, "difference": 0.3,
    "difference_low": 0.2, "difference_high": 0.4, "plateau": {"count_from": 2, "count_to": 4, "within_days": [30]},
}  # fmt: skip


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


def test_cohorts_are_half_years_of_signing_with_the_retention_of_kaplan_and_meier() -> None:
    early, accounts = company(0, accounts=1500, lift=2.0)
    cut = ending(accounts, pd.Timestamp("2024-05-01"))  # the last cohorts are half followed
    (landmark,) = landmarks(early, cut, ("events:f2",), [30], OUTCOME)
    rows = by_cohort(landmark, cut["signed_on"], MOMENT)
    assert [str(day.date()) for day in rows["cohort"]][:3] == ["2021-01-01", "2021-07-01", "2022-01-01"]
    assert (rows[["reached", "not_reached"]].min(axis=1) >= 8).all()
    signed = cut["signed_on"].iloc[landmark.rows].reset_index(drop=True)
    known, there = landmark.followed.known, landmark.reached("events:f2", 3)
    censored = 0
    for row in rows.itertuples():
        half = (signed >= row.cohort) & (signed < row.cohort + pd.DateOffset(months=6)) & (landmark.segments == "a")
        shares, spreads = [], []
        for side, retention in ((there, row.retention_reached), (~there, row.retention_not_reached)):
            own = np.asarray(half & side)
            fitted = KaplanMeierFitter().fit(landmark.followed.duration[own], landmark.followed.failed[own])
            assert retention == pytest.approx(fitted.predict(OUTCOME.judged_days))
            end = fitted.event_table.loc[: OUTCOME.judged_days]
            left = end["at_risk"] - end["observed"]
            spreads.append(fitted.predict(OUTCOME.judged_days) ** 2 * (end["observed"] / end["at_risk"] / left).sum())
            shares.append(retention)
            censored += int((own & ~known).sum())
        assert row.difference == pytest.approx(shares[0] - shares[1])
        # Greenwood's interval, a little wider for the half account on either side.
        assert row.high - row.difference == pytest.approx(1.96 * np.sqrt(sum(spreads)), rel=0.1)
    assert censored > 20


def test_leavers_are_known_before_stayers_and_count_for_no_more_in_a_young_cohort() -> None:
    """Half of the accounts leave on day 100, whoever reached the moment or not; who signed late is not seen to stay."""
    n = 400
    signed = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(n) % 180, unit="D")
    left = signed.to_series(index=range(n)).where(np.arange(n) // 2 % 2 == 0) + pd.Timedelta(days=100)
    table = pd.DataFrame({"account_id": np.arange(n), "signed_on": signed, "segment": "a", "left_on": left})
    cut = ending(table, pd.Timestamp("2024-02-20"))
    early = pd.DataFrame({"account_id": np.arange(0, n, 2), "behaviour": "events:f2", "within_days": 30, "count": 5.0})
    (landmark,) = landmarks(early, cut, ("events:f2",), [30], OUTCOME)
    (row,) = by_cohort(landmark, cut["signed_on"], MOMENT).to_dict("records")
    assert landmark.followed.known.mean() < 0.8
    assert (row["retention_reached"], row["retention_not_reached"]) == pytest.approx((0.5, 0.5), abs=0.02)
    assert row["difference"] == pytest.approx(0, abs=0.03)
