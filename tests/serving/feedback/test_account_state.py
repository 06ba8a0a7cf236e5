from __future__ import annotations

from datetime import date, timedelta

import pytest
from feedback_acts import WEEK, MakeAct

from rind.serving.feedback.file import Feedback

NEXT = WEEK + timedelta(days=7)
START = date(2026, 6, 15)


def test_the_latest_verdict_on_a_reason_counts(feedback: Feedback, do: MakeAct) -> None:
    do("reason", reason="Usage fell", feature="usage__x", verdict="useful")
    last = do("reason", reason="Usage fell", feature="usage__x", verdict="wrong")
    do("reason", reason="Usage fell", feature="usage__x", verdict="known", week=NEXT)
    assert feedback.of("A1").verdicts(WEEK) == {"Usage fell": last}
    assert len(feedback.of("A1").acts) == 3


@pytest.mark.parametrize(("days", "holds"), [(1, False), (7, False), (8, True)])
def test_a_snooze_holds_on_lists_dated_before_its_end(feedback: Feedback, do: MakeAct, days: int, holds: bool) -> None:
    do("snooze", until=WEEK + timedelta(days=days))
    assert (feedback.of("A1").snooze(NEXT) is not None) is holds
    assert feedback.of("A1").snooze(WEEK) is not None


def test_a_snooze_that_is_withdrawn_ends(feedback: Feedback, do: MakeAct) -> None:
    act = do("snooze", until=NEXT)
    do("withdraw", supersedes=act.number)
    assert feedback.of("A1").snooze(WEEK) is None
    assert len(feedback.of("A1").acts) == 2


def test_a_shorter_snooze_replaces_a_longer_one(feedback: Feedback, do: MakeAct) -> None:
    do("snooze", until=WEEK + timedelta(days=90))
    do("snooze", until=NEXT)
    assert feedback.of("A1").snooze(NEXT) is None


def test_an_assignment_is_the_latest_one(feedback: Feedback, do: MakeAct) -> None:
    do("assign", csm="Ben Carter")
    do("assign", csm="Ana Almeida")
    assignment = feedback.of("A1").assignment
    assert assignment is not None
    assert assignment.csm == "Ana Almeida"


@pytest.mark.parametrize(
    ("kind", "values", "worked"),
    [
        ("acknowledge", {}, True),
        ("note", {"note": "called"}, True),
        ("snooze", {"until": NEXT}, True),
        ("intervention", {"playbook": "training", "started_on": START}, True),
        ("assign", {"csm": "Ben Carter"}, False),
        ("reason", {"reason": "Usage fell", "verdict": "useful"}, False),
    ],
)
def test_what_counts_as_worked(
    feedback: Feedback, do: MakeAct, kind: str, values: dict[str, object], worked: bool
) -> None:
    do(kind, **values)
    assert feedback.of("A1").worked(WEEK) is worked
    assert feedback.book(WEEK).worked == ({"A1"} if worked else set())


def test_what_was_worked_last_week_is_open_again_unless_an_intervention_runs(feedback: Feedback, do: MakeAct) -> None:
    do("acknowledge")
    do("intervention", account_id="A2", playbook="training", started_on=START)
    assert feedback.book(NEXT).worked == {"A2"}


def test_an_intervention_is_known_from_when_its_start_was_written_down(feedback: Feedback, do: MakeAct) -> None:
    first = do("intervention", playbook="training", started_on=START)
    do("intervention", playbook="training", started_on=START, ended_on=date(2026, 6, 20), supersedes=first.number)
    (one,) = feedback.of("A1").interventions
    assert (one.number, one.latest, one.recorded_at) == (1, 2, first.at)
    moved = do("intervention", playbook="training", started_on=date(2026, 6, 1), supersedes=2)
    (one,) = feedback.of("A1").interventions
    assert (one.number, one.recorded_at, one.ended_on) == (1, moved.at, None)


def test_an_end_is_never_earlier_than_the_day_on_which_it_was_said(feedback: Feedback, do: MakeAct) -> None:
    first = do("intervention", playbook="training", started_on=START)
    last = do("intervention", playbook="training", started_on=START, ended_on=START, supersedes=first.number)
    (one,) = feedback.of("A1").interventions
    assert one.ended_on == date.fromisoformat(last.at[:10]) > START


def test_an_intervention_that_is_withdrawn_never_was(feedback: Feedback, do: MakeAct) -> None:
    first = do("intervention", playbook="training", started_on=START)
    do("withdraw", supersedes=first.number)
    assert feedback.of("A1").interventions == ()


def test_the_latest_commitment_for_a_quarter_counts_until_it_is_withdrawn(feedback: Feedback, do: MakeAct) -> None:
    this, following = date(2026, 4, 1), date(2026, 7, 1)
    first = do("commitment", category="at_risk", quarter=following)
    do("commitment", category="best_case", quarter=this)
    last = do("commitment", category="commit", quarter=following)
    assert {quarter: act.category for quarter, act in feedback.of("A1").commitments.items()} == {
        following: "commit", this: "best_case"
    }  # fmt: skip
    assert feedback.book(WEEK).committed["A1"][following] == last
    do("withdraw", supersedes=last.number)
    assert feedback.of("A1").commitments[following] == first
    assert feedback.of("A1").worked(WEEK) is False
