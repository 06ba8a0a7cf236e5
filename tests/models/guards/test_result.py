from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.models.common.snapshots import Snapshots
from rind.models.guards.result import model_guards
from rind.models.guards.skill import separation, telling_feature, too_good_auc
from rind.models.guards.today import lone_drift, too_many_today
from rind.pipelines.params import load
from tests.model_frames import matrix

SETTINGS = load().guards.model
ENDS = "commercial__term_ends_in_horizon__now"


def metrics(low: float, near: float = 0.7, churned: int = 50) -> dict[str, Any]:
    def part(value: float) -> dict[str, Any]:
        auc = {"value": value + 0.01, "low": value, "high": value + 0.02}
        return {"model": {"auc": auc}, "rows": {"churned_accounts": churned, "base_rate": 0.1}}

    return {**part(low), "renewals": part(near)}


def labelled(seed: int = 0) -> pd.DataFrame:
    rows = matrix(seed, accounts=200)
    return rows[rows["churned"].notna()]


@pytest.mark.parametrize(
    ("low", "near", "churned", "fires"),
    [(0.98, 0.93, 50, False), (0.99, 0.7, 50, True), (0.8, 0.94, 50, True), (0.99, 0.99, 19, False)],
)
def test_an_auc_that_no_honest_model_reaches_is_told(low: float, near: float, churned: int, fires: bool) -> None:
    finding = too_good_auc(metrics(low, near, churned), SETTINGS.too_good_auc)
    assert finding.fired is fires
    assert finding.kind == "too good"


@pytest.mark.parametrize(("left", "fires"), [(0.6, False), (1.0, True)])
def test_where_all_left_whose_term_ended_there_is_no_auc_and_the_date_tells_who_renews(
    left: float, fires: bool
) -> None:
    renewals = {"model": {"auc": {"value": None, "low": None}}, "rows": {"churned_accounts": 50, "base_rate": left}}
    finding = too_good_auc(metrics(0.85) | {"renewals": renewals}, SETTINGS.too_good_auc)
    assert finding.fired is fires


def test_without_any_measure_nothing_is_too_good() -> None:
    nothing = {"value": None, "low": None, "high": None}
    empty = {"model": {"auc": nothing}, "rows": {"churned_accounts": 0}, "renewals": {}}
    assert not too_good_auc(empty, SETTINGS.too_good_auc).fired


def test_honest_features_tell_too_little_to_alarm_anybody() -> None:
    finding = telling_feature(Snapshots.held(labelled()), SETTINGS.telling_feature)
    assert not finding.fired
    assert finding.measured["best over all"]["feature"] == "usage__fell__28d"


def test_a_feature_that_is_the_outcome_is_told_by_name() -> None:
    rows = labelled()
    noise = np.random.default_rng(1).normal(0, 0.1, len(rows))
    finding = telling_feature(
        Snapshots.held(rows.assign(tickets__leaked__now=noise - rows["churned"])), SETTINGS.telling_feature
    )
    assert finding.fired
    assert "tickets__leaked__now alone has an AUC of 1.00 over all" in finding.evidence


def test_a_feature_that_tells_only_near_term_ends_is_told() -> None:
    rows = labelled()
    near = np.arange(len(rows)) % 3 == 0
    noise = np.random.default_rng(2).normal(size=len(rows))
    leaked = np.where(near, rows["churned"] * 20, noise)
    finding = telling_feature(
        Snapshots.held(rows.assign(**{ENDS: near.astype(float), "a__leaked__now": leaked})), SETTINGS.telling_feature
    )
    assert finding.fired
    assert "near term ends" in finding.evidence
    assert "over all" not in finding.evidence


@pytest.mark.parametrize("kind", ["number", "text"])
def test_a_column_that_only_leavers_have_is_told(kind: str) -> None:
    rows = labelled()
    some = (rows["churned"] == 1) & (np.random.default_rng(3).random(len(rows)) < 0.4)
    reason = pd.Series(np.where(some, "price", None), index=rows.index, dtype="str")
    values = some.astype(float).where(some) if kind == "number" else reason
    finding = telling_feature(Snapshots.held(rows.assign(surveys__reason__now=values)), SETTINGS.telling_feature)
    assert finding.fired
    assert "surveys__reason__now is filled for" in finding.evidence


