"""Dates, money, shares and numbers as people read them: one form on pages, in files, charts' words and mails.

English has one form everywhere, whatever the country: 28 Jun 2026, 12 %, 1,235. Readers of other languages have
their own separators and dates; the language of the words stays English.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

NOTHING = "\u2013"  # an en dash for an empty cell
MINUS = "\u2212"
NO_BREAK = "\N{NO-BREAK SPACE}"
MONTHS_A_YEAR = 12
ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
SHARE = re.compile(r"(?<=\d) ?%(?!\w)")
ENGLISH_DAY = "d MMM y"


def percent(value: float | None, decimals: int = 0) -> str:
    """A share inside a sentence: .125 -> "12 %"; a dash where it is missing."""
    return NOTHING if _empty(value) or value is None else f"{float(value):.{decimals}%}".replace("%", " %")


class Format:
    """How one locale prints; every method takes None (and NaN) and prints a dash for it.

    Parameters
    ----------
    name
        One of `KNOWN`.
    currency
        ISO 4217; "" prints money without a sign.
    """

    def __init__(self, name: str, currency: str = "") -> None:
        self.name = name
        self.currency = currency

    def number(self, value: Any, decimals: int = 0) -> str:
        """1234.5 -> 1,235 (1 235, 1.235)."""
        return NOTHING if _empty(value) else _number(self.name, _clean(value, decimals), decimals)

    def money(self, value: Any) -> str:
        """Whole units, with the sign of the currency where one is set."""
        if _empty(value):
            return NOTHING
        return _money(self.name, self.currency, _clean(value, 0)) if self.currency else self.number(value)

    def arr(self, mrr: Any) -> str:
        """Money a month as that of a year: what every page, list and mail prints (ARR = 12 x MRR)."""
        return NOTHING if _empty(mrr) else self.money(MONTHS_A_YEAR * float(mrr))

    def change(self, value: Any, money: bool = False) -> str:
        """With its sign: +3, -12 (with a real minus), ±0."""
        if _empty(value):
            return NOTHING
        size = self.money(abs(value)) if money else self.number(abs(value))
        rounded = round(float(value))
        return f"±{size}" if rounded == 0 else f"{'+' if rounded > 0 else MINUS}{size}"

    def percent(self, value: Any) -> str:
        """A share: 12 %, one decimal where it is below 1 %; its space does not break."""
        if _empty(value):
            return NOTHING
        decimals = 1 if 0 < abs(value) < 0.0095 else 0
        return _percent(self.name, _clean(value, 2 + decimals), decimals)

    def share(self, value: Any) -> str:
        """A share with one decimal: 1.8 %, for rates that differ by less than a point."""
        return NOTHING if _empty(value) else _percent(self.name, _clean(value, 3), 1)

    def month(self, value: Any) -> str:
        """The month of a date: Jun 2026."""
        return NOTHING if _empty(value) else _month(self.name, _date(value).replace(day=1))

    def day(self, value: Any) -> str:
        """A date in the locale's medium form."""
        return NOTHING if _empty(value) else _day(self.name, _date(value))

    def sentence(self, text: Any) -> str:
        """A sentence of the results, its ISO dates in the locale's form, its shares with a space (12 %)."""

        def localised(iso: re.Match[str]) -> str:
            try:
                return self.day(date.fromisoformat(iso[0]))
            except ValueError:  # the 31st of February is no date
                return iso[0]

        return SHARE.sub(f"{NO_BREAK}%", ISO.sub(localised, str(text)))

    def distance(self, value: Any, as_of: date) -> str:
        """in 12 days, 3 days ago, today."""
        if _empty(value):
            return ""
        days = (_date(value) - as_of).days
        if days == 0:
            return "today"
        length = f"{self.number(abs(days))} day{'' if abs(days) == 1 else 's'}"
        return f"in {length}" if days > 0 else f"{length} ago"


@lru_cache(maxsize=256)
def format_of(name: str, currency: str) -> Format:
    """The one Format of a locale."""
    return Format(name, currency)


# The same few thousand values are printed again and again, and Babel is slow.


@lru_cache(maxsize=20_000)
def _number(name: str, value: float, decimals: int) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(value, format=pattern, locale=name, numbering_system="latn"))


@lru_cache(maxsize=20_000)
def _money(name: str, currency: str, value: float) -> str:
    pattern = str(Locale.parse(name).currency_formats["standard"].pattern).replace(".00", "")
    return str(format_currency(value, currency, format=pattern, locale=name, currency_digits=False))


@lru_cache(maxsize=20_000)
def _percent(name: str, value: float, decimals: int) -> str:
    own = f"#,##0{NO_BREAK}%" if _english(name) else str(Locale.parse(name).percent_formats[None].pattern)
    pattern = own.replace("#,##0", "#,##0.0") if decimals else own
    return str(format_percent(value, format=pattern, locale=name, numbering_system="latn"))


@lru_cache(maxsize=20_000)
def _day(name: str, value: date) -> str:
    if _english(name):  # not "Sept", and not the month first
        return str(format_date(value, format=ENGLISH_DAY, locale="en"))
    return str(format_date(value, format="medium", locale=name))


@lru_cache(maxsize=2_000)
def _month(name: str, value: date) -> str:
    return str(format_date(value, format="MMM y", locale="en" if _english(name) else name))


def _english(name: str) -> bool:
    return name.partition("_")[0] == "en"


def _empty(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or value != value  # NA != NA is an error


def _date(value: Any) -> date:
    return value if type(value) is date else pd.Timestamp(value).date()


def _clean(value: Any, decimals: int) -> float:
    """Rounded, without a minus before zero."""
    return round(float(value), decimals) + 0.0


HOUSE = format_of("en", "")
"""How files are written that no browser asks for: the HTML list, the workbook."""
