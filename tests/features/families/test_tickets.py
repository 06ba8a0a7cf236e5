from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from builders import arrow_table, midnight, on_engine, snapshots

from rind.features.catalogue import Settings
from rind.features.families import tickets

AS_OF = "2025-06-02"
MIDNIGHT = midnight(date.fromisoformat(AS_OF))


def before(days: float, hours: float = 0) -> datetime:
    return MIDNIGHT - timedelta(days=days, hours=hours)


def features(con: Any, *rows: dict[str, Any], subscription: dict[str, Any] | None = None) -> dict[str, Any]:
    """The features of account a at AS_OF, with the family's prefix left out."""
    cases = [{"ticket_id": str(i), "account_id": "a"} | row for i, row in enumerate(rows)]
    term = {"subscription_id": "s", "account_id": "a", "mrr": 1.0, "starts_on": "2024-01-01"}
    given = {
        "tickets": on_engine(con, arrow_table("tickets", cases, recorded=True)),
        "subscriptions": on_engine(con, arrow_table("subscriptions", [term | (subscription or {})])),
    }
    built = tickets.build(snapshots(con, ("a", AS_OF)), given, Settings(horizon_days=90))
    [row] = built.to_pyarrow().to_pylist()
    return {name.removeprefix("tickets__"): value for name, value in row.items()}


@pytest.mark.parametrize(("days_before", "counted"), [(0, 0), (1, 1), (28, 1), (29, 0)])
def test_a_window_of_28_days_is_the_28_days_before_the_as_of_date(con: Any, days_before: int, counted: int) -> None:
    assert features(con, {"opened_at": before(days_before)})["opened__28d"] == counted


@pytest.mark.parametrize(("days_before", "counted"), [(28, 0), (29, 1), (56, 1), (57, 0)])
def test_the_window_before_begins_where_the_window_ends(con: Any, days_before: int, counted: int) -> None:
    assert features(con, {"opened_at": before(days_before)})["opened_before__28d"] == counted


@pytest.mark.parametrize(("days_before", "counted"), [(91, (1, 1)), (92, (0, 1)), (364, (0, 1)), (365, (0, 0))])
def test_the_quarter_holds_91_days_and_the_year_364(con: Any, days_before: int, counted: tuple[int, int]) -> None:
    found = features(con, {"opened_at": before(days_before)})
    assert (found["opened__91d"], found["opened__364d"]) == counted


@pytest.mark.parametrize(("recorded_at", "counted"), [(before(0, 0.01), 1), (MIDNIGHT, 0), (None, 1)])
def test_a_late_row_counts_only_once_it_was_recorded(con: Any, recorded_at: datetime | None, counted: int) -> None:
    assert features(con, {"opened_at": before(20), "recorded_at": recorded_at})["opened__28d"] == counted


def test_an_account_without_tickets_has_counts_of_zero_and_no_averages(con: Any) -> None:
    found = features(con)
    zero = {name for name, value in found.items() if value == 0}
    assert zero == {
        "opened__28d", "opened_before__28d", "opened__91d", "opened__364d", "open__now", "pressing_open__now",
        "unanswered__now", "escalated__91d", "escalated__364d", "reopened__364d",
    }  # fmt: skip
    assert all(value is None for name, value in found.items() if name not in zero | {"account_id", "as_of"})


@pytest.mark.parametrize(("resolved_at", "is_open"), [(before(0, 0.01), 0), (MIDNIGHT, 1), (None, 1)])
def test_a_ticket_is_open_until_its_resolution_has_passed(con: Any, resolved_at: datetime | None, is_open: int) -> None:
    found = features(con, {"opened_at": before(800), "resolved_at": resolved_at, "touches": 1, "priority": "urgent"})
    assert (found["open__now"], found["pressing_open__now"]) == (is_open, is_open)
    assert found["oldest_open__now"] == (800 if is_open else None)
    assert found["first_contact__364d"] == (None if is_open else 1)


def test_a_reopened_ticket_is_open_again_and_no_longer_counts_as_resolved(con: Any) -> None:
    found = features(con, {"opened_at": before(9), "resolved_at": before(8), "reopened_at": before(2), "touches": 1})
    assert (found["open__now"], found["reopened__364d"]) == (1, 1)
    assert (found["resolve__91d"], found["first_contact__364d"]) == (None, None)


