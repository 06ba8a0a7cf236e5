from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from builders import arrow_table, midnight, on_engine, snapshots

from rind.features.catalogue import Settings
from rind.features.families import surveys

AS_OF = "2025-06-02"
MIDNIGHT = midnight(date.fromisoformat(AS_OF))


def before(days: float) -> datetime:
    return MIDNIGHT - timedelta(days=days)


def answer(days: float, score: float | None, kind: str = "nps", **more: Any) -> dict[str, Any]:
    """A question that was answered some days before AS_OF, and sent the day before that."""
    return {"kind": kind, "sent_at": before(days + 1), "responded_at": before(days), "score": score} | more


def question(days: float) -> dict[str, Any]:
    return {"kind": "nps", "sent_at": before(days)}


def features(con: Any, *rows: dict[str, Any], contacts: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The features of account a at AS_OF, with the family's prefix left out."""
    asked = [{"response_id": str(i), "account_id": "a"} | row for i, row in enumerate(rows)]
    people = [{"account_id": "a", "added_on": "2024-01-01"} | row for row in contacts or ()]
    given = {
        "surveys": on_engine(con, arrow_table("surveys", asked, recorded=True)),
        "contacts": on_engine(con, arrow_table("contacts", people)),
    }
    [row] = surveys.build(snapshots(con, ("a", AS_OF)), given, Settings()).to_pyarrow().to_pylist()
    return {name.removeprefix("surveys__"): value for name, value in row.items()}


@pytest.mark.parametrize(("days_before", "score"), [(0, None), (1, 7), (364, 7), (365, None)])
def test_the_mean_is_over_the_answers_of_the_364_days_before(con: Any, days_before: int, score: Any) -> None:
    assert features(con, answer(days_before, 7))["nps_mean__364d"] == score


@pytest.mark.parametrize(("days_before", "asked"), [(0, 0), (1, 1), (364, 1), (365, 0)])
def test_questions_are_counted_by_when_they_were_sent(con: Any, days_before: int, asked: int) -> None:
    assert features(con, question(days_before))["asked__364d"] == asked


@pytest.mark.parametrize("kind", surveys.KINDS)
def test_the_last_answer_is_the_one_before_any_that_is_still_to_come(con: Any, kind: str) -> None:
    found = features(con, answer(900, 1, kind), answer(500, 2, kind), answer(0, 3, kind))
    assert (found[f"{kind}_last__ever"], found[f"{kind}_mean__364d"]) == (2, None)


def test_a_late_answer_counts_only_once_it_was_recorded(con: Any) -> None:
    early, late = answer(50, 9), answer(20, 3)
    assert features(con, early, late | {"recorded_at": MIDNIGHT})["nps_last__ever"] == 9
    assert features(con, early, late | {"recorded_at": before(1)})["nps_last__ever"] == 3


def test_the_change_is_each_contacts_own(con: Any) -> None:
    first = [answer(100, 9, contact_id="x"), answer(99, 4, contact_id="y")]
    again = [answer(10, 6, contact_id="x"), answer(9, 5, contact_id="y"), answer(8, 0, contact_id="z")]
    assert features(con, *first)["nps_change__364d"] is None
    assert features(con, *first, *again)["nps_change__364d"] == -1  # -3 and +1; z has nothing to compare with


def test_contacts_disagree_by_their_last_scores_of_the_year(con: Any) -> None:
    rows = [answer(20, 0, contact_id="x"), answer(10, 9, contact_id="x"), answer(30, 7, contact_id="y")]
    assert features(con, *rows)["nps_spread__364d"] == 2
    assert features(con, *rows[:2])["nps_spread__364d"] is None


@pytest.mark.parametrize(("score", "present"), [(6, 1), (7, 0)])
def test_a_detractor_is_a_contact_whose_last_nps_is_six_or_less(con: Any, score: int, present: int) -> None:
    found = features(con, answer(20, 0, contact_id="x"), answer(10, score, contact_id="x"))
    assert found["detractor_present__364d"] == present


@pytest.mark.parametrize(("score", "flag"), [(1, 1), (2, 0)])
def test_one_of_three_means_no_longer_needed(con: Any, score: int, flag: int) -> None:
    assert features(con, answer(10, score, "essential"))["not_needed__364d"] == flag


@pytest.mark.parametrize(("days", "inside"), [(0, 0), (1, 1), (364, 1), (365, 0)])
def test_an_answer_belongs_to_the_year_by_its_own_time_whatever_it_says(con: Any, days: int, inside: int) -> None:
    found = features(con, answer(days, 1, contact_id="x"), answer(days, 1, "essential", contact_id="x"))
    assert found["answered__364d"] == 2 * inside
    assert (found["detractor_present__364d"], found["not_needed__364d"]) == (inside, inside)


def test_the_response_rate_is_answered_of_asked(con: Any) -> None:
    found = features(con, answer(10, 8), question(30), question(60), answer(0, 8))
    assert (found["asked__364d"], found["answered__364d"], found["response_rate__364d"]) == (4, 1, 0.25)


@pytest.mark.parametrize(
    ("rows", "days"),
    [
        ([answer(100, 8), question(40)], 100),
        ([question(140), answer(100, 8)], 0),
        ([question(140), question(40)], 140),
        ([question(0)], None),
    ],
    ids=["asked since", "answered since", "never answered", "not asked yet"],
)
def test_silence_runs_from_the_last_answer_while_a_later_question_is_open(
    con: Any, rows: list[dict[str, Any]], days: int | None
) -> None:
    assert features(con, *rows)["silence__now"] == days


def test_decision_makers_are_held_against_users(con: Any) -> None:
    people = [{"contact_id": "d", "level": "executive"}, {"contact_id": "u", "level": "user"}]
    found = features(con, answer(9, 3, contact_id="d"), answer(8, 9, contact_id="u"), contacts=people)
    assert (found["decision_maker_nps__364d"], found["user_nps__364d"]) == (3, 9)
    assert found["decision_maker_gap__364d"] == -6


@pytest.mark.parametrize(("added_on", "score"), [("2025-06-01", 3), ("2025-06-02", None)])
def test_a_contacts_level_counts_once_the_contact_is_known(con: Any, added_on: str, score: Any) -> None:
    people = [{"contact_id": "d", "level": "decision_maker", "added_on": added_on}]
    assert features(con, answer(9, 3, contact_id="d"), contacts=people)["decision_maker_nps__364d"] == score


def test_an_account_without_surveys_has_counts_of_zero_and_no_scores(con: Any) -> None:
    found = features(con)
    zero = {name for name, value in found.items() if value == 0}
    assert zero == {name.removeprefix("surveys__") for name in surveys.COUNTS}
    assert all(value is None for name, value in found.items() if name not in zero | {"account_id", "as_of"})
