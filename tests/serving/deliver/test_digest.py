"""The content of a mail in figures."""

from __future__ import annotations

from typing import Any

import pytest
from report_examples import lists

from rind.reports.formats import HOUSE
from rind.serving.deliver.digest import digest
from rind.serving.deliver.mail_message import as_html, as_text
from rind.serving.feedback.book_state import BookFeedback
from rind.serving.feedback.hit_rate import HitRate


def test_the_numbers_are_those_of_the_list(make_job: Any) -> None:
    job = make_job()
    content = digest(job.week, job.settings, "Li Na")
    now, before = lists(40)
    mine, was = now[now["csm"] == "Li Na"], before[before["csm"] == "Li Na"]
    assert (content.now.accounts, content.now.red) == (len(mine), (mine["risk_band"] == "red").sum())
    assert content.now.mrr_at_risk == pytest.approx(mine["mrr_at_risk"].sum())
    assert content.change is not None
    gone = was.loc[~was["account_id"].isin(mine["account_id"]), "mrr_at_risk"].sum()
    assert content.departed == pytest.approx(-gone)
    assert content.departed < 0
    moved = mine["mrr_at_risk"].sum() - was["mrr_at_risk"].sum()
    assert content.change == pytest.approx(moved + gone), "whoever leaves makes nothing better"
    risky = mine[mine["risk_band"] != "green"]
    assert [row["account_id"] for row in content.top] == risky["account_id"].head(10).tolist()


def test_leadership_sees_sums_that_add_up(make_job: Any) -> None:
    job = make_job()
    content = digest(job.week, job.settings)
    for groups in (content.by_csm, content.by_segment):
        assert sum(g.now.mrr_at_risk for g in groups) == pytest.approx(content.now.mrr_at_risk)
        assert sum(g.now.accounts for g in groups) == 40


def test_a_csm_reads_how_much_of_this_weeks_work_is_done_and_leadership_does_not(make_job: Any) -> None:
    job = make_job()
    listed = job.week.risk_list
    own = listed.loc[listed["csm"] == "Li Na", "account_id"].tolist()
    assert digest(job.week, job.settings, "Li Na").week_work == 0
    listed["within_capacity"] = listed["account_id"].isin([*own[:3], "of another"])
    answers = BookFeedback(job.week.as_of, 1, {}, frozenset(own[1:6]), {}, HitRate())
    for csm, counts in (("Li Na", (3, 2)), ("Tom Hardy", (0, 0)), (None, (0, 0))):
        made = digest(job.week, job.settings, csm, answers)
        assert (made.week_work, made.week_done) == counts
        words = "Your 3 of this week are the first 3 accounts of your list; 2 taken care of so far."
        for body in (as_text(made, HOUSE), as_html(made, HOUSE)):
            assert (words in " ".join(body.split())) is (csm == "Li Na")
