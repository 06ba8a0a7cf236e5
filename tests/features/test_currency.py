"""Money of other currencies."""

from __future__ import annotations

from typing import Any

import pytest
from builders import snapshots, tables

from rind.features.account_snapshot import standing
from rind.features.catalogue import Settings
from rind.features.currency import currency_notes, unconverted

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


def test_the_own_currency_and_what_has_none_stay_and_the_own_one_need_not_be_named(con: Any) -> None:
    rows = term("1", 10, "eur"), term("2", 5, None), term("3", 100, "USD")
    assert mrr(con, "2025-03-03", *rows) == 10 + 5 + 75
    assert mrr(con, "2025-03-03", *rows, own="") == 10 + 5 + 75


def test_the_own_currency_stays_even_where_the_rates_name_it(con: Any) -> None:
    assert mrr(con, "2025-03-03", term("1", 100, "USD"), own="USD") == 100


def test_a_currency_without_a_rate_is_taken_as_it_is(con: Any) -> None:
    assert mrr(con, "2025-03-03", term("1", 7, "GBP")) == 7


def test_amounts_before_their_rates_begin_are_named_where_there_are_any(con: Any) -> None:
    early, late = term("1", 100, "usd"), term("2", 100, "usd") | {"starts_on": "2025-01-01"}
    [note] = currency_notes(company(con, early, late), "EUR")
    assert note == "subscriptions: amounts in USD are taken as they are before 2025-01-01, when the rates begin"
    assert currency_notes(company(con, late), "EUR") == ()
    assert currency_notes(company(con, early, rates=()), "EUR") == ()


@pytest.mark.parametrize(
    ("currencies", "own", "without_rate"),
    [
        (["EUR"], "", ()),
        ([None], "", ()),
        ([None], "EUR", ()),
        (["EUR", "EUR", "CHF"], "", ("CHF",)),
        (["EUR", "usd"], "", ()),  # rates has USD, so EUR is the own one
        (["EUR", "CHF", "GBP"], "EUR", ("CHF", "GBP")),
        (["EUR"], "CHF", ("EUR",)),
        ([None, "EUR"], "", ("EUR",)),  # empty is the own one, whatever that is
        ([None, "EUR"], "EUR", ()),
    ],
)
def test_what_no_rate_converts_is_every_currency_but_the_own_one(
    con: Any, currencies: list[str | None], own: str, without_rate: tuple[str, ...]
) -> None:
    rows = [term(str(i), 1, code) for i, code in enumerate(currencies)]
    assert unconverted(company(con, *rows), own).without_rate == without_rate


@pytest.mark.parametrize(
    ("currencies", "own", "sign"),
    [
        (["EUR", "eur"], "", "EUR"), ([None], "", ""), ([None], "chf", "CHF"),
        (["EUR", "USD"], "", "EUR"),  # USD has a rate
        (["n/a"], "", ""), (["unknown"], "", ""),
        (["EUR", "CHF"], "", ""),  # two that no rate brings together: their sum is money of neither
    ],
)  # fmt: skip
def test_amounts_have_a_sign_where_all_of_them_are_of_one_currency(
    con: Any, currencies: list[str | None], own: str, sign: str
) -> None:
    rows = [term(str(i), 1, code) for i, code in enumerate(currencies)]
    assert unconverted(company(con, *rows), own).sign == sign


def test_terms_without_money_are_of_no_currency(con: Any) -> None:
    assert unconverted(company(con, term("1", 1, "EUR"), term("2", 0, "CHF")), "").without_rate == ()
