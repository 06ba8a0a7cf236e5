from __future__ import annotations

import numpy as np
import pytest
from flag_histories import company, measure, rows, rule

from rind.models.watermelons.flags import flag, flag_history


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
    figures = measure(flag(history, 0.5), draws=20)
    assert figures["precision"] == pytest.approx(2 / 3)
    assert figures["recall"] == pytest.approx(2 / 4)
    assert figures["base_rate"] == pytest.approx(4 / 7)
    assert figures["recall_within_30_days"] is None
    assert figures["accounts_recall"] == pytest.approx(1 / 2)
    assert figures["mrr_covered"] == pytest.approx(300 / 400)
    assert figures["lead_time_days"] == pytest.approx(60)


def test_an_account_that_was_no_longer_green_when_it_left_is_no_green_churn() -> None:
    history = rows(("a", 0, 0.9, "green", 60), ("a", 1, 0.9, "red", 53))
    assert measure(flag(history, 0.5), draws=5)["accounts_recall"] is None


def test_a_flag_before_an_earlier_departure_foretells_no_later_one_of_the_same_account() -> None:
    history = rows(
        ("back", 0, 0.9, "green", 10), ("back", 20, 0.1, "green", 17), ("back", 21, 0.1, "green", 10),
        ("stays", 0, 0.1, "green", None), ("stays", 20, 0.1, "green", None), ("stays", 21, 0.1, "green", None),
    ).assign(mrr=[100.0, 300.0, 300.0, 1.0, 1.0, 1.0])  # fmt: skip
    figures = measure(flag(history, 0.5), draws=5)
    assert figures["accounts_recall"] == pytest.approx(1 / 2)
    assert figures["mrr_covered"] == pytest.approx(100 / 400)
    assert figures["lead_time_days"] == pytest.approx(10)


def test_a_flag_while_the_outcome_lay_beyond_the_horizon_foretells_no_green_churn() -> None:
    history = rows(("late", 0, 0.9, "green", 130), ("late", 10, 0.1, "green", 60), ("stays", 0, 0.1, "green", None))
    figures = measure(flag(history, 0.5), draws=5)
    assert (figures["accounts_recall"], figures["precision"]) == (0, 0)


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
    figures = measure(flag(history, 0.5), draws=5)
    assert figures["precision"] == 0
    assert figures["baselines"]["lowest_health"]["precision"] == 1
    assert figures["baselines"]["random_green"]["precision"] == pytest.approx(1 / 3)
    assert figures["baselines"]["probability_only"]["precision"] == 1


def test_dates_with_unknown_outcomes_are_not_measured() -> None:
    history = rows(("a", 0, 0.9, "green", 30), ("a", 1, 0.9, "green", 23), ("b", 1, 0.9, "green", None))
    history.loc[history["account_id"] == "b", "churned"] = np.nan
    figures = measure(flag(history, 0.5), draws=5)
    assert (figures["dates"], figures["base_rate"]) == (1, 1.0)


def test_nothing_flagged_measures_nothing_and_claims_nothing() -> None:
    figures = measure(flag(rows(("a", 0, 0.1, "green", 30)), 0.5), draws=5)
    assert (figures["precision"], figures["skill"]) == (None, False)
    empty = measure(flag(rows(("a", 0, 0.1, "green", 30)), float("nan")), draws=5)
    assert (empty["precision"], empty["recall"], empty["base_rate"]) == (None, None, None)


def test_a_model_with_skill_beats_a_lot_and_one_without_claims_none() -> None:
    skilled = measure(flag_history(company(2, 1.2), rule()), draws=100)
    assert skilled["skill"]
    assert skilled["recall"] > 2 * skilled["baselines"]["random_green"]["recall"]
    blind = [measure(flag_history(company(s, 0.0, weeks=20), rule()), draws=100)["skill"] for s in range(8)]
    assert sum(blind) <= 1


def test_recall_within_more_days_than_the_horizon_is_not_measured() -> None:
    figures = measure(flag(rows(("a", 0, 0.9, "green", 20)), 0.5), draws=5, horizon_days=60)
    assert "recall_within_60_days" in figures
    assert "recall_within_90_days" not in figures


def test_every_baseline_has_intervals() -> None:
    figures = measure(flag_history(company(2, 1.2), rule()), draws=50)
    for name in ("random_green", "lowest_health", "probability_only"):
        limits = figures["baselines"][name]["intervals"]["recall"]
        assert limits["low"] <= figures["baselines"][name]["recall"] <= limits["high"]
