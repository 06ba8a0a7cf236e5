from __future__ import annotations

from rind.features.names import doubtful, matched, nearest


def test_case_blanks_underscores_and_hyphens_may_differ() -> None:
    assert matched(["account_id", "name"], ["Account ID", "name"]) == {"account_id": "Account ID", "name": "name"}


def test_a_name_that_two_could_stand_for_is_in_doubt_and_matched_with_neither() -> None:
    present = ["Account ID", "accountid"]
    assert matched(["account_id"], present) == {}
    assert doubtful("account_id", present) == present
    assert doubtful("account_id", [*present, "account_id"]) == []


def test_the_nearest_name_is_a_hint_and_there_is_none_where_nothing_comes_near() -> None:
    assert nearest("occurred_at", ["occured_at", "amount"]) == "occured_at"
    assert nearest("accounts", ["accounts-2026", "invoices"]) == "accounts-2026"
    assert nearest("occurred_at", ["x", "y"]) == ""
