"""Recognise from its values how a column is written: numbers, days, times, cents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rind.features.mapping.conversions import raw_value

READABLE = 0.98
"""A form is that of a column when so many of its values can be read in it."""


@dataclass(frozen=True)
class Form:
    """The keys of a column in mapping.yaml that say how it is written, and what a person must decide about it."""

    keys: dict[str, str]
    question: str = ""


def form_of(connection: Any, source: str, types: dict[str, str], column: str, kind: str, german: bool) -> Form:
    """The form of a column of a number, amount, time or date.

    Parameters
    ----------
    german
        Whether other columns of the file are written the German way: decides what 1.066 is.
    """
    raw, dtype = raw_value(column, types), types.get(column, "VARCHAR")
    if kind in ("number", "money"):
        return _number_form(connection, source, raw, dtype, kind == "money", german)
    if kind in ("time", "date") and not dtype.startswith("TIMESTAMP") and dtype != "DATE":
        return _time_form(connection, source, raw)
    return Form({})


def looks_german(connection: Any, source: str, types: dict[str, str]) -> bool:
    """Whether a file holds days as 31.12.2026 or numbers as 1.234,50."""
    texts = [raw_value(c, types) for c, t in types.items() if t == "VARCHAR"]
    if not texts:
        return False
    matches = ", ".join(
        rf"bool_or(regexp_full_match(trim({t}), '\d{{1,2}}\.\d{{1,2}}\.\d{{4}}.*|\d{{1,3}}(\.\d{{3}})*,\d{{1,2}}'))"
        for t in texts
    )
    return any(connection.con.execute(f"select {matches} from (select * from {source} limit 5000)").fetchone())


def _number_form(connection: Any, source: str, raw: str, dtype: str, money: bool, german: bool) -> Form:
    t = f"bare_number({raw})"
    query = rf"""select count({t}), count({t}) filter (regexp_matches({t}, ',\d{{1,2}}$|,\d{{4,}}$')),
        count({t}) filter (regexp_matches({t}, '\.\d{{1,2}}$|\.\d{{4,}}$')),
        count({t}) filter (regexp_full_match({t}, '-?\d{{1,3}}(\.\d{{3}})+')),
        count({t}) filter (regexp_matches({t}, '[.,]')),
        count({t}) filter (number_with_point({raw}) = floor(number_with_point({raw})))
        from {source}"""
    filled, comma, point, thousands, marked, whole = connection.con.execute(query).fetchone()
    typed = dtype != "VARCHAR"
    if comma and point and not typed:
        return Form(
            {"written": "1,234.50"}, f"{comma} values have a decimal comma, {point} a decimal point: which is it?"
        )
    cents = {"unit": "cents"} if money and filled and not marked and whole == filled else {}
    if typed:
        return Form(cents, _cents_question(cents))
    if comma:
        return Form({"written": "1.234,50"})
    if thousands and not point:
        if german:
            return Form({"written": "1.234,50"})
        return Form(
            {"written": "1,234.50"},
            "1.066 may be a thousand and sixty-six or one and a bit: written: 1.234,50 makes it a thousand.",
        )
    return Form({"written": "1,234.50"} if marked else cents, _cents_question(cents))


def _cents_question(cents: dict[str, str]) -> str:
    return (
        "all amounts are whole numbers, so they count as cents; leave `unit` out where they are not." if cents else ""
    )


def _time_form(connection: Any, source: str, raw: str) -> Form:
    t, number = f"filled({raw})", f"try_cast(filled({raw}) as double)"
    query = f"""select count({t}), count({number}), median({number}), count(time_iso({raw}, 'UTC')),
        count(time_day_month_year({raw}, 'UTC')), count(time_month_day_year({raw}, 'UTC')),
        count({t}) filter (contains({t}, '/')) from {source}"""
    filled, numbers, middle, iso, day_first, month_first, slashes = connection.con.execute(query).fetchone()
    enough = READABLE * filled
    if not filled:
        return Form({})
    if numbers >= enough:
        return Form({"written": "seconds" if middle < 1e11 else "milliseconds" if middle < 1e14 else "microseconds"})
    if iso >= enough:
        return Form({})
    if day_first >= enough and month_first >= enough:
        written = "month/day/year" if slashes else "day.month.year"
        return Form(
            {"written": written},
            f"no day is above the 12th, so day and month may be the other way round; read as {written}.",
        )
    if day_first >= enough or month_first >= enough:
        return Form({"written": "day.month.year" if day_first >= enough else "month/day/year"})
    return Form({}, "the values are in no form that is known; see written: in docs/mapping.md.")
