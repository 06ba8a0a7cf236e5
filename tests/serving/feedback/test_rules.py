from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from feedback_acts import WEEK
from pydantic import TypeAdapter

from rind.serving.access.principals import DEMO, Principal, scopes_of
from rind.serving.feedback.acts import NewAct
from rind.serving.feedback.rules import Subject, entry_of, may_write
from rind.serving.problems import ProblemError

ADAPTER: TypeAdapter[Any] = TypeAdapter(NewAct)
AMARA = Principal("amara", "csm", scopes_of("csm"), "Amara Okafor")
ADA = Principal("ada", "admin", scopes_of("admin"))
VERA = Principal("vera", "viewer", scopes_of("viewer"))
SUBJECT = Subject(
    account_id="A1",
    week=WEEK,
    reasons=["Usage fell", "No champion"],
    csm="Amara Okafor",
    assigned=None,
    csms={"Amara Okafor", "Ben Carter"},
    feature_of={"Usage fell": "usage__x", "No champion": ""}.__getitem__,
)


def entry(**sent: Any) -> Any:
    return entry_of(ADAPTER.validate_python(sent), AMARA, SUBJECT)


@pytest.mark.parametrize(
    ("principal", "csm", "assigned", "may"),
    [
        (VERA, "Amara Okafor", None, False),
        (AMARA, "Amara Okafor", None, True),
        (AMARA, "Ben Carter", None, False),
        (AMARA, None, None, False),
        (AMARA, "Ben Carter", "Amara Okafor", True),
        (ADA, "Ben Carter", None, True),
        (ADA, None, None, True),
        (DEMO, "Ben Carter", None, True),
        (Principal("key", "key", frozenset({"read"})), "Ben Carter", None, False),
        (Principal("key", "key", frozenset({"feedback"})), "Ben Carter", None, True),
        (Principal("key", "key", frozenset({"feedback"}), "Ana Almeida"), "Ben Carter", None, False),
    ],
)
def test_who_may_write_on_which_account(principal: Principal, csm: str | None, assigned: str | None, may: bool) -> None:
    assert may_write(principal, csm, assigned) is may


def test_a_viewer_writes_nothing() -> None:
    with pytest.raises(ProblemError) as caught:
        entry_of(ADAPTER.validate_python({"kind": "acknowledge"}), VERA, SUBJECT)
    assert caught.value.status == 403


def test_a_verdict_is_kept_with_the_sentence_as_it_stood_and_its_feature() -> None:
    kept = entry(kind="reason", reason=1, verdict="useful")
    assert (kept.reason, kept.feature, kept.verdict, kept.who) == ("Usage fell", "usage__x", "useful", "amara")


def test_a_reason_that_the_list_does_not_give_cannot_be_judged() -> None:
    with pytest.raises(ProblemError):
        entry(kind="reason", reason=3, verdict="useful")


@pytest.mark.parametrize(("days", "taken"), [(0, False), (1, True), (366, True), (367, False)])
def test_a_snooze_ends_a_day_to_a_year_after_the_list(days: int, taken: bool) -> None:
    until = WEEK + timedelta(days=days)
    if taken:
        assert entry(kind="snooze", until=until).until == until
    else:
        with pytest.raises(ProblemError):
            entry(kind="snooze", until=until)


def test_only_a_csm_of_the_list_can_be_assigned() -> None:
    assert entry(kind="assign", csm="Ben Carter").csm == "Ben Carter"
    with pytest.raises(ProblemError):
        entry(kind="assign", csm="Mallory")


LATEST = max(datetime.now(UTC).date(), WEEK)


@pytest.mark.parametrize(
    ("started_on", "ended_on", "taken"),
    [
        (WEEK - timedelta(days=366), None, True),
        (WEEK - timedelta(days=367), None, False),
        (LATEST, LATEST, True),
        (LATEST + timedelta(days=2), None, False),
        (WEEK, WEEK - timedelta(days=1), False),
        (WEEK, LATEST + timedelta(days=2), False),
    ],
)
def test_an_intervention_has_begun_and_does_not_end_before_that(
    started_on: date, ended_on: date | None, taken: bool
) -> None:
    sent = {"kind": "intervention", "playbook": "training", "started_on": started_on, "ended_on": ended_on}
    if taken:
        assert entry(**sent).started_on == started_on
    else:
        with pytest.raises(ProblemError):
            entry(**sent)


@pytest.mark.parametrize(
    ("quarter", "taken"),
    [("2026-01-01", False), ("2026-04-01", True), ("2027-01-01", True), ("2027-04-01", False), ("2026-05-01", False),
     ("2026-07-02", False)],
)  # fmt: skip
def test_a_commitment_is_for_the_present_quarter_or_one_of_the_next_three(quarter: str, taken: bool) -> None:
    sent = {"kind": "commitment", "category": "commit", "quarter": quarter}
    if taken:
        kept = entry(**sent)
        assert (kept.category, kept.quarter) == ("commit", date.fromisoformat(quarter))
        assert kept.summary == f"commitment commit {quarter}"
    else:
        with pytest.raises(ProblemError):
            entry(**sent)
