"""Whether other facts go with leaving than before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from rind.models.guards.rules import by_chance, family_weights, rules_changed
from rind.pipelines.params import load

LIMITS = load().guards.model.rules_changed
FAMILIES = ["shap_usage", "shap_people", "shap_money"]
OLD, NEW = (1.0, 1.0, 1.0), (1.0, 0.1, 2.6)


def past(
    seed: int, before: tuple[float, ...], now: tuple[float, ...], accounts: int = 300, level: float = -1.5
) -> pd.DataFrame:
    """Three dates of before and one of now, 91 days apart; the scores have every weight at 1 and the level at -1.5."""
    rng = np.random.default_rng(seed)
    frames = []
    for n, (weights, base) in enumerate([(before, -1.5)] * 3 + [(now, level)]):
        shap = rng.normal(0, 0.8, (accounts, 3))
        left = rng.random(accounts) < expit(base + shap @ np.array(weights))
        day = pd.Timestamp("2025-01-06") + pd.Timedelta(days=91 * n)
        made = pd.DataFrame(
            {"account_id": [f"a{i}" for i in range(accounts)], "as_of": day, "churned": left.astype(float)}
        )
        made["churn_probability"] = expit(-1.5 + shap.sum(axis=1))
        frames.append(made.assign(**dict(zip(FAMILIES, shap.T, strict=True))))
    return pd.concat(frames, ignore_index=True)


def test_where_nothing_changes_it_hardly_ever_fires() -> None:
    assert sum(rules_changed(past(seed, OLD, OLD), LIMITS).fired for seed in range(25)) <= 1


def test_where_other_facts_go_with_leaving_it_fires_and_names_them() -> None:
    findings = [rules_changed(past(seed, OLD, NEW), LIMITS) for seed in range(8)]
    assert sum(finding.fired for finding in findings) >= 7
    fired = next(finding for finding in findings if finding.fired)
    assert "money counted for more" in fired.evidence
    assert "from 2025-10-06 to 2025-10-06" in fired.evidence
    assert fired.measured["families"]["people"]["now"] < fired.measured["families"]["people"]["before"]


@pytest.mark.parametrize(("before", "now"), [(NEW, NEW), (NEW, OLD)])
def test_scores_that_are_wrong_on_both_sides_or_have_learned_since_are_no_change_of_the_rules(
    before: tuple[float, ...], now: tuple[float, ...]
) -> None:
    assert sum(rules_changed(past(seed, before, now), LIMITS).fired for seed in range(10)) <= 1


def test_a_level_twice_as_high_alone_is_no_change_of_the_rules() -> None:
    assert sum(rules_changed(past(seed, OLD, OLD, level=-0.5), LIMITS).fired for seed in range(8)) == 0


@pytest.mark.parametrize("rows", [past(1, OLD, NEW, accounts=40), past(1, OLD, NEW).iloc[:0]])
def test_with_too_few_departures_nothing_is_said(rows: pd.DataFrame) -> None:
    finding = rules_changed(rows, LIMITS)
    assert (finding.fired, finding.measured["p_value"]) == (False, None)


def test_a_family_that_says_nothing_takes_no_part() -> None:
    finding = rules_changed(past(1, OLD, NEW).assign(shap_tickets=0.0, shap_base=-2.0), LIMITS)
    assert set(finding.measured["families"]) == {"usage", "people", "money"}


def test_the_weights_of_two_accounts_by_hand() -> None:
    """At a chance of 1/2 the information of shap -1 and 1 is 1/2, and the surprises are 1/2 each: 1 + 1 / (1/2) = 3."""
    rows = pd.DataFrame(
        {"account_id": ["a", "b"], "churn_probability": 0.5, "churned": [0.0, 1.0], "shap_x": [-1.0, 1.0]}
    )
    weights = family_weights(rows, ["shap_x"], pd.Index(["a", "b"]))
    assert weights.of_family == pytest.approx([3.0])
    assert weights.of_account.ravel() == pytest.approx([1.0, 1.0])
    assert weights.left == 1


def test_chance_by_hand_is_that_of_the_f_distribution() -> None:
    """One sum of 2 with a variance of 4 over 11 departures: T squared is 1, F(1, 10) = 10/11."""
    from scipy.stats import f

    assert by_chance(np.array([[2.0], [0.0]]), 11) == pytest.approx(float(f.sf(10 / 11, 1, 10)))
