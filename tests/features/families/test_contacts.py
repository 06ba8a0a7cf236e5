from __future__ import annotations

from datetime import date, timedelta
from string import ascii_lowercase
from typing import Any

import pytest
from builders import arrow_table, midnight, on_engine, snapshots
from hypothesis import given, settings
from hypothesis import strategies as st

from rind.features.catalogue import Settings
from rind.features.families import contacts
from rind.features.tables import LEVELS

AS_OF = "2025-06-02"
DAY = date(2025, 6, 2)
MIDNIGHT = midnight(DAY)


def on(days: int) -> date:
    return DAY - timedelta(days=days)


def person(added: int = 500, left: int | None = None, **more: Any) -> dict[str, Any]:
    """A contact that was added, and left, so many days before AS_OF."""
    return {"added_on": on(added), "left_on": None if left is None else on(left)} | more


def features(con: Any, *people: dict[str, Any], recorded: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """The features of account a at AS_OF, with the family's prefix left out."""
    [found] = features_of_all(con, [list(people)], recorded, **more)
    return found


def features_of_all(
    con: Any, accounts: list[list[dict[str, Any]]], recorded: tuple[str, ...] = (), **more: Any
) -> list[dict[str, Any]]:
    """The same of several accounts, a, b, ..., each with its contacts."""
    names = ascii_lowercase[: len(accounts)]
    more["contacts"] = [
        {"contact_id": str(i) if name == "a" else f"{name}{i}", "account_id": name} | row
        for name, people in zip(names, accounts, strict=True)
        for i, row in enumerate(people)
    ]
    there = {
        name: on_engine(con, arrow_table(name, more.get(name, ()), name in recorded))
        for name in contacts.NEEDS + contacts.USES
    }
    built = contacts.build(snapshots(con, *((name, AS_OF) for name in names)), there, Settings())
    rows = built.order_by("account_id").to_pyarrow().to_pylist()
    return [{name.removeprefix("contacts__"): value for name, value in row.items()} for row in rows]


def touch(days: float, answered: float | None = None, **more: Any) -> dict[str, Any]:
    """An outbound touch point to contact 0."""
    later = None if answered is None else MIDNIGHT - timedelta(days=answered)
    return {
        "interaction_id": f"i{days}", "account_id": "a", "contact_id": "0", "direction": "outbound",
        "occurred_at": MIDNIGHT - timedelta(days=days), "answered_at": later,
    } | more  # fmt: skip


def use(days: float, **more: Any) -> dict[str, Any]:
    at = MIDNIGHT - timedelta(days=days)
    return {"account_id": "a", "user_id": "0", "feature": "f", "occurred_at": at} | more


@pytest.mark.parametrize(("added", "known"), [(0, 0), (1, 1)])
def test_a_contact_is_known_from_the_day_after_it_was_added(con: Any, added: int, known: int) -> None:
    found = features(con, person(added))
    assert (found["known__ever"], found["active__now"], found["arrivals__91d"]) == (known, known, known)


@pytest.mark.parametrize(("left", "active"), [(0, 1), (1, 0), (-3, 1)])
def test_a_contact_is_there_until_its_last_day_has_passed(con: Any, left: int, active: int) -> None:
    found = features(con, person(left=left))
    assert (found["known__ever"], found["active__now"], found["departures__91d"]) == (1, active, 1 - active)


@pytest.mark.parametrize(("days", "quarter", "half"), [(91, 1, 1), (92, 0, 1), (182, 0, 1), (183, 0, 0)])
def test_arrivals_and_departures_are_those_of_whole_weeks(con: Any, days: int, quarter: int, half: int) -> None:
    found = features(con, person(days), person(left=days))
    assert (found["arrivals__91d"], found["arrivals__182d"]) == (quarter, half)
    assert (found["departures__91d"], found["departures__182d"]) == (quarter, half)


def test_days_since_the_champion_left_are_told_while_none_follows(con: Any) -> None:
    gone = [person(left=80, level="champion"), person(left=34, level="champion"), person(left=5, level="user")]
    found = features(con, *gone)
    assert (found["days_since_champion_left__ever"], found["champion_lost__now"]) == (34, 1)
    found = features(con, *gone, person(1, level="champion"))
    assert (found["days_since_champion_left__ever"], found["champion_lost__now"]) == (None, 0)
    assert found["has_champion__now"] == 1


def test_one_contact_that_is_left_makes_the_relationship_single_threaded(con: Any) -> None:
    assert features(con, person(), person(left=3))["single_threaded__now"] == 1
    assert features(con, person(), person())["single_threaded__now"] == 0
    assert features(con)["single_threaded__now"] == 0


def test_departments_are_those_of_the_active_contacts(con: Any) -> None:
    people = [person(department="it"), person(department="it"), person(), person(left=9, department="sales")]
    assert features(con, *people)["departments__now"] == 1


@pytest.mark.parametrize(("answered", "answering"), [(0, 0), (1 / 24, 1), (91, 1), (91.1, 0)])
def test_an_answer_counts_for_thirteen_weeks_from_its_own_time(con: Any, answered: float, answering: int) -> None:
    old = touch(300, 299, contact_id="1")  # answers are recorded
    found = features(con, person(), person(level="executive"), interactions=[old, touch(200, answered)])
    assert (found["answering__91d"], found["senior_answering__91d"]) == (answering, 0)
    assert found["engaged_share__91d"] == answering / 2


def test_an_unanswered_message_is_no_sign_of_life_but_an_inbound_one_is(con: Any) -> None:
    old = touch(300, 299)
    assert features(con, person(), interactions=[old, touch(5)])["answering__91d"] == 0
    assert features(con, person(), interactions=[old, touch(5, direction="inbound")])["answering__91d"] == 1


def test_an_answered_survey_counts_for_its_contact(con: Any) -> None:
    survey = {"response_id": "r", "account_id": "a", "contact_id": "0", "kind": "nps", "score": 9}
    survey |= {"sent_at": MIDNIGHT - timedelta(days=120), "responded_at": MIDNIGHT - timedelta(days=3)}
    assert features(con, person(level="executive"), surveys=[survey])["senior_answering__91d"] == 1


def test_who_uses_the_product_under_the_contact_s_id_is_engaged(con: Any) -> None:
    found = features(con, person(), person(), usage=[use(3), use(2), use(2, user_id="stranger")])
    assert found["engaged_share__91d"] == 0.5
    assert found["answering__91d"] is None


def test_silence_is_not_known_where_nothing_is_recorded_by_person(con: Any) -> None:
    found = features(con, person(), interactions=[touch(5, 4, contact_id=None), touch(6)], usage=[use(-1)])
    assert (found["answering__91d"], found["engaged_share__91d"]) == (None, None)


@pytest.mark.parametrize(("recorded", "known"), [(timedelta(0), 0), (timedelta(seconds=-1), 1)])
def test_a_contact_that_was_recorded_late_counts_from_then(con: Any, recorded: timedelta, known: int) -> None:
    found = features(con, person(recorded_at=MIDNIGHT + recorded), recorded=("contacts",))
    assert found["known__ever"] == known


def test_use_that_was_recorded_late_leaves_a_gap_until_then(con: Any) -> None:
    late = {"recorded_at": MIDNIGHT + timedelta(hours=1)}
    early = {"recorded_at": MIDNIGHT - timedelta(hours=1)}
    old = use(200, recorded_at=None)
    for row, engaged in [(use(5, **late), 0), (use(5, **early), 1)]:
        found = features(con, person(), recorded=("usage",), usage=[old, row])
        assert found["engaged_share__91d"] == engaged


@pytest.mark.parametrize(("added", "share"), [(-1, None), (0, None), (1, 0)])
def test_use_by_somebody_who_becomes_a_contact_later_tells_nothing_before(con: Any, added: int, share: float) -> None:
    """Whether use is recorded by person is known, of any account, once a known contact has used the product."""
    row = {"account_id": "b", "user_id": "b0", "feature": "reports", "occurred_at": MIDNIGHT - timedelta(days=10)}
    found = features_of_all(con, [[person()], [person(added)]], usage=[row])[0]
    assert found["engaged_share__91d"] == share


ages = st.integers(-20, 400)
people = st.lists(
    st.builds(
        lambda added, stayed, level: person(added, None if stayed is None else added - stayed, level=level),
        ages, st.none() | st.integers(0, 400), st.sampled_from(LEVELS),
    ),
    max_size=12,
)  # fmt: skip


@settings(deadline=None, max_examples=4)
@given(accounts=st.lists(people, min_size=10, max_size=20))
def test_levels_add_up_and_nobody_is_lost(duckdb_engine: Any, accounts: list[list[dict[str, Any]]]) -> None:
    levels = ("users", "admins", "champions", "decision_makers", "executives")
    for people, found in zip(accounts, features_of_all(duckdb_engine, accounts), strict=True):
        assert sum(found[f"{level}__now"] for level in levels) == found["active__now"]
        left = [row for row in people if row["left_on"] and row["left_on"] < DAY and row["added_on"] < DAY]
        assert found["known__ever"] == found["active__now"] + len(left)
        assert found["arrivals__91d"] <= found["arrivals__182d"] <= found["known__ever"]
        assert found["has_champion__now"] + found["champion_lost__now"] <= 1
