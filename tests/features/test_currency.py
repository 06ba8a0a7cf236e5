"""Money of other currencies."""

from __future__ import annotations

from typing import Any

import pytest
from builders import snapshots, tables

from rind.features.account_snapshot import standing
from rind.features.catalogue import Settings
from rind.features.currency import currency_notes

RATES = [
    {"currency": "USD", "as_of": "2025-01-01", "rate": 0.5},
    {"currency": "usd", "as_of": "2025-02-01", "rate": 0.75},
]


def term(name: str, mrr: float, currency: str | None) -> dict[str, Any]:
    return {"subscription_id": name, "account_id": "a", "mrr": mrr, "starts_on": "2024-01-01", "currency": currency}


def company(con: Any, *rows: dict[str, Any], rates: Any = RATES) -> dict[str, Any]:
    accounts = [{"account_id": "a", "name": "a", "signed_on": "2024-01-01"}]
    return tables(con, accounts=accounts, subscriptions=rows, rates=rates)


def mrr(con: Any, day: str, *rows: dict[str, Any], own: str = "EUR") -> float:
    [row] = standing(snapshots(con, ("a", day)), company(con, *rows), Settings(currency=own)).to_pyarrow().to_pylist()
    return row["mrr"]


@pytest.mark.parametrize(
    ("day", "expected"), [("2025-01-01", 110), ("2025-01-02", 60), ("2025-02-01", 60), ("2025-02-02", 85)]
)
def test_an_amount_is_converted_by_the_latest_rate_of_a_day_before(con: Any, day: str, expected: float) -> None:
    """Before the first rate is known, 100 USD are taken as they are."""
    assert mrr(con, day, term("1", 10, None), term("2", 100, "usd")) == expected


def test_the_own_currency_and_what_has_none_stay_and_no_own_currency_takes_all_as_they_are(con: Any) -> None:
    rows = term("1", 10, "eur"), term("2", 5, None), term("3", 100, "USD")
    assert mrr(con, "2025-03-03", *rows) == 10 + 5 + 75
    assert mrr(con, "2025-03-03", *rows, own="") == 115


def test_a_currency_without_a_rate_is_taken_as_it_is_and_named(con: Any) -> None:
    rows = term("1", 10, "EUR"), term("2", 7, "GBP"), term("3", 100, "USD")
    assert mrr(con, "2025-03-03", rows[1]) == 7
    notes = currency_notes(company(con, *rows), "EUR")
    assert notes == (
        "subscriptions: 1 rows in GBP are taken as they are, since rates has no rate for GBP",
        "subscriptions: amounts in USD are taken as they are before 2025-01-01, when the rates begin",
    )


def test_several_currencies_without_an_own_one_are_named_and_one_alone_is_not(con: Any) -> None:
    [note] = currency_notes(company(con, term("1", 1, "EUR"), term("2", 1, "usd")), "")
    assert note.endswith("added as they are: EUR (1 rows), USD (1 rows); set money.currency")
    assert currency_notes(company(con, term("1", 1, "EUR"), term("2", 1, None)), "") == ()
