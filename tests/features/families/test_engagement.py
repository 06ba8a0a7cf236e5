from __future__ import annotations

from datetime import date, datetime, timedelta
from string import ascii_lowercase
from typing import Any

import pytest
from builders import arrow_table, midnight, on_engine, snapshots
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.catalogue import Settings
from rind.features.families import engagement
from rind.features.tables import CHANNELS

AS_OF = "2025-06-02"
MIDNIGHT = midnight(date.fromisoformat(AS_OF))


def before(days: float | None) -> datetime | None:
    return None if days is None else MIDNIGHT - timedelta(days=days)


def sent(days: float, answered: float | None = None, channel: str = "email", **more: Any) -> dict[str, Any]:
    """An outbound touch point, and its answer, so many days before AS_OF."""
    times = {"occurred_at": before(days), "answered_at": before(answered)}
    return times | {"direction": "outbound", "channel": channel} | more


def got(days: float, channel: str = "email") -> dict[str, Any]:
    return {"occurred_at": before(days), "direction": "inbound", "channel": channel}


ELSEWHERE = sent(900, 899, account_id="b")  # so that answers are known to be recorded


def features(con: Any, *touches: dict[str, Any], recorded: tuple[str, ...] = ()) -> dict[str, Any]:
    """The features of account a at AS_OF, with the family's prefix left out."""
    [found] = features_of_all(con, [list(touches)], recorded)
    return found


