from __future__ import annotations

from feedback_acts import WEEK, MakeAct

from rind.serving.feedback.file import Feedback
from rind.serving.feedback.hit_rate import HitRate, Verdicts


def test_each_reason_of_an_account_and_week_counts_once_with_its_latest_verdict(
    feedback: Feedback, do: MakeAct
) -> None:
    do("reason", reason="Usage fell", feature="usage__x", verdict="wrong")
    do("reason", reason="Usage fell", feature="usage__x", verdict="useful")
    do("reason", reason="Usage fell", feature="usage__x", verdict="known", account_id="A2")
    do("reason", reason="No champion", feature="contacts__y", verdict="wrong")
    hits = feedback.book(WEEK).hits
    assert hits.total == Verdicts(useful=1, known=1, wrong=1)
    assert hits.by_feature == {"usage__x": Verdicts(1, 1, 0), "contacts__y": Verdicts(0, 0, 1)}
    assert hits.sentence == "Of 3 reasons judged 1 useful, 1 known before, 1 wrong"


def test_a_verdict_that_is_withdrawn_does_not_count(feedback: Feedback, do: MakeAct) -> None:
    act = do("reason", reason="Usage fell", feature="usage__x", verdict="wrong")
    do("withdraw", supersedes=act.number)
    assert feedback.book(WEEK).hits == HitRate()


def test_nothing_is_said_where_nothing_was_judged() -> None:
    assert HitRate().sentence == ""
