"""Ids as companies write them -> one spelling for every table and format, so that they meet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as dt

NO_VALUE = ("null", "(null)", "nil", "none", "nan", "nat", "n/a", "#n/a", "na", "<na>", "-", "--", "\\n")
"""Texts, in any case, that programs write where there is nothing; in free text they stay what they are."""

SAMPLE_ROWS = 1_000
_NUMBER = r"^[+-]?[0-9]+([.][0-9]*)?([eE][+]?[0-9]+)?$"
_WITH_ZEROS = r"^([+-]?[0-9]+)[.]0*$"
_WITH_EXPONENT = r"^[+-]?[0-9]+([.][0-9]*)?[eE][+]?[0-9]+$"
PEOPLE = ("user_id", "contact_id")
"""Ids that may be e-mail addresses, which are the same in any case of their letters."""


def has_value(text: Any) -> Any:
    """Whether a text is more than blanks and a word for nothing; empty where the text is."""
    return ~text.strip().lower().isin(("", *NO_VALUE))


def normal_id(text: Any, numeric: bool, person: bool) -> Any:
    """A text id without outer blanks and words for nothing.

    Parameters
    ----------
    numeric
        All of its column are numbers, some of them written as 17.0 or 1.7e1: both become 17. Leading zeros stay.
    person
        An address of a person: lower case.
    """
    value = ibis.ifelse(has_value(text), text.strip(), ibis.null("string"))
    if person:
        value = ibis.ifelse(value.contains("@"), value.lower(), value)
    if not numeric:
        return value
    number = ibis.ifelse(value.re_search(_WITH_EXPONENT), value, ibis.null("string")).cast("float64")
    whole = ibis.ifelse((number == number.floor()) & (number < 2.0**53), number, ibis.null("float64"))
    return ibis.coalesce(whole.cast("int64").cast("string"), value.re_replace(_WITH_ZEROS, r"\1"))


def odd_numbers(table: ibis.Table, columns: Iterable[str]) -> set[str]:
    """The text columns that are numbers as a whole, some of them written as 17.0 or 1.7e1.

    Only columns whose first rows are all numbers are read to their end.
    """
    texts = [c for c in columns if table[c].type().is_string()]
    if not texts:
        return set()
    sample = table.select(texts).limit(SAMPLE_ROWS).to_pyarrow().to_pydict()
    maybe = [c for c in texts if _all_numbers(sample[c])]
    marks = _one_row(table, {c: _marked(table[c]) for c in maybe})
    maybe = [c for c in maybe if marks[c]]
    others = _one_row(table, {c: has_value(table[c]) & ~table[c].strip().re_search(_NUMBER) for c in maybe})
    return {c for c in maybe if not others[c]}


def fits_int64(dtype: dt.DataType) -> bool:
    """Whether whole numbers of a type are kept as int64; of unsigned 64 bits half of them would not fit."""
    return bool((dtype.is_integer() and dtype != dt.uint64) or dtype.is_floating() or dtype.is_decimal())


def _marked(text: Any) -> Any:
    """A sign that a number is written oddly; cheaper than a pattern."""
    return text.contains(".") | text.contains("e") | text.contains("E")


def _all_numbers(values: Iterable[str | None]) -> bool:
    words = [v.strip() for v in values if v is not None]
    filled = [w for w in words if w and w.lower() not in NO_VALUE]
    return all(re.match(_NUMBER, w) for w in filled)


def _one_row(table: ibis.Table, conditions: Mapping[str, Any]) -> dict[str, int]:
    if not conditions:
        return {}
    (row,) = table.aggregate(**{c: table.count(where=w) for c, w in conditions.items()}).to_pyarrow().to_pylist()
    return {c: int(n or 0) for c, n in row.items()}
