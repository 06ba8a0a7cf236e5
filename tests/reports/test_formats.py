"""Numbers, money, shares and dates as people read them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from rind.reports.formats import MINUS, NOTHING, Format, percent


@pytest.mark.parametrize("value", [None, float("nan"), pd.NaT, pd.NA])
def test_every_formatter_takes_a_missing_value(value: Any) -> None:
    fmt = Format("en", "EUR")
    assert {fmt.number(value), fmt.money(value), fmt.change(value), fmt.percent(value), fmt.day(value)} == {NOTHING}
    assert fmt.distance(value, date(2026, 1, 1)) == ""


def test_values_are_written_as_in_the_locale() -> None:
    german, english = Format("de", "EUR"), Format("en")
    assert (german.number(1234.5, 1), english.number(1234.5, 1)) == ("1.234,5", "1,234.5")
    assert german.day(date(2026, 3, 2)) == "02.03.2026"
    assert (english.percent(0.256), english.percent(0.004), english.percent(-0.0)) == (
        "26\u00a0%",
        "0.4\u00a0%",
        "0\u00a0%",
    )
    assert [english.change(value) for value in (3, -12, 0.4, -0.4)] == ["+3", f"{MINUS}12", "±0", "±0"]


@pytest.mark.parametrize(("day", "words"), [(2, "today"), (3, "in 1 day"), (1, "1 day ago"), (12, "in 10 days")])
def test_a_distance_is_counted_from_the_scoring_date(day: int, words: str) -> None:
    assert Format("en").distance(date(2026, 3, day), date(2026, 3, 2)) == words


def test_dates_in_sentences_are_the_readers_and_what_is_no_date_stays() -> None:
    sentence = "before 2026-08-31, not 2026-02-31 or 12026-01-01"
    assert Format("de").sentence(sentence) == "before 31.08.2026, not 2026-02-31 or 12026-01-01"


@pytest.mark.parametrize("name", ["en", "en_US", "en_GB", "en_AU"])
def test_english_has_one_form_whatever_the_country(name: str) -> None:
    fmt = Format(name)
    assert (fmt.day(date(2026, 9, 5)), fmt.percent(0.12)) == ("5 Sep 2026", "12\u00a0%")


def test_shares_in_sentences_have_the_form_of_the_figures() -> None:
    assert Format("en").sentence("12% of 5 %, 100%ile") == "12\u00a0% of 5\u00a0%, 100%ile"
    assert (percent(0.125), percent(0.0123, 1), percent(None)) == ("12 %", "1.2 %", NOTHING)


def test_arr_is_twelve_times_the_mrr() -> None:
    assert (Format("en").arr(100.0), Format("en", "EUR").arr(100.0), Format("en").arr(None)) == (
        "1,200", "\u20ac1,200", NOTHING,
    )  # fmt: skip
