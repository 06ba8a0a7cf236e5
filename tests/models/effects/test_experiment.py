"""A change whose effect is planted: found, not invented, and nothing said where nothing compares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rind.common.facts.experiment import OutcomeEffect
from rind.models.effects.experiment import CHURN, Groups, Unknown, against_expected, groups_of, outcome_effects
from rind.models.effects.settings import EffectSettings

SETTINGS = EffectSettings(
    fewest_accounts=30, fewest_left=20, comparable_per_start=10, folds=3, most_likely=0.9, fewest_alike=10,
    most_dropped=0.5, error_rate=0.05, least_placebo_p=0.01,
)  # fmt: skip


def rows(seed: int, effect: float, trend: float = 0.0, accounts: int = 600) -> tuple[pd.DataFrame, Any]:
    """Accounts of low use get the change more often, and come back to the mean by themselves; it adds ``effect``."""
    rng = np.random.default_rng(seed)
    use = rng.normal(size=accounts)
    changed = rng.random(accounts) < 1 / (1 + np.exp(1 + use))
    left = rng.random(accounts) < 0.15
    moved = -0.6 * use + effect * changed + trend * changed + 0.5 * rng.normal(size=accounts)
    made = pd.DataFrame(
        {
            "account_id": [f"A{n}" for n in range(accounts)], "usage__active_days__91d": use,
            "churn_probability": np.nan, "active_days": moved, CHURN: left.astype(float),
            "mrr_before": 0.1 * rng.normal(size=accounts),
        }
    )  # fmt: skip
    return made, changed


def groups(effect: float, trend: float = 0.0, seed: int = 1, **changed: Any) -> Groups:
    return groups_of(*rows(seed, effect, trend), SETTINGS.model_copy(update=changed), 1, 1)


def use(now: Groups, before: Groups | None, expected: float | None = None) -> OutcomeEffect:
    expectations = {} if expected is None else {"active_days": expected}
    [record] = outcome_effects(now, before, {"active_days": None}, expectations, SETTINGS)
    return record


def test_a_planted_effect_is_found_although_those_that_got_the_change_would_have_recovered_anyway() -> None:
    record = use(groups(0.5), groups(0.0, seed=2), expected=0.5)
    assert record["low"] < 0.5 < record["high"]  # type: ignore[operator]
    assert record["raw"] > record["high"]  # type: ignore[operator]  # the raw difference misleads
    assert (record["direction"], record["against_expected"]) == ("up", "as_expected")


def test_no_effect_is_claimed_where_there_is_none() -> None:
    record = use(groups(0.0), groups(0.0, seed=2))
    assert record["low"] < 0 < record["high"]  # type: ignore[operator]
    assert (record["direction"], record["against_expected"]) == ("none_shown", "")


def test_nothing_is_said_where_those_compared_moved_apart_before_the_change_already() -> None:
    record = use(groups(0.5), groups(0.0, trend=0.5, seed=2))
    assert (record["direction"], record["why_not"]) == ("cannot_tell", "placebo_fails")


def test_nothing_is_said_where_the_past_is_not_known() -> None:
    assert use(groups(0.5), None)["why_not"] == "no_placebo"


def test_of_too_few_accounts_nothing_is_said() -> None:
    few = groups(0.5, fewest_accounts=500)
    assert use(few, None)["why_not"] == "too_few"
    now = groups(0.5)
    some = now.rows["active_days"].where(now.rows.index < 60)
    unknown = Groups(**{**vars(now), "rows": now.rows.assign(active_days=some)})
    assert use(unknown, groups(0.0))["why_not"] == "too_few"


def test_where_the_change_follows_from_what_an_account_is_nothing_compares() -> None:
    made, _ = rows(1, 0.5)
    low = (made["usage__active_days__91d"] < -0.5).to_numpy()
    assert use(groups_of(made, low, SETTINGS, 1, 1), None)["why_not"] == "no_overlap"


def test_weeks_that_are_not_over_say_when_they_are() -> None:
    unknown = {"active_days": Unknown("too_early", "2026-05-01"), "nps": Unknown("no_data")}
    early, missing = outcome_effects(groups(0.5), None, unknown, {}, SETTINGS)
    assert (early["direction"], early["not_before"]) == ("not_yet", "2026-05-01")
    assert (missing["direction"], missing["why_not"]) == ("cannot_tell", "no_data")


def test_churn_is_compared_by_who_left_and_its_placebo_is_the_revenue_before() -> None:
    now = groups(0.5)
    [record] = outcome_effects(now, None, {CHURN: None}, {}, SETTINGS)
    assert record["own"] == pytest.approx(now.rows.loc[now.kept & now.changed, CHURN].mean())
    assert (record["direction"], record["why_not"]) == ("none_shown", "")


@pytest.mark.parametrize(
    ("expected", "low", "high", "answer"),
    [(2, 1, 3, "as_expected"), (2, 3, 4, "more"), (2, 0, 1, "less"), (-2, -1, 0, "less"), (-2, -4, -3, "more"),
     (None, 0, 1, "")],
)  # fmt: skip
def test_what_came_is_less_or_more_than_expected_in_the_direction_that_was_expected(
    expected: float | None, low: float, high: float, answer: str
) -> None:
    record: Any = {"expected": expected, "low": low, "high": high}
    assert against_expected(record) == answer