def features_of_all(
    con: Any, accounts: list[list[dict[str, Any]]], recorded: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """The same of several accounts, a, c, d, ..., each with its touch points (b is elsewhere)."""
    names = ("a" + ascii_lowercase[2:])[: len(accounts)]
    rows = [{"account_id": n} | row for n, there in zip(names, accounts, strict=True) for row in there]
    numbered = [{"interaction_id": str(i)} | row for i, row in enumerate(rows)]
    given = {"interactions": on_engine(con, arrow_table("interactions", numbered, bool(recorded)))}
    built = engagement.build(snapshots(con, *((name, AS_OF) for name in names)), given, Settings())
    found = built.order_by("account_id").to_pyarrow().to_pylist()
    return [{name.removeprefix("engagement__"): value for name, value in row.items()} for row in found]


@pytest.mark.parametrize(
    ("days", "month", "quarter", "earlier"),
    [
        (0, 0, 0, 0),
        (1, 1, 1, 0),
        (28, 1, 1, 0),
        (29, 0, 1, 0),
        (91, 0, 1, 0),
        (92, 0, 0, 1),
        (182, 0, 0, 1),
        (183, 0, 0, 0),
    ],
)
def test_touch_points_are_counted_in_the_whole_weeks_before(
    con: Any, days: int, month: int, quarter: int, earlier: int
) -> None:
    found = features(con, sent(days), got(days))
    for way in ("outbound", "inbound"):
        assert found[f"{way}__28d"] == month
        assert (found[f"{way}__91d"], found[f"{way}_before__91d"]) == (quarter, earlier)


def test_the_answer_rate_and_its_trend_are_over_what_we_sent(con: Any) -> None:
    found = features(con, sent(10, 9), sent(20), sent(30), sent(40), sent(100, 99), sent(110), got(5))
    assert (found["answer_rate__91d"], found["answer_rate_before__91d"]) == (0.25, 0.5)
    assert found["answer_rate_change__91d"] == -0.25
    assert found["answer_rate__364d"] == pytest.approx(2 / 6)
    assert found["answer_hours__182d"] == 24


@pytest.mark.parametrize(("answered", "rate", "streak"), [(0, 0, 1), (1 / 24, 1, 0), (-2, 0, 1)])
def test_an_answer_counts_once_its_own_time_has_passed(con: Any, answered: float, rate: float, streak: int) -> None:
    found = features(con, ELSEWHERE, sent(3, answered))
    assert (found["answer_rate__91d"], found["unanswered_streak__now"]) == (rate, streak)


def test_the_streak_is_what_we_sent_since_the_last_that_was_answered_or_since_they_wrote(con: Any) -> None:
    old = [sent(50), sent(40, 35), sent(38), sent(20), sent(10)]
    assert features(con, *old)["unanswered_streak__now"] == 3
    assert features(con, *old, got(15))["unanswered_streak__now"] == 1
    assert features(con, *old, sent(5, 4))["unanswered_streak__now"] == 0


@pytest.mark.parametrize(("touch", "days"), [
    (sent(30, 12), 12), (got(7), 7), (sent(30), None), (sent(30, 0), None), (sent(9, channel="meeting"), 9),
])  # fmt: skip
def test_the_last_two_way_contact_is_when_we_heard_from_them_or_met(
    con: Any, touch: dict[str, Any], days: int | None
) -> None:
    assert features(con, touch)["since_two_way__ever"] == days


def test_a_meeting_was_held_unless_acceptances_are_recorded_and_it_has_none(con: Any) -> None:
    touches = [sent(5, channel="meeting"), sent(6, channel="qbr"), sent(92, channel="training")]
    found = features(con, *touches)
    assert (found["meetings__91d"], found["meetings__364d"]) == (2, 3)
    assert (found["reviews__91d"], found["trainings__364d"], found["since_meeting__ever"]) == (1, 1, 5)
    found = features(con, *touches, sent(300, 299, channel="meeting", account_id="b"))
    assert (found["meetings__364d"], found["answer_rate__91d"]) == (0, 0)
    found = features(con, *touches, sent(300, 0, channel="meeting", account_id="b"))
    assert found["meetings__364d"] == 3


@pytest.mark.parametrize(("days", "quarter", "year"), [(91, 1, 1), (92, 0, 1), (364, 0, 1), (365, 0, 0)])
def test_a_channel_works_for_as_long_as_the_customer_was_heard_on_it(
    con: Any, days: int, quarter: int, year: int
) -> None:
    found = features(con, got(days, "call"), sent(400, days, "call"), sent(3, None, "email"))
    assert (found["working_channels__91d"], found["working_channels__364d"]) == (quarter, year)


def test_answers_are_not_known_where_none_was_ever_recorded(con: Any) -> None:
    found = features(con, sent(3), sent(30, 0), got(5))
    assert (found["answer_rate__91d"], found["unanswered_streak__now"]) == (None, None)
    assert features(con, ELSEWHERE, sent(3))["answer_rate__91d"] == 0


def test_nothing_sent_is_no_rate_and_no_touch_points_are_zero(con: Any) -> None:
    found = features(con, ELSEWHERE)
    assert (found["answer_rate__364d"], found["since_two_way__ever"]) == (None, None)
    assert (found["outbound__91d"], found["meetings__364d"], found["working_channels__364d"]) == (0, 0, 0)


def test_a_late_record_breaks_a_streak_only_once_it_is_there(con: Any) -> None:
    for hours, streak in [(1, 2), (-1, 1)]:
        late = sent(20, 19, recorded_at=MIDNIGHT + timedelta(hours=hours))
        found = features(con, ELSEWHERE, sent(30), late, sent(10), recorded=("interactions",))
        assert found["unanswered_streak__now"] == streak


ages = st.integers(-400, 10_000).map(lambda hours: hours / 24)
touches = st.lists(
    st.builds(
        lambda age, wait, way, channel: {
            "occurred_at": before(age), "answered_at": before(age - wait) if wait else None,
            "direction": way, "channel": channel,
        },
        ages, st.none() | st.floats(0.01, 30), st.sampled_from(["inbound", "outbound"]), st.sampled_from(CHANNELS),
    ),
    max_size=15,
)  # fmt: skip


accounts = st.lists(touches, min_size=10, max_size=20)


@settings(deadline=None, max_examples=4)
@given(accounts=accounts)
def test_the_streak_is_what_a_walk_back_through_the_history_finds(
    duckdb_engine: Any, accounts: list[list[dict[str, Any]]]
) -> None:
    messages = [[t for t in touches if t["channel"] not in engagement.MEETINGS] for touches in accounts]
    given = [[ELSEWHERE, *messages[0]], *messages[1:]]
    for touches, found in zip(messages, features_of_all(duckdb_engine, given), strict=True):
        ties = len({t["occurred_at"] for t in touches}) < len(touches)
        assert ties or (found["unanswered_streak__now"] or 0) == walked_back(touches)


def walked_back(touches: list[dict[str, Any]]) -> int:
    past = sorted((t for t in touches if t["occurred_at"] < MIDNIGHT), key=lambda t: t["occurred_at"])
    for length, t in enumerate(reversed(past)):
        if t["direction"] == "inbound" or (t["answered_at"] and t["answered_at"] < MIDNIGHT):
            return length
    return len(past)


@settings(deadline=None, max_examples=4)
@given(accounts=accounts, wait=st.floats(0, 30))
def test_an_answer_after_the_as_of_date_changes_nothing(
    duckdb_engine: Any, accounts: list[list[dict[str, Any]]], wait: float
) -> None:
    def with_later_answers(answered_at: datetime | None) -> list[list[dict[str, Any]]]:
        known = [[bool(t["answered_at"] and t["answered_at"] < MIDNIGHT) for t in touches] for touches in accounts]
        return [
            [t if k else t | {"answered_at": answered_at} for t, k in zip(touches, ks, strict=True)]
            for touches, ks in zip(accounts, known, strict=True)
        ]

    never = features_of_all(duckdb_engine, with_later_answers(None))
    for one, other in zip(features_of_all(duckdb_engine, with_later_answers(before(-wait))), never, strict=True):
        assert one == pytest.approx(other, nan_ok=True)
        assert one["working_channels__91d"] <= one["working_channels__364d"]
        assert one["reviews__364d"] + one["trainings__364d"] <= one["meetings__364d"]
