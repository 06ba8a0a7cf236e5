"""The content of a mail in figures."""

from __future__ import annotations

from typing import Any

import pytest
from report_examples import lists

from rind.serving.deliver.digest import digest


def test_the_numbers_are_those_of_the_list(make_job: Any) -> None:
    job = make_job()
    content = digest(job.week, job.settings, "Li Na")
    now, before = lists(40)
    mine, was = now[now["csm"] == "Li Na"], before[before["csm"] == "Li Na"]
    assert (content.now.accounts, content.now.red) == (len(mine), (mine["risk_band"] == "red").sum())
    assert content.now.mrr_at_risk == pytest.approx(mine["mrr_at_risk"].sum())
    assert content.change == pytest.approx(mine["mrr_at_risk"].sum() - was["mrr_at_risk"].sum())
    risky = mine[mine["risk_band"] != "green"]
    assert [row["account_id"] for row in content.top] == risky["account_id"].head(10).tolist()


def test_leadership_sees_sums_that_add_up(make_job: Any) -> None:
    job = make_job()
    content = digest(job.week, job.settings)
    for groups in (content.by_csm, content.by_segment):
        assert sum(g.now.mrr_at_risk for g in groups) == pytest.approx(content.now.mrr_at_risk)
        assert sum(g.now.accounts for g in groups) == 40