def test_the_year_of_reopenings_solutions_and_shares_is_the_364_days_before_by_each_things_own_time(con: Any) -> None:
    reopened = [{"opened_at": before(900), "resolved_at": before(800), "reopened_at": before(d)} for d in (364, 365)]
    assert features(con, *reopened)["reopened__364d"] == 1
    solved = [
        {"opened_at": before(900), "resolved_at": before(days), "touches": touches}
        for days, touches in ((364, 1), (365, 5))
    ]
    assert features(con, *solved)["first_contact__364d"] == 1
    asked = [
        {"opened_at": before(days), "priority": priority, "category": category}
        for days, priority, category in ((364, "urgent", "bug"), (365, "low", "how to"))
    ]
    found = features(con, *asked)
    assert (found["pressing_share__364d"], found["bug_share__364d"], found["how_to_share__364d"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("days", "now", "earlier"), [(91, 24, None), (92, None, 24), (364, None, 24), (365, None, None)]
)
def test_times_belong_to_the_quarter_or_to_the_rest_of_the_year_before_it(
    con: Any, days: int, now: float | None, earlier: float | None
) -> None:
    done = before(days)
    found = features(
        con, {"opened_at": done - timedelta(days=1), "first_response_at": done, "resolved_at": done, "touches": 2}
    )
    assert (found["first_response__91d"], found["first_response_before__91d"]) == (now, earlier)
    assert (found["resolve__91d"], found["resolve_before__91d"]) == (now, earlier)


def test_an_escalation_counts_by_its_own_time_not_by_the_tickets(con: Any) -> None:
    rows = [{"opened_at": before(500), "escalated_at": before(days)} for days in (0, 1, 91, 92, 364, 365)]
    found = features(con, *rows)
    assert (found["escalated__91d"], found["escalated__364d"]) == (2, 4)


def test_times_to_respond_and_resolve_are_hours_and_their_trend_is_against_earlier_in_the_year(con: Any) -> None:
    late = {"opened_at": before(10), "first_response_at": before(9), "resolved_at": before(5)}
    early = {"opened_at": before(200), "first_response_at": before(199, 12), "resolved_at": before(199)}
    found = features(con, late, early)
    assert (found["first_response__91d"], found["first_response_before__91d"]) == (24, 12)
    assert (found["resolve__91d"], found["resolve_before__91d"]) == (120, 24)
    assert (found["first_response_trend__91d"], found["resolve_trend__91d"]) == (2, 5)


def test_shares_are_of_the_tickets_that_say_it(con: Any) -> None:
    found = features(
        con,
        {"opened_at": before(1), "priority": "urgent", "category": "Bug!", "resolved_at": before(0, 1), "touches": 1},
        {"opened_at": before(2), "priority": "low", "category": "how-to", "resolved_at": before(0, 1), "touches": 3},
        {"opened_at": before(3), "category": "How To?"},
        {"opened_at": before(400), "priority": "high", "category": "bug"},
    )  # fmt: skip
    assert found["pressing_share__364d"] == 0.5
    assert found["first_contact__364d"] == 0.5
    assert found["how_to_share__364d"] == pytest.approx(2 / 3)
    assert found["bug_over_how_to__364d"] == pytest.approx(-1 / 3)


@pytest.mark.parametrize(("seats", "burden"), [(4.0, 0.25), (0.0, None), (None, None)])
def test_the_burden_is_tickets_per_seat_where_seats_are_known(con: Any, seats: float | None, burden: Any) -> None:
    assert features(con, {"opened_at": before(1)}, subscription={"seats": seats})["per_seat__91d"] == burden


@pytest.mark.parametrize(
    ("term_ends_on", "counted"),
    [("2025-06-02", 0), ("2025-06-03", 1), ("2025-08-31", 1), ("2025-09-01", 0), (None, None)],
)
def test_open_tickets_meet_the_renewal_when_the_term_ends_within_the_horizon(
    con: Any, term_ends_on: str | None, counted: int | None
) -> None:
    found = features(con, {"opened_at": before(1)}, subscription={"term_ends_on": term_ends_on})
    assert found["open_at_renewal__now"] == counted
