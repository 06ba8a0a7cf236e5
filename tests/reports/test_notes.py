from __future__ import annotations

import pandas as pd
import pytest

from rind.reports.notes import only_logistic, renewals, without_reasons


def test_a_model_of_the_logistic_regression_alone_says_why_and_a_blend_says_nothing() -> None:
    assert only_logistic({"model": "blend", "churned_accounts": 400}) == ""
    assert "Only 12 churned accounts" in only_logistic({"model": "logistic", "churned_accounts": 12})


def test_the_ranking_among_renewals_is_told_with_its_interval_or_not_at_all() -> None:
    auc = {"value": 0.71, "low": 0.65, "high": 0.77}
    assert "the AUC is 0.71 (0.65 to 0.77)" in renewals({"renewals": {"model": {"auc": auc}}, "model": {}})
    assert renewals({"renewals": {}}) == ""
    assert renewals({"renewals": {"model": {"auc": {"value": 0.7, "low": None, "high": None}}}}) == ""


@pytest.mark.parametrize(
    ("over_all", "words"), [(0.757, ""), (0.69, ""), (None, ""), (0.8, "over all accounts (0.80)")]
)
def test_the_calendar_explains_an_auc_over_all_accounts_only_where_it_is_clearly_higher(
    over_all: float | None, words: str
) -> None:
    among = {"model": {"auc": {"value": 0.755, "low": 0.7, "high": 0.8}}}
    text = renewals({"renewals": among, "model": {"auc": {"value": over_all, "low": None, "high": None}}})
    assert ("higher over all accounts" in text) == bool(words)
    assert words in text


def test_red_accounts_that_only_the_calendar_explains_are_counted_from_half_of_them_on() -> None:
    themes = pd.DataFrame({"reason_1_theme": ["value", "", None, ""]})
    assert without_reasons(themes).startswith("Of the 4 red accounts 3 are red because of their renewal date")
    assert without_reasons(themes.iloc[:2]).startswith("Of the 2 red accounts 1 ")
    assert without_reasons(themes.iloc[[0, 0, 1]]) == ""
    assert without_reasons(themes.iloc[:0]) == ""