def test_an_empty_value_counts_as_a_value_of_its_own() -> None:
    churned = np.array([1.0, 1, 0, 0])
    assert separation(np.array([np.nan, np.nan, 1, 2]), churned) == 1
    assert separation(np.array([1.0, 2, 1, 2]), churned) == 0.5
    assert separation(np.array([0.0, 1, 1, 2]), churned) == pytest.approx(0.875)


AS_OF = date(2026, 6, 29)


def past(rate: float, summer: float | None = None, accounts: int = 200) -> pd.DataFrame:
    """Two years of monthly dates on which a share left; in June another one."""
    rows = []
    for back in range(5, 30):
        day = AS_OF - timedelta(days=30 * back)
        share = summer if summer is not None and day.month == 6 else rate
        rows += [(f"A{a}", pd.Timestamp(day), float(a < share * accounts)) for a in range(accounts)]
    return pd.DataFrame(rows, columns=["account_id", "as_of", "churned"])


@pytest.mark.parametrize(("mean", "fires"), [(0.14, False), (0.16, True)])
def test_three_times_as_many_as_ever_leave_in_this_season_is_odd(mean: float, fires: bool) -> None:
    finding = too_many_today(pd.Series([mean] * 400), past(0.05), AS_OF, SETTINGS.too_many_today)
    assert finding.fired is fires
    assert finding.measured["times"] == pytest.approx(mean / 0.05)


def test_a_season_in_which_many_leave_every_year_is_no_alarm() -> None:
    today = pd.Series([0.3] * 400)
    assert too_many_today(today, past(0.05), AS_OF, SETTINGS.too_many_today).fired
    assert not too_many_today(today, past(0.05, summer=0.9), AS_OF, SETTINGS.too_many_today).fired


def test_few_accounts_may_be_many_times_the_base_by_chance() -> None:
    assert not too_many_today(pd.Series([0.2] * 5), past(0.05), AS_OF, SETTINGS.too_many_today).fired


def test_dates_whose_outcomes_are_only_partly_known_are_no_past() -> None:
    rows = past(0.05)
    newest = rows["as_of"] == rows["as_of"].max()
    rows.loc[newest, "churned"] = np.where(rows.loc[newest, "churned"] == 1, 1.0, np.nan)
    finding = too_many_today(pd.Series([0.05] * 400), rows, AS_OF, SETTINGS.too_many_today)
    assert finding.measured["base"] == pytest.approx(0.05)


def explained(**shares: float) -> pd.DataFrame:
    return pd.DataFrame({"feature": list(shares), "shap_value": list(shares.values())})


@pytest.mark.parametrize(
    ("shift", "weight", "fires"),
    [(5.0, 0.6, True), (0.0, 0.6, False), (5.0, 0.1, False)],
    ids=["both", "still", "small"],
)
def test_a_feature_that_moved_and_carries_the_scores_alone_is_told(shift: float, weight: float, fires: bool) -> None:
    rng = np.random.default_rng(0)
    before = pd.DataFrame({"a__x__now": rng.normal(size=2000), "a__y__now": rng.normal(size=2000)})
    now = pd.DataFrame({"a__x__now": rng.normal(shift, 1, size=400), "a__y__now": rng.normal(size=400)})
    finding = lone_drift(
        lambda name: before[name].to_numpy(),
        now,
        explained(a__x__now=-weight, a__y__now=1 - weight),
        SETTINGS.lone_drift,
    )
    assert finding.fired is fires
    if fires:
        assert "a__x__now" in finding.evidence


def test_every_guard_of_results_measures_on_a_whole_matrix_and_is_named_in_params() -> None:
    rows = matrix(accounts=80)
    last = rows["as_of"].max()
    explanations = explained(usage__fell__28d=0.5, tickets__open__now=0.5)
    day = last.date()
    findings = model_guards(
        Snapshots.held(rows),
        lambda name: rows[name].to_numpy(),
        pd.Series([0.3] * 80),
        explanations,
        metrics(0.8),
        rows.iloc[:0],
        day,
        SETTINGS,
    )
    assert {f.guard for f in findings} == set(type(SETTINGS).model_fields)
    assert [f.guard for f in findings if f.fired] == []
    assert all(f.measured for f in findings)
