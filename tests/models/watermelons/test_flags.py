from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.common.errors import ParamsError
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.watermelons import evaluation
from rind.models.watermelons.flags import Rule, flag, flag_history, threshold_at
from rind.models.watermelons.settings import WatermelonSettings
from rind.pipelines.params import load

MONDAY = pd.Timestamp("2023-01-02")
PARAMS = load()


def rule(**other: Any) -> Rule:
    """The shipped rule, but for what is named; horizon_days and grace_days are of its labels."""
    label = {name: other.pop(name) for name in ("horizon_days", "grace_days") if name in other}
    beside = {name: other.pop(name) for name in ("draws", "seed") if name in other}
    settings = WatermelonSettings(**(PARAMS.watermelons.model_dump() | other))
    shipped = Rule(settings, PARAMS.labels.model_copy(update=label), PARAMS.metrics.bootstrap_draws, PARAMS.seed)
    return replace(shipped, **beside)


def measure(flagged: pd.DataFrame, draws: int, horizon_days: int = 90) -> dict[str, Any]:
    return evaluation.measure(flagged, draws, 0, horizon_days)


def week(number: int) -> pd.Timestamp:
    return MONDAY + pd.Timedelta(weeks=number)


def rows(*records: tuple[Any, ...]) -> pd.DataFrame:
    """(account, week, probability, band, days to churn or None) -> history; 90 days of horizon, all known."""
    frame = pd.DataFrame(records, columns=["account_id", "week", "churn_probability", "health_band", "days_to_churn"])
    frame["as_of"] = [week(w) for w in frame.pop("week")]
    frame["days_to_churn"] = frame["days_to_churn"].astype("float64")
    frame["churned"] = (frame["days_to_churn"] <= 90).astype("float64")
    return frame.assign(health_score=80.0, watermelon_threshold=0.5)


