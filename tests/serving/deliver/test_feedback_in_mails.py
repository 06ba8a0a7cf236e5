"""What readers answered to the list, in the mails: snoozed accounts are no news, leadership reads the hit rate."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rind.serving.deliver.digest import digest
from rind.serving.deliver.mail_message import message
from rind.serving.feedback.acts import Entry
from rind.serving.feedback.file import Feedback


@pytest.fixture
def answered(make_job: Any, tmp_path: Path) -> Any:
    """A job whose riskiest account is snoozed; one reason was judged useful and one wrong."""
    job = make_job()
    as_of = job.week.as_of
    first = str(job.week.risk_list["account_id"].iloc[0])
    with closing(Feedback(tmp_path / "feedback.sqlite")) as feedback:
        feedback.add(Entry("ana", first, as_of, "snooze", until=as_of + timedelta(days=15)))
        for reason, verdict in (("Usage fell", "useful"), ("No champion", "wrong")):
            feedback.add(Entry("ana", first, as_of, "reason", reason=reason, verdict=verdict))  # type: ignore[arg-type]
        return replace(job, feedback=feedback.book(as_of))


def test_a_snoozed_account_is_told_as_snoozed_and_not_as_news(answered: Any) -> None:
    plain = digest(answered.week, answered.settings)
    heard = digest(answered.week, answered.settings, feedback=answered.feedback)
    first = plain.top[0]["account_id"]
    for name in ("top", "new", "movers"):
        assert first not in [row["account_id"] for row in getattr(heard, name)], name
    assert [row["account_id"] for row in heard.snoozed] == [first]
    assert heard.at_risk == plain.at_risk - 1
    assert heard.now == plain.now  # the money is still at risk


def test_an_account_whose_id_is_no_plain_line_is_snoozed_as_any_other(answered: Any) -> None:
    listed = answered.week.risk_list
    plain, odd = str(listed["account_id"].iloc[0]), "A  0\t0"
    listed.loc[listed["account_id"] == plain, "account_id"] = odd
    feedback = replace(answered.feedback, snoozed={odd: answered.feedback.snoozed[plain]})
    (row,) = digest(answered.week, answered.settings, feedback=feedback).snoozed
    assert row["until"] == feedback.snoozed[odd].until


def test_the_mail_to_leadership_says_how_many_reasons_were_useful(answered: Any) -> None:
    until = answered.format.day(answered.week.as_of + timedelta(days=15))
    for csm, hits in ((None, True), ("Li Na", False)):
        summary = digest(answered.week, answered.settings, csm, answered.feedback)
        mail = message(summary, answered.format, "Rind <rind@example.com>", "boss@example.com", company="Acme")
        text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
        for body in (text, html):
            assert ("Of 2 reasons judged 1 useful, 0 known before, 1 wrong." in " ".join(body.split())) is hits
            assert (f"until {until}" in " ".join(body.split())) is bool(summary.snoozed)
    assert digest(answered.week, answered.settings, None, answered.feedback).snoozed


def test_without_feedback_nothing_of_it_is_said(make_job: Any) -> None:
    job = make_job()
    summary = digest(job.week, job.settings)
    assert (summary.snoozed, summary.hits) == ((), "")
