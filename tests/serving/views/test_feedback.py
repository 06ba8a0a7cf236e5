"""The subject of an act, and its feedback as it is shown."""

from __future__ import annotations

from datetime import date

import pytest
from result_folders import write_results

from rind.serving.feedback.account_state import NOTHING, AccountFeedback
from rind.serving.feedback.acts import Act
from rind.serving.store.folder import FolderStore
from rind.serving.views.account import AccountViews
from rind.serving.views.feedback import feature_of, feedback_members, reasons_of
from rind.serving.views.risk_list import IndexedList

WEEK = date(2026, 6, 29)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[AccountViews, IndexedList]:
    store = FolderStore(write_results(tmp_path_factory.mktemp("week")), 0)
    return AccountViews(store.current()), IndexedList(store.current())


def test_the_feature_of_a_reason_is_the_one_whose_sentence_it_is(week: tuple[AccountViews, IndexedList]) -> None:
    accounts, listed = week
    row = listed.records[0]
    strongest = accounts.explanation(row["account_id"]).strongest(3)
    favour = f"In its favour: {strongest[0].sentence.lower()}"
    texts = {"reason_1": strongest[1].sentence, "reason_2": favour, "reason_3": "odd"}
    named = {name: cell for name, cell in row.items() if not name.endswith("_feature")} | texts
    assert [feature_of(reason, named, accounts) for reason in reasons_of(named)] == [
        strongest[1].feature, strongest[0].feature, ""
    ]  # fmt: skip


def test_the_list_s_own_word_on_the_feature_wins(week: tuple[AccountViews, IndexedList]) -> None:
    accounts, listed = week
    row = {**listed.records[0], "reason_1": "Usage fell", "reason_1_feature": "usage__x"}
    assert feature_of("Usage fell", row, accounts) == "usage__x"


def test_an_account_without_feedback_shows_its_reasons_without_a_verdict() -> None:
    members = feedback_members(NOTHING, WEEK, ["Usage fell"])
    assert members["reasons"] == [{"reason": "Usage fell", "verdict": None}]
    assert (members["worked"], members["acts"], members["assigned_to"]) == (False, [], None)


def test_an_act_is_shown_without_its_empty_fields() -> None:
    act = Act("amara", "A1", WEEK, "note", note="hello", number=1, at="2026-06-29T10:00:00+00:00")
    members = feedback_members(AccountFeedback((act,)), WEEK, [])
    assert members["notes"] == [{"number": 1, "who": "amara", "at": act.at, "note": "hello"}]
    assert set(members["acts"][0]) == {"number", "at", "who", "account_id", "week", "kind", "note"}