def company(seed: int, skill: float, accounts: int = 200, weeks: int = 45) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=accounts)
    leaves_after = rng.exponential(np.exp(6.3 - skill * risk))
    parts = []
    for number in range(weeks):
        here = leaves_after > 7 * number
        ahead = np.ceil(leaves_after[here] - 7 * number)
        green = rng.random(here.sum()) < 0.7
        parts.append(
            pd.DataFrame(
                {
                    "account_id": np.flatnonzero(here),
                    "as_of": week(number),
                    "churn_probability": 1 / (1 + np.exp(2 - risk[here])),
                    "health_score": np.where(green, 80.0, 50.0) + rng.normal(size=here.sum()),
                    "health_band": np.where(green, "green", "amber"),
                    "churned": (ahead <= 90).astype("float64"),
                    "days_to_churn": np.where(ahead <= 90, ahead, np.nan),
                    "mrr": rng.lognormal(6, 1, here.sum()),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("band", "probability", "flagged"),
    [("green", 0.5, True), ("green", 0.49, False), ("amber", 0.9, False), ("unknown", 0.9, False)],
)
def test_a_watermelon_is_green_outside_with_a_probability_from_the_threshold_on(
    band: str, probability: float, flagged: bool
) -> None:
    assert flag(rows(("a", 0, probability, band, None)), 0.5)["watermelon"].tolist() == [flagged]


def test_without_a_threshold_nobody_is_flagged() -> None:
    assert not flag(rows(("a", 0, 0.9, "green", None)), float("nan"))["watermelon"].any()


def test_a_capacity_of_a_tenth_takes_the_riskiest_tenth_of_the_green_accounts_of_earlier_dates() -> None:
    past = [(f"a{i}", 0, i / 20, "green", None) for i in range(20)] + [("x", 0, 0.99, "red", None)]
    assert threshold_at(rows(*past), rule(capacity=0.1), week(1)) == pytest.approx(18 / 20)


@pytest.mark.parametrize(("weeks_ago", "expected"), [(52, 0.9), (53, 0.3)])
def test_only_the_dates_of_the_last_look_back_days_choose_the_threshold(weeks_ago: int, expected: float) -> None:
    old = [(f"o{i}", 60 - weeks_ago, 0.9, "green", None) for i in range(10)]
    recent = [(f"r{i}", 59, 0.3 - i / 1000, "green", None) for i in range(10)]
    assert threshold_at(rows(*old, *recent), rule(capacity=0.5, look_back_days=364), week(60)) == (
        pytest.approx(0.9 if expected == 0.9 else 0.3 - 4 / 1000)
    )


def test_equal_probabilities_that_would_overrun_the_capacity_flag_nobody() -> None:
    past = [(f"a{i}", 0, 0.3, "green", None) for i in range(20)]
    assert threshold_at(rows(*past), rule(capacity=0.1), week(1)) == np.inf


def test_a_precision_is_kept_with_as_many_flags_as_possible() -> None:
    leavers = [(f"l{i}", 0, 0.9 - i / 1000, "green", 30) for i in range(20)]
    stayers = [(f"s{i}", 0, 0.5 - i / 1000, "green", None) for i in range(40)]
    asked = rule(capacity=None, precision=0.5)
    assert threshold_at(rows(*leavers, *stayers), asked, week(30)) == pytest.approx(0.5 - 19 / 1000)


def test_a_precision_is_learned_from_accounts_not_from_their_many_weeks() -> None:
    two = [(f"l{i}", number, 0.9 - i / 1000 - number / 1e6, "green", 30) for i in range(2) for number in range(10)]
    asked = rule(capacity=None, precision=0.5)
    assert threshold_at(rows(*two), asked, week(40)) == np.inf
    assert np.isfinite(threshold_at(rows(*two), rule(capacity=None, precision=0.5, fewest_accounts=2), week(40)))


@pytest.mark.parametrize(("days_later", "known"), [(120, False), (121, True)])
def test_a_precision_learns_from_a_date_only_once_its_outcomes_are_complete(days_later: int, known: bool) -> None:
    past = rows(*[(f"l{i}", 0, 0.9, "green", 30) for i in range(20)])
    found = threshold_at(past, rule(capacity=None, precision=0.5), MONDAY + pd.Timedelta(days=days_later))
    assert np.isfinite(found) == known


@settings(deadline=None, max_examples=12)
@given(st.integers(1, 44), st.sampled_from([rule(), rule(capacity=None, precision=0.3)]), st.integers(0, 10))
def test_a_threshold_uses_only_earlier_weeks(number: int, asked: Rule, seed: int) -> None:
    history = company(1, 1.0, accounts=60)
    rng = np.random.default_rng(seed)
    later = history["as_of"] >= week(number)
    changed = history.assign(
        churn_probability=history["churn_probability"].where(~later, rng.random(len(history))),
        health_band=history["health_band"].where(~later, "green"),
        churned=history["churned"].where(~later, 1.0),
    )
    assert threshold_at(changed, asked, week(number)) == pytest.approx(
        threshold_at(history, asked, week(number)), nan_ok=True
    )


def test_every_date_of_the_history_is_flagged_by_its_own_threshold_and_the_first_by_none() -> None:
    history = company(1, 1.0, accounts=60, weeks=5)
    flagged = flag_history(history, rule())
    assert flagged.loc[flagged["as_of"] == week(0), "watermelon_threshold"].isna().all()
    expected = threshold_at(history, rule(), week(3))
    assert (flagged.loc[flagged["as_of"] == week(3), "watermelon_threshold"] == expected).all()


def test_an_outcome_that_was_recorded_late_chooses_no_earlier_threshold() -> None:
    history = company(1, 1.0, accounts=60, weeks=30)
    answers = history[["account_id", "as_of", "churned"]].assign(known_from=week(29), known_until=pd.NaT)
    asked = rule(capacity=None, precision=0.3)
    told = (
        flag_history(history, asked, KnownOutcomes.of(history, answers))
        .groupby("as_of")["watermelon_threshold"]
        .first()
    )
    at_once = flag_history(history, asked).groupby("as_of")["watermelon_threshold"].first()
    assert told[told.index < week(29)].isna().all()
    assert told[week(29)] == at_once[week(29)]
    assert at_once[at_once.index < week(29)].notna().any()


def test_precision_recall_base_rate_lead_and_mrr_by_hand() -> None:
    history = rows(
        ("caught", 0, 0.9, "green", 60),
        ("caught", 1, 0.9, "green", 53),
        ("missed", 0, 0.1, "green", 50),
        ("missed", 1, 0.1, "green", 43),
        ("false", 0, 0.9, "green", None),
        ("false", 1, 0.1, "green", None),
        ("red", 0, 0.9, "red", 20),
        ("fine", 1, 0.1, "green", None),
    ).assign(mrr=[300.0, 300.0, 100.0, 100.0, 1.0, 1.0, 1.0, 1.0])
    found = measure(flag(history, 0.5), draws=20)
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(2 / 4)
    assert found["base_rate"] == pytest.approx(4 / 7)
    assert found["recall_within_30_days"] is None
    assert found["accounts_recall"] == pytest.approx(1 / 2)
    assert found["mrr_covered"] == pytest.approx(300 / 400)
    assert found["lead_time_days"] == pytest.approx(60)


def test_an_account_that_was_no_longer_green_when_it_left_is_no_green_churn() -> None:
    history = rows(("a", 0, 0.9, "green", 60), ("a", 1, 0.9, "red", 53))
    assert measure(flag(history, 0.5), draws=5)["accounts_recall"] is None


def test_a_flag_before_an_earlier_departure_foretells_no_later_one_of_the_same_account() -> None:
    history = rows(
        ("back", 0, 0.9, "green", 10), ("back", 20, 0.1, "green", 17), ("back", 21, 0.1, "green", 10),
        ("stays", 0, 0.1, "green", None), ("stays", 20, 0.1, "green", None), ("stays", 21, 0.1, "green", None),
    ).assign(mrr=[100.0, 300.0, 300.0, 1.0, 1.0, 1.0])  # fmt: skip
    found = measure(flag(history, 0.5), draws=5)
    assert found["accounts_recall"] == pytest.approx(1 / 2)
    assert found["mrr_covered"] == pytest.approx(100 / 400)
    assert found["lead_time_days"] == pytest.approx(10)


def test_a_flag_while_the_outcome_lay_beyond_the_horizon_foretells_no_green_churn() -> None:
    history = rows(("late", 0, 0.9, "green", 130), ("late", 10, 0.1, "green", 60), ("stays", 0, 0.1, "green", None))
    found = measure(flag(history, 0.5), draws=5)
    assert (found["accounts_recall"], found["precision"]) == (0, 0)


def test_a_rule_that_picks_an_account_only_while_it_is_not_green_foretells_no_green_churn() -> None:
    history = rows(
        ("a", 0, 0.9, "amber", 60), ("b", 0, 0.8, "green", None),
        ("a", 1, 0.1, "green", 53), ("b", 1, 0.1, "green", None),
    )  # fmt: skip
    picked = measure(flag(history, 0.5), draws=5)["baselines"]["probability_only"]
    assert picked["precision"] == 1
    assert picked["accounts_recall"] == 0


def test_the_baselines_take_as_many_accounts_a_date_as_were_flagged() -> None:
    history = rows(
        ("flagged", 0, 0.9, "green", None),
        ("sickest", 0, 0.1, "green", 30),
        ("other", 0, 0.2, "green", None),
        ("red", 0, 0.95, "red", 30),
    ).assign(health_score=[80.0, 71.0, 90.0, 10.0])
    found = measure(flag(history, 0.5), draws=5)
    assert found["precision"] == 0
    assert found["baselines"]["lowest_health"]["precision"] == 1
    assert found["baselines"]["random_green"]["precision"] == pytest.approx(1 / 3)
    assert found["baselines"]["probability_only"]["precision"] == 1


def test_dates_with_unknown_outcomes_are_not_measured() -> None:
    history = rows(("a", 0, 0.9, "green", 30), ("a", 1, 0.9, "green", 23), ("b", 1, 0.9, "green", None))
    history.loc[history["account_id"] == "b", "churned"] = np.nan
    found = measure(flag(history, 0.5), draws=5)
    assert (found["dates"], found["base_rate"]) == (1, 1.0)


def test_nothing_flagged_measures_nothing_and_claims_nothing() -> None:
    found = measure(flag(rows(("a", 0, 0.1, "green", 30)), 0.5), draws=5)
    assert (found["precision"], found["skill"]) == (None, False)
    empty = measure(flag(rows(("a", 0, 0.1, "green", 30)), float("nan")), draws=5)
    assert (empty["precision"], empty["recall"], empty["base_rate"]) == (None, None, None)


def test_a_model_with_skill_beats_a_lot_and_one_without_claims_none() -> None:
    skilled = measure(flag_history(company(2, 1.2), rule()), draws=100)
    assert skilled["skill"]
    assert skilled["recall"] > 2 * skilled["baselines"]["random_green"]["recall"]
    blind = [measure(flag_history(company(s, 0.0, weeks=20), rule()), draws=100)["skill"] for s in range(8)]
    assert sum(blind) <= 1


def test_the_order_of_rows_changes_nothing() -> None:
    flagged = flag_history(company(3, 1.0, accounts=80), rule())
    assert measure(flagged.sample(frac=1, random_state=1), draws=20) == measure(flagged, draws=20)


@pytest.mark.parametrize("both", [{"capacity": None}, {"capacity": 0.1, "precision": 0.2}, {"capacity": 1.5}])
def test_a_rule_with_none_or_both_of_capacity_and_precision_is_refused(both: dict[str, Any]) -> None:
    with pytest.raises(ParamsError, match="exactly one"):
        rule(**both)


def calendar_company(seed: int, skill: float, accounts: int = 400, weeks: int = 60) -> pd.DataFrame:
    """Accounts leave at their yearly renewal only, some by ``skill`` more likely; the model knows both."""
    rng = np.random.default_rng(seed)
    risk, renewal = rng.normal(size=accounts), rng.integers(0, 52, accounts)
    goes = rng.random(accounts) < 1 / (1 + np.exp(1.6 - skill * risk))
    parts = []
    for number in range(weeks):
        ahead = np.where(renewal >= number, renewal - number, renewal + 52 - number) * 7 + 1
        first = renewal >= number
        here = first | ~goes
        near = ahead <= 90
        part = pd.DataFrame({"account_id": np.arange(accounts), "as_of": week(number), "calendar": ahead // 15})
        part["churn_probability"] = np.where(near, 0.2, 0.01) / (1 + np.exp(-skill * risk))
        part["churned"] = (goes & first & near).astype("float64")
        part["days_to_churn"] = np.where(goes & first & near, ahead, np.nan)
        parts.append(part[here])
    history = pd.concat(parts, ignore_index=True)
    noise = rng.normal(0, 1e-6, len(history))  # no two alike
    return history.assign(
        health_band="green", health_score=80.0, churn_probability=history["churn_probability"] + noise, mrr=1.0
    )


def test_who_only_knows_the_calendar_flags_nobody_once_enough_have_left_and_claims_nothing() -> None:
    flagged = flag_history(calendar_company(0, 0.0), rule(fewest_departed=20, horizon_days=90, grace_days=30))
    late = flagged["as_of"] >= week(40)
    assert flagged.loc[late, "watermelon_candidate"].any()
    assert flagged.loc[late, "watermelon_withheld"].all()
    assert not flagged.loc[late, "watermelon"].any()
    found = measure(flagged, draws=100)
    assert not found["skill"]
    assert found["withheld_dates"] > 0


def test_who_knows_more_than_the_calendar_goes_on_flagging() -> None:
    flagged = flag_history(calendar_company(0, 3.0), rule(fewest_departed=20))
    assert not flagged["watermelon_withheld"].any()
    found = measure(flagged, draws=100)
    assert found["skill"]
    assert found["base_rate"] < found["calendar_rate"] < found["precision"]


def test_flags_of_the_calendar_alone_beat_the_base_rate_but_not_the_calendar() -> None:
    """Why the base rate is not enough: the riskiest are those whose term ends."""
    found = measure(flag_history(calendar_company(1, 0.0), rule(fewest_departed=10**6)), draws=100)
    assert found["intervals"]["gain"]["low"] > 0
    assert found["intervals"]["gain_beyond_calendar"]["low"] <= 0
    assert not found["skill"]


@settings(deadline=None, max_examples=8)
@given(st.integers(30, 59), st.integers(0, 10))
def test_whether_flags_are_withheld_is_decided_by_outcomes_known_before(number: int, seed: int) -> None:
    history = calendar_company(2, 0.5, accounts=120)
    unknown = history["as_of"] + pd.Timedelta(days=120) >= week(number)
    rng = np.random.default_rng(seed)
    other = history.assign(churned=history["churned"].where(~unknown, rng.integers(0, 2, len(history)).astype(float)))
    asked = rule(fewest_departed=5)
    now = history["as_of"] == week(number)
    before, after = flag_history(history, asked), flag_history(other, asked)
    assert (before.loc[now, "watermelon"] == after.loc[now, "watermelon"]).all()


def test_a_number_of_accounts_a_week_is_kept_on_the_average_of_the_earlier_weeks() -> None:
    history = company(4, 1.0, accounts=100, weeks=20)
    asked = rule(capacity=None, accounts_per_week=5)
    past = history[(history["as_of"] < week(19)) & (history["health_band"] == "green")]
    threshold = threshold_at(history, asked, week(19))
    assert (past["churn_probability"] >= threshold).sum() / past["as_of"].nunique() <= 5
    with pytest.raises(ParamsError, match="exactly one"):
        rule(accounts_per_week=5)


def test_recall_within_more_days_than_the_horizon_is_not_measured() -> None:
    found = measure(flag(rows(("a", 0, 0.9, "green", 20)), 0.5), draws=5, horizon_days=60)
    assert "recall_within_60_days" in found
    assert "recall_within_90_days" not in found


def test_every_baseline_has_intervals() -> None:
    found = measure(flag_history(company(2, 1.2), rule()), draws=50)
    for name in ("random_green", "lowest_health", "probability_only"):
        limits = found["baselines"][name]["intervals"]["recall"]
        assert limits["low"] <= found["baselines"][name]["recall"] <= limits["high"]
