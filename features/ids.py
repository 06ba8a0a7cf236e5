"""Ids as companies write them -> one spelling for every table and format, so that they meet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.datatypes as dt

NO_VALUE = ("null", "(null)", "nil", "none", "nan", "nat", "n/a", "#n/a", "na", "<na>", "-", "--", "\\n")
"""Texts, in any case, that programs write where there is nothing; in free text they stay what they are."""

BLANKS = " \t\r\n\v\f"
"""Signs that are cut from both ends of an id."""
LONGEST_NO_VALUE = max(map(len, NO_VALUE))
SAMPLE_ROWS = 1_000
_NUMBER = r"^[+-]?[0-9]+([.][0-9]*)?([eE][+]?[0-9]+)?$"
_WITH_ZEROS = r"^([+-]?[0-9]+)[.]0*$"
_WITH_EXPONENT = r"^[+-]?[0-9]+([.][0-9]*)?[eE][+]?[0-9]+$"
PEOPLE = ("user_id", "contact_id")
"""Ids that may be e-mail addresses, which are the same in any case of their letters."""


def has_value(text: Any) -> Any:
    """Whether a text is more than blanks and a word for nothing; empty where the text is."""
    return ~text.strip().lower().isin(("", *NO_VALUE))


def normal_id(text: Any, spelling: Spelling, person: bool) -> Any:
    """A text id without outer blanks and words for nothing.

    A number written as 17.0 or 1.7e1 is 17 where the column is numeric; leading zeros stay. Addresses of people are
    written in lower case.
    """
    if spelling == Spelling():
        return text
    value = ibis.ifelse(has_value(text), text.strip(), ibis.null("string"))
    if person:
        value = ibis.ifelse(value.contains("@"), value.lower(), value)
    if not spelling.numeric:
        return value
    number = ibis.ifelse(value.re_search(_WITH_EXPONENT), value, ibis.null("string")).cast("float64")
    whole = ibis.ifelse((number == number.floor()) & (number < 2.0**53), number, ibis.null("float64"))
    return ibis.coalesce(whole.cast("int64").cast("string"), value.re_replace(_WITH_ZEROS, r"\1"))


@dataclass(frozen=True)
class Spelling:
    """How the ids of a text column are written; where nothing is odd they are taken as they are, at no cost.

    Parameters
    ----------
    odd
        Some may have outer blanks, stand for nothing, or be addresses of people.
    numeric
        All are numbers, some of them written as 17.0 or 1.7e1.
    """

    odd: bool = False
    numeric: bool = False


def spellings(table: ibis.Table, columns: Mapping[str, bool], repeating: Collection[str] = ()) -> dict[str, Spelling]:
    """How the ids of each text column are written, from these columns alone.

    Parameters
    ----------
    columns
        Column -> whether its ids may be addresses of people.
    repeating
        Columns in which an id stands in many rows: each is looked at once.
    """
    texts = {c: person for c, person in columns.items() if table[c].type().is_string()}
    if not texts:
        return {}
    sample = table.select(list(texts)).limit(SAMPLE_ROWS).to_pyarrow().to_pydict()
    numbers = {c for c in texts if _all_numbers(sample[c])}
    signs = [_signs(table, c, person, c in numbers) for c, person in texts.items() if c not in repeating]
    counts = _count_where(table, {name: sign for some in signs for name, sign in some.items()})
    for column in texts.keys() & set(repeating):
        each = table.select(column).distinct()
        counts |= _count_where(each, _signs(each, column, texts[column], column in numbers))
    marked = {c: has_value(table[c]) & ~table[c].strip().re_search(_NUMBER) for c in numbers if counts[f"marked_{c}"]}
    others = _count_where(table, marked)
    return {c: Spelling(counts[f"odd_{c}"] > 0, others.get(c, 1) == 0) for c in texts}


def _signs(table: ibis.Table, column: str, person: bool, numbers: bool) -> dict[str, Any]:
    signs = {f"odd_{column}": _odd(table[column], person)}
    return signs | ({f"marked_{column}": _marked(table[column])} if numbers else {})


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


def _odd(text: Any, person: bool) -> Any:
    """A sign that an id must be spelled anew: cheap tests, which may also meet ids that need not be."""
    blank = reduce(or_, (text.contains(sign) for sign in BLANKS))
    # A case, as an engine may compute both sides of an "and" for every row.
    nothing = ibis.ifelse(text.length() <= LONGEST_NO_VALUE, text.lower().isin(("", *NO_VALUE)), False)
    return blank | nothing | (text.contains("@") if person else ibis.literal(False))


def _count_where(table: ibis.Table, conditions: Mapping[str, Any]) -> dict[str, int]:
    if not conditions:
        return {}
    (row,) = table.aggregate(**{c: table.count(where=w) for c, w in conditions.items()}).to_pyarrow().to_pylist()
    return {c: int(n or 0) for c, n in row.items()}
