"""What a week knows of single accounts."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from result_folders import write_results

from rind.serving.store.folder import FolderStore
from rind.serving.views.account import AccountViews
from rind.serving.views.visibility import Visibility


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> AccountViews:
    return AccountViews(FolderStore(write_results(tmp_path_factory.mktemp("week"), accounts=40), 0).current())


def test_a_panel_draws_the_first_feature_that_the_source_has(accounts: AccountViews) -> None:
    assert accounts.panels == {
        "usage": ("usage__active_users__28d", "Active users in four weeks"),
        "surveys": ("surveys__nps_mean__364d", "Mean NPS of a year"),
    }
    account = accounts.week.risk_list["account_id"].iloc[0]
    assert len(accounts.points(account, "usage__active_users__28d")) == 4
    assert accounts.points(account, "surveys__nps_mean__364d").empty  # the source has the column and no answers


def test_an_account_in_launch_has_its_row_with_none_for_what_is_empty(accounts: AccountViews) -> None:
    young = [accounts.adoption(account) for account in accounts.week.risk_list["account_id"].tail(2)]
    assert [(row or {})["days_left"] for row in young] == [10, None]
    assert accounts.adoption(accounts.week.risk_list["account_id"].iloc[0]) is None


def test_a_former_account_is_known_by_its_last_row_and_to_its_own_csm(accounts: AccountViews) -> None:
    before, now = accounts.week.table("previous_list"), accounts.week.risk_list
    assert before is not None
    gone = before[~before["account_id"].isin(now["account_id"])]
    account, csm = gone["account_id"].iloc[0], gone["csm"].iloc[0]
    taken_on = Visibility("Somebody Else", assigned=frozenset([account]))
    for visibility in (Visibility(), Visibility(csm), taken_on):
        former = accounts.former(account, visibility)
        assert former is not None
        assert former.last_row["account_id"] == account
    assert accounts.former(account, Visibility("Somebody Else")) is None
    assert accounts.former("nobody", Visibility()) is None


def test_renewals_are_the_ends_of_terms_up_to_the_scoring_date(accounts: AccountViews) -> None:
    class Week:
        as_of = accounts.week.as_of

        def series(self, account: str, features: tuple[str, ...]) -> pd.DataFrame:
            del account
            as_of = pd.Timestamp(self.as_of)
            days = [as_of - pd.Timedelta(days=14), as_of - pd.Timedelta(days=7), as_of, as_of]
            return pd.DataFrame({"as_of": days, features[0]: [7.0, 7.0, 1.0, None]})

    views = AccountViews.__new__(AccountViews)
    views.week = Week()
    ends = views.renewals("a")["term_ends_on"]
    assert list(ends) == [pd.Timestamp(views.week.as_of) - pd.Timedelta(days=7), pd.Timestamp(views.week.as_of)]


def test_a_look_back_is_told_where_todays_model_sees_the_week_before_in_another_light(
    accounts: AccountViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = pd.Timestamp((accounts.week.document("run") or {})["previous_as_of"]).date()
    account = accounts.week.risk_list["account_id"].iloc[0]
    history = accounts.week.history(account).set_index("as_of")["churn_probability"]
    then = float(history[pd.Timestamp(day)])
    for risk, expected in ((then, None), (then + 0.04, (day, then + 0.04)), (float("nan"), None)):
        monkeypatch.setattr(accounts, "_looked_back", {account: risk})
        assert accounts.looked_back(account) == expected
    assert accounts.looked_back("nobody") is None


def test_the_risk_that_the_list_before_named_is_told_with_its_day(
    accounts: AccountViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_published", {"a": 0.34, "b": float("nan")})
    day = date.fromisoformat(accounts.week.document("run")["previous_as_of"])  # type: ignore[index]
    assert accounts.published("a") == (day, 0.34)
    assert accounts.published("b") is None
    assert accounts.published("nobody") is None
