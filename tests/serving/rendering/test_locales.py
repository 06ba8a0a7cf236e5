"""Numbers, money and dates as the reader writes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rind.serving.rendering.locales import KNOWN, MINUS, NOTHING, Format, preferred


@pytest.mark.parametrize(("header", "name"), [
    ("de-DE,de;q=0.9,en;q=0.5", "de"), ("en-GB", "en_GB"), ("fr;q=0.2, pt-BR;q=0.8", "pt_BR"), ("no", "nb"),
    ("xx", "en"), ("", "en"), ("de;q=abc", "en"), ("DE-at", "de_AT"),
])  # fmt: skip
def test_the_locale_is_the_one_that_the_header_prefers(header: str, name: str) -> None:
    assert preferred(header) == name


@given(header=st.text(max_size=300))
def test_any_header_gives_a_known_locale(header: str) -> None:
    assert preferred(header) in KNOWN


@pytest.mark.parametrize("value", [None, float("nan"), pd.NaT, pd.NA])
def test_every_formatter_takes_a_missing_value(value: Any) -> None:
    fmt = Format("en", "EUR")
    assert {fmt.number(value), fmt.money(value), fmt.change(value), fmt.percent(value), fmt.day(value)} == {NOTHING}
    assert fmt.distance(value, date(2026, 1, 1)) == ""


def test_values_are_written_as_in_the_locale() -> None:
    german, english = Format("de", "EUR"), Format("en")
    assert (german.number(1234.5, 1), english.number(1234.5, 1)) == ("1.234,5", "1,234.5")
    assert german.day(date(2026, 3, 2)) == "02.03.2026"
    assert (english.percent(0.256), english.percent(0.004), english.percent(-0.0)) == ("26%", "0.4%", "0%")
    assert [english.change(value) for value in (3, -12, 0.4, -0.4)] == ["+3", f"{MINUS}12", "±0", "±0"]


@pytest.mark.parametrize(("day", "words"), [(2, "today"), (3, "in 1 day"), (1, "1 day ago"), (12, "in 10 days")])
def test_a_distance_is_counted_from_the_scoring_date(day: int, words: str) -> None:
    assert Format("en").distance(date(2026, 3, day), date(2026, 3, 2)) == words


def test_dates_in_sentences_are_the_readers_and_what_is_no_date_stays() -> None:
    sentence = "before 2026-08-31, not 2026-02-31 or 12026-01-01"
    assert Format("de").sentence(sentence) == "before 31.08.2026, not 2026-02-31 or 12026-01-01"
