"""What accounts had under contract on the day of a forecast, and what of it was there at the end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import tables

from rind.features.book.standing import Outlook, standing
from rind.features.catalogue import Settings
from rind.features.customers import prepared

AS_OF = date(2025, 12, 1)
Q2 = Outlook(date(2025, 3, 31), date(2025, 4, 1))


def term(name: str, starts: str, ends: str | None, **more: Any) -> dict[str, Any]:
    return {"subscription_id": name, "account_id": name[0], "mrr": 100, "starts_on": starts, "ended_on": ends, **more}


def rows(con: Any, *terms: dict[str, Any], outlooks: Any = (Q2,), rates: Any = (), **more: Any) -> list[dict[str, Any]]:
    names = sorted({row["account_id"] for row in terms})
    accounts = [{"account_id": name, "name": name, "signed_on": "2024-01-01", "segment": "big"} for name in names]
    made = prepared(tables(con, accounts=accounts, subscriptions=terms, rates=rates, **more))
    table = standing(made, outlooks, Settings(currency="EUR"), AS_OF)
    return sorted(table.to_pyarrow().to_pylist(), key=lambda row: (row["account_id"], row["last_day"]))


@pytest.mark.parametrize(
    ("starts", "ended", "there"),
    [("2025-03-31", None, True), ("2025-04-01", None, False), ("2024-01-01", "2025-03-31", False),
     ("2024-01-01", "2025-04-01", True)],
)  # fmt: skip
def test_who_pays_on_the_day_is_forecast(con: Any, starts: str, ended: str | None, there: bool) -> None:
    assert bool(rows(con, term("a1", starts, ended))) is there


@pytest.mark.parametrize(
    ("ends", "renews"), [("2025-03-31", 0), ("2025-04-01", 100), ("2025-06-30", 100), ("2025-07-01", 0)]
)
def test_what_ends_after_the_day_and_by_the_end_of_the_quarter_is_up_for_renewal(
    con: Any, ends: str, renews: float
) -> None:
    [row] = rows(con, term("a1", "2024-06-01", None, term_ends_on=ends))
    assert (row["mrr_up_for_renewal"], row["mrr"]) == (renews, 100)


@pytest.mark.parametrize(
    ("notice", "ends", "leaving"),
    [("2025-03-30", "2025-06-30", 100), ("2025-03-31", "2025-06-30", 0), ("2025-03-30", "2025-07-01", 0),
     ("2025-03-30", None, 100)],
)  # fmt: skip
def test_what_was_under_notice_before_the_day_and_ends_by_then_leaves(
    con: Any, notice: str, ends: str | None, leaving: float
) -> None:
    [row] = rows(con, term("a1", "2024-06-01", None, term_ends_on=ends, notice_on=notice))
    assert row["mrr_leaving"] == leaving


@pytest.mark.parametrize(("ended", "end"), [("2025-06-30", 0), ("2025-07-01", 100)])
def test_the_end_is_what_is_paid_on_the_last_day(con: Any, ended: str, end: float) -> None:
    [row] = rows(con, term("a1", "2024-06-01", ended))
    assert (row["mrr_end"], row["last_day"]) == (end, date(2025, 6, 30))


def test_the_first_end_is_what_was_known_when_the_grace_had_passed(con: Any) -> None:
    """The grace ends on 30 July: a renewal that is recorded on that day is seen, one of the day after is not."""
    for recorded, first in (("2025-07-30T23:00", 80), ("2025-07-31T00:00", 0)):
        late = term("a2", "2025-06-20", None, mrr=80, recorded_at=recorded)
        names = [{"account_id": "a", "name": "a", "signed_on": "2024-01-01"}]
        terms = [term("a1", "2024-06-01", "2025-06-20"), late]
        made = prepared(tables(con, ["subscriptions"], accounts=names, subscriptions=terms))
        [row] = standing(made, [Q2], Settings(currency="EUR"), AS_OF).to_pyarrow().to_pylist()
        assert (row["mrr_end"], row["mrr_end_first"]) == (80, first)


def test_a_short_gap_over_the_last_day_is_none(con: Any) -> None:
    [row] = rows(con, term("a1", "2024-06-01", "2025-06-20"), term("a2", "2025-07-10", None, mrr=80))
    assert row["mrr_end"] == 100


def test_both_ends_are_converted_by_the_rates_of_the_day(con: Any) -> None:
    rates = [
        {"currency": "USD", "as_of": "2025-01-01", "rate": 0.5},
        {"currency": "USD", "as_of": "2025-05-01", "rate": 9},
    ]
    [row] = rows(con, term("a1", "2024-06-01", None, currency="USD"), rates=rates)
    assert (row["mrr"], row["mrr_end"]) == (50, 50)


def test_who_has_no_segment_or_one_that_is_called_all_has_a_name_of_its_own(con: Any) -> None:
    accounts = [{"account_id": "a", "name": "a", "signed_on": "2024-01-01", "segment": "all", "csm": None}]
    made = prepared(tables(con, accounts=accounts, subscriptions=[term("a1", "2024-06-01", None)]))
    [row] = standing(made, [Q2], Settings(currency="EUR"), AS_OF).to_pyarrow().to_pylist()
    assert (row["segment"], row["csm"]) == ("all ", "")


def test_one_day_may_look_at_several_quarters_and_months_and_each_last_day_has_one_row(con: Any) -> None:
    quarters = (Outlook(AS_OF, date(2025, 10, 1)), Outlook(AS_OF, date(2026, 1, 1)))
    months = (Outlook(AS_OF, date(2026, 1, 1), 1), Outlook(AS_OF, date(2026, 3, 1), 1))
    made = rows(con, term("a1", "2024-06-01", None, term_ends_on="2026-02-01"), outlooks=(*quarters, *months))
    assert [(row["last_day"], row["mrr_up_for_renewal"], row["mrr"]) for row in made] == [
        (date(2025, 12, 31), 0, 100), (date(2026, 1, 31), 0, 100), (date(2026, 3, 31), 100, 100)
    ]  # fmt: skip


def test_the_future_changes_nothing_but_what_came(con: Any) -> None:
    now = term("a1", "2024-06-01", None, term_ends_on="2025-06-01")
    later = {"ended_on": "2025-05-01", "notice_on": "2025-04-20"}
    one, other = (rows(con, row)[0] for row in (now, now | later))
    assert (one.pop("mrr_end"), other.pop("mrr_end")) == (100, 0)
    assert (one.pop("mrr_end_first"), other.pop("mrr_end_first")) == (100, 0)
    assert one == other


def test_a_quarter_ends_with_its_third_month_and_a_month_with_itself() -> None:
    assert (Q2.last_day, Outlook(AS_OF, date(2025, 12, 1), 1).last_day) == (date(2025, 6, 30), date(2025, 12, 31))
