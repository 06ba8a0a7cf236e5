"""What changed in a book of accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from result_folders import write_results

from rind.pipelines.params import load
from rind.serving.deliver.digest import digest
from rind.serving.store.folder import FolderStore
from rind.serving.views.filters import ListFilter
from rind.serving.views.risk_list import IndexedList
from rind.serving.views.visibility import Visibility
from rind.serving.views.week_summary import WeekSummary


def test_an_account_that_another_csm_has_now_is_neither_gone_nor_new(tmp_path: Path) -> None:
    week = FolderStore(write_results(tmp_path, accounts=40), 0).current()
    now, before = week.risk_list.set_index("account_id"), week.table("previous_list")
    assert before is not None
    handed = next(account for account in now.index if account in set(before["account_id"]))
    before.loc[before["account_id"] == handed, "csm"] = "Mia Old"
    summary, settings = WeekSummary(week), load().deliveries
    for csm in ("Mia Old", now.loc[handed, "csm"]):
        moved, mailed = summary.of(None, csm).moved, digest(week, settings, csm)
        for rows in (moved["gone"], moved["new"], mailed.gone, mailed.new):
            assert handed not in {row["account_id"] for row in rows}
    assert summary.of(None, "Mia Old").moved == {"new": [], "gone": [], "movers": [], "movers_by_money": []}


def test_a_book_is_told_what_the_whole_company_is_told_of_its_accounts(tmp_path: Path) -> None:
    week = FolderStore(write_results(tmp_path, accounts=40), 0).current()
    summary = WeekSummary(week)
    whole = summary.of(None, None).counts
    books = [summary.of(None, csm).counts for csm in week.risk_list["csm"].unique()]
    assert whole["new"] + whole["gone"] > 0
    assert {name: sum(part[name] for part in books) for name in whole} == whole


def test_a_change_without_those_that_gave_notice_is_told_apart(tmp_path: Path) -> None:
    week = FolderStore(write_results(tmp_path, accounts=40), 0).current()
    before = week.table("previous_list")
    assert before is not None
    gone = before[~before["account_id"].isin(week.risk_list["account_id"])]
    summary = WeekSummary(week).of(None, None)
    assert summary.previous_totals is not None
    change = summary.totals["arr_at_risk"] - summary.previous_totals["arr_at_risk"]
    assert summary.own_change("arr_at_risk") == pytest.approx(change + 12 * gone["mrr_at_risk"].sum())


@pytest.mark.parametrize("query", [{"band": "red"}, {"renewal_within_days": 60}, {"q": "north"}])
def test_the_sums_of_a_page_are_those_of_the_rows_that_pass_every_filter(tmp_path: Path, query: dict[str, Any]) -> None:
    week = FolderStore(write_results(tmp_path, accounts=40), 0).current()
    listed, chosen = IndexedList(week), ListFilter(**query)
    positions = listed.select(chosen, Visibility())
    summary = WeekSummary(week).filtered(chosen, Visibility(), positions)
    assert 0 < summary.totals["accounts"] == len(positions) < 40
    assert summary.totals["arr_at_risk"] == pytest.approx(12 * week.risk_list.iloc[positions]["mrr_at_risk"].sum())
    assert summary.previous_totals is not None
    assert summary.previous_totals["accounts"] < 40


def test_the_sums_of_what_is_not_yet_worked_are_not_compared_with_a_week_before_anybody_worked(tmp_path: Path) -> None:
    week = FolderStore(write_results(tmp_path, accounts=40), 0).current()
    chosen, listed = ListFilter(not_worked=True), IndexedList(week)
    positions = listed.without(listed.select(chosen, Visibility()), listed.frame["account_id"].head(30))
    summary = WeekSummary(week).filtered(chosen, Visibility(), positions)
    assert summary.totals["accounts"] == 10
    assert summary.previous_totals is None
