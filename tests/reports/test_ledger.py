"""The ledger of the week: what happened, in money, and that its parts add up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_examples import AS_OF, lists

from rind.reports.ledger import awake, by_kind, change_split, departures, ledger, of_book

SINCE = AS_OF - timedelta(days=7)
NOBODY = pd.DataFrame({"account_id": [], "risk_band": [], "mrr": []})


def contract(account: str, day: date, **cells: Any) -> dict[str, Any]:
    row = {"account_id": account, "as_of": pd.Timestamp(day), "name": account.upper(), "segment": "enterprise",
           "csm": "Li Na", "mrr": 100.0, "mrr_under_notice": 0.0, "term_ends_on": pd.Timestamp(2026, 8, 1),
           "notice_on": pd.NaT, "contract_ends_on": pd.Timestamp(2026, 8, 1)}  # fmt: skip
    return row | cells


def record(*rows: dict[str, Any], listed: pd.DataFrame = NOBODY, previous: pd.DataFrame = NOBODY) -> dict[str, Any]:
    return ledger(pd.DataFrame(list(rows)), listed, previous, SINCE, AS_OF)


def kinds(ledger_record: dict[str, Any]) -> list[tuple[str, str, float]]:
    return [(line["kind"], line["account_id"], line["arr"]) for line in ledger_record["lines"]]


NOTICE = {"mrr_under_notice": 100.0, "notice_on": pd.Timestamp(2026, 2, 25)}


def test_an_account_that_gave_notice_is_told_once_and_stays_to_save_until_its_contract_ends() -> None:
    ledger_record = record(contract("a", SINCE), contract("a", AS_OF, **NOTICE))
    assert kinds(ledger_record) == [("gave_notice", "a", 1200.0)]
    (saved,) = ledger_record["save_or_close"]
    assert (saved["notice_on"], saved["contract_ends_on"]) == ("2026-02-25", "2026-08-01")
    later = record(contract("a", SINCE, **NOTICE), contract("a", AS_OF, **NOTICE))
    assert (kinds(later), len(later["save_or_close"])) == ([], 1)


@pytest.mark.parametrize(
    ("now", "kind", "arr"),
    [
        (None, "left", 1200.0),
        ({"term_ends_on": pd.Timestamp(2027, 8, 1)}, "renewed", 1200.0),
        ({"mrr": 60.0}, "shrank", 480.0),
        ({"mrr": 150.0}, "grew", 600.0),
        ({"mrr": 0.0}, "left", 1200.0),
        ({"mrr_under_notice": 40.0, "notice_on": pd.Timestamp(2026, 2, 25)}, "gave_notice", 480.0),
    ],
)
def test_each_kind_has_its_money_of_a_year(now: dict[str, Any] | None, kind: str, arr: float) -> None:
    rows = [contract("a", SINCE), contract("other", AS_OF), contract("other", SINCE)]
    ledger_record = record(*rows, *([contract("a", AS_OF, **now)] if now is not None else []))
    assert kinds(ledger_record) == [(kind, "a", arr)]


def test_who_gave_notice_is_not_told_as_no_longer_red() -> None:
    listed, previous = lists(30)
    previous.loc[[0, 1], "risk_band"] = "red"
    listed = listed[listed["account_id"] != previous.loc[0, "account_id"]]
    stays = listed["account_id"] == previous.loc[1, "account_id"]
    listed.loc[stays, "risk_band"] = "green"
    ledger_record = record(contract("a", SINCE), contract("a", AS_OF), listed=listed, previous=previous)
    gone = [line["account_id"] for line in ledger_record["lines"] if line["kind"] == "no_longer_red"]
    assert previous.loc[1, "account_id"] in gone
    assert previous.loc[0, "account_id"] not in gone


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), dropped=st.integers(0, 8), fresh=st.integers(0, 8))
def test_the_parts_of_a_change_add_up_to_it(seed: int, dropped: int, fresh: int) -> None:
    listed, previous = lists(24)
    previous = previous.sample(frac=1, random_state=seed).iloc[fresh:]
    listed = listed.sample(frac=1, random_state=seed + 1).iloc[dropped:]
    moved = {"lines": [{"kind": "renewed", "account_id": a} for a in listed["account_id"].head(3)]}
    parts = change_split(listed, previous, moved)
    by = 12 * (listed["mrr_at_risk"].sum() - previous["mrr_at_risk"].sum())
    assert sum(part["arr_at_risk"] for part in parts) == pytest.approx(by)
    reds = [int((frame["risk_band"] == "red").sum()) for frame in (listed, previous)]
    assert sum(part["red"] for part in parts) == reds[0] - reds[1]


def test_a_book_has_its_own_lines_and_every_kind_has_a_row() -> None:
    ledger_record = record(contract("a", SINCE), contract("b", SINCE, csm="Tom Hardy"), contract("c", SINCE),
                   contract("c", AS_OF))  # fmt: skip
    assert [x["account_id"] for x in of_book(ledger_record, csm="Tom Hardy")["lines"]] == ["b"]
    rows = {row["kind"]: (row["accounts"], row["arr"]) for row in by_kind(ledger_record)}
    assert rows["left"] == (2, 2400.0)
    assert rows["renewed"] == (0, 0)


def test_a_renewal_is_told_as_a_renewal_and_a_notice_before_it() -> None:
    renewed = contract("a", AS_OF, term_ends_on=pd.Timestamp(2027, 8, 1))
    assert departures(record(contract("a", SINCE), renewed)) == {"a": "renewed until 2027-08-01"}
    assert departures(record(contract("a", SINCE), renewed | NOTICE)) == {"a": "gave notice on 2026-02-25"}


def test_a_newly_red_account_that_is_snoozed_is_no_news_and_is_counted_apart() -> None:
    lines = [
        {"kind": kind, "account_id": account, "arr": 12.0}
        for kind, account in (("newly_red", "a"), ("newly_red", "b"), ("left", "a"))
    ]
    rows = {row["kind"]: row for row in awake(by_kind({"lines": lines}), {"a"})}
    red, left = rows["newly_red"], rows["left"]
    assert (red["accounts"], red["arr"], [x["account_id"] for x in red["lines"]], red["snoozed"]) == (1, 12.0, ["b"], 1)
    assert (left["accounts"], left["snoozed"]) == (1, 0)
