from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_examples import BANDS, lists, ranked

from rind.models.evaluation.risk_bands import Bands, risk_bands
from rind.reports.risk_list import COLUMNS, changes


def scored(*accounts: tuple[str, float | None, float]) -> pd.DataFrame:
    return pd.DataFrame(list(accounts), columns=["account_id", "mrr", "churn_probability"])


def test_the_riskiest_come_first_ties_by_money_then_by_id() -> None:
    listed = ranked(scored(("d", 5.0, 0.1), ("c", 1.0, 0.4), ("b", 9.0, 0.4), ("a", 1.0, 0.4), ("e", None, 0.4)))
    assert listed["account_id"].tolist() == ["b", "a", "c", "e", "d"]
    assert listed["rank"].tolist() == [1, 2, 3, 4, 5]
    assert tuple(listed.columns) == (*COLUMNS, "money_rank")


def test_money_at_risk_is_mrr_times_probability() -> None:
    listed = ranked(scored(("a", 200.0, 0.25), ("b", None, 0.1)))
    assert listed["mrr_at_risk"].iloc[0] == 50.0
    assert listed["mrr_at_risk"].isna().iloc[1]


def test_the_place_by_money_is_that_of_mrr_at_risk_ties_to_the_riskier_and_unknown_money_last() -> None:
    listed = ranked(scored(("a", 200.0, 0.5), ("b", None, 0.4), ("c", 1000.0, 0.2), ("d", 2000.0, 0.1)))
    assert listed.set_index("account_id")["money_rank"].to_dict() == {"c": 1, "d": 2, "a": 3, "b": 4}


@pytest.mark.parametrize(
    ("p", "band"), [(0.3, "red"), (0.2999, "amber"), (0.12, "amber"), (0.1199, "green"), (0, "green")]
)
def test_a_band_begins_at_its_threshold(p: float, band: str) -> None:
    assert risk_bands(pd.Series([p]), BANDS).tolist() == [band]


def test_bands_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="amber_from <= red_from"):
        Bands(red_from=0.1, amber_from=0.2)


def test_moving_up_the_list_is_positive_and_a_new_account_has_no_change() -> None:
    before = ranked(scored(("a", 1.0, 0.5), ("b", 1.0, 0.4), ("c", 1.0, 0.3)))
    now = ranked(scored(("c", 1.0, 0.9), ("a", 1.0, 0.5), ("b", 1.0, 0.4), ("n", 1.0, 0.1)), before)
    assert now.set_index("account_id")["rank_change"].dropna().to_dict() == {"c": 2, "a": -1, "b": -1}
    assert now.set_index("account_id")["rank_change"].isna()["n"]
    assert str(now["rank_change"].dtype) == "Int64"


def test_without_a_previous_list_no_account_has_moved() -> None:
    assert ranked(scored(("a", 1.0, 0.5)))["rank_change"].isna().all()


def test_further_columns_follow_at_the_end() -> None:
    assert ranked(scored(("a", 1.0, 0.5)).assign(family="usage")).columns[-1] == "family"


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ((("a", 1.0, 0.5), ("a", 1.0, 0.4)), "scored twice"),
        ((("a", 1.0, float("nan")),), "churn_probability between 0 and 1"),
        ((("a", 1.0, 1.2),), "churn_probability between 0 and 1"),
    ],
)
def test_a_broken_list_is_refused(accounts: tuple[tuple[str, float, float], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ranked(scored(*accounts))


def test_changes_tell_who_is_new_gone_and_why() -> None:
    before = ranked(scored(("a", 1.0, 0.9), ("b", 1.0, 0.8), ("c", 1.0, 0.7), ("d", 1.0, 0.1), ("e", 1.0, 0.65)))
    now = ranked(scored(("n", 1.0, 0.9), ("c", 1.0, 0.8), ("d", 1.0, 0.75), ("b", 1.0, 0.6)), before)
    compared = changes(now, before, top=3, departures={"a": "contract ended on 2026-03-01"})
    assert compared.new["account_id"].tolist() == ["n", "d"]
    assert compared.gone.set_index("account_id")["why"].to_dict() == {
        "a": "contract ended on 2026-03-01",
        "b": "lower risk: now rank 4",
    }
    assert compared.movers["account_id"].tolist() == ["d", "b", "c"]  # wherever they stand
    assert not compared.first_run


def test_an_account_that_is_scored_no_more_has_left_or_given_notice() -> None:
    before = ranked(scored(("a", 1.0, 0.9), ("b", 1.0, 0.8)))
    assert changes(ranked(scored(("b", 1.0, 0.8)), before), before, top=2).gone["why"].tolist() == [
        "left or gave notice"
    ]


def test_the_largest_change_of_risk_moves_first_and_an_unmoved_account_is_no_mover() -> None:
    before = ranked(scored(("a", 1.0, 0.9), ("b", 1.0, 0.5), ("c", 1.0, 0.4)))
    now = ranked(scored(("a", 1.0, 0.9), ("b", 1.0, 0.55), ("c", 1.0, 0.2)), before)
    assert changes(now, before, top=3).movers["account_id"].tolist() == ["c", "b"]
    assert changes(now, before, top=3, movers=1).movers["account_id"].tolist() == ["c"]


def test_the_move_of_most_money_is_first_by_money_and_a_renewal_is_told_as_one() -> None:
    before = ranked(scored(("a", 1.0, 0.9), ("b", 100.0, 0.2), ("c", 1.0, 0.4)))
    now = ranked(scored(("a", 1.0, 0.3), ("b", 100.0, 0.1), ("c", 1.0, 0.4)), before)
    compared = changes(now, before, movers=2, top=1, departures={"b": "renewed until 2027-03-01"})
    assert compared.movers["account_id"].tolist() == ["a", "b"]
    assert compared.movers_by_money["account_id"].tolist() == ["b", "a"]
    assert compared.movers_by_money["mrr_at_risk_change"].round(6).tolist() == [-10.0, -0.6]
    assert compared.movers_by_money["why"].tolist() == ["renewed until 2027-03-01", ""]


def test_the_first_run_has_no_changes() -> None:
    compared = changes(lists(10)[0], None, top=5)
    assert compared.first_run
    assert compared.new.empty
    assert compared.gone.empty
    assert compared.movers.empty


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1e6)), min_size=1, max_size=20))
def test_ranks_are_complete_and_never_rise_in_probability(accounts: list[tuple[float, float]]) -> None:
    listed = ranked(scored(*((f"a{i}", mrr, p) for i, (p, mrr) in enumerate(accounts))))
    assert listed["rank"].tolist() == list(range(1, len(accounts) + 1))
    assert listed["churn_probability"].is_monotonic_decreasing
