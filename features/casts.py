"""A column as a company hands it over -> the contract's kind, on DuckDB and PostgreSQL alike.

A value that cannot be cast becomes empty and is counted, it never stops a query: PostgreSQL has no
TRY_CAST, so texts are cast only where a pattern has already said that the cast will work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from rind.features.ids import has_value

DTYPES: dict[str, dt.DataType] = {
    "string": dt.string,
    "date": dt.date,
    "timestamp": dt.Timestamp(scale=6),
    "integer": dt.int64,
    "number": dt.float64,
    "boolean": dt.boolean,
}

_MONTH_AND_DAY = r"((0?[13578]|1[02])-(0?[1-9]|[12]\d|3[01])|(0?[469]|11)-(0?[1-9]|[12]\d|30)|0?2-(0?[1-9]|1\d|2[0-8]))"
_LEAP_DAY = r"(\d\d(0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-0?2-29"
_CLOCK = r"([T ]+([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?)?"
_ZONE = r" *(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?)?"
INSTANT = rf"^\s*(([1-9]\d{{3}})-{_MONTH_AND_DAY}|{_LEAP_DAY}){_CLOCK}{_ZONE}\s*$"
"""ISO 8601 dates and times that exist (leap years counted), with or without a zone of less than 15 hours."""
_LAST_DAY = r"^\s*9999-12-31"
_PARTS = r"^\s*(\d+-\d+-\d+)[T ]*(\d+:\d+)?(:\d+)?(?:(\.\d{1,6})\d*)? *(?:Z|UTC)?(?:([+-]\d\d):?(\d\d)?)?\s*$"
_PLAIN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
NUMBER = r"^\s*[+-]?(\d{1,30}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?\s*$"


@dataclass(frozen=True)
class Cast:
    """A typed value, where the cast lost what was there, and where it read a word for nothing as empty.

    None says that neither can happen.
    """

    value: Any
    wrong: Any | None = None
    emptied: Any | None = None


def cast(raw: Any, target: dt.DataType) -> Cast:
    """Cast a column to a canonical type, lazily.

    Parameters
    ----------
    raw
        The column as the source has it, an `ibis.expr.types.Column` of any type.
    target
        string, boolean, int64, float64, date or timestamp (naive, UTC). Times with a zone are converted to UTC,
        which holds only while the session's time zone is UTC (`features.sources` sees to it); a date
        made of a time is the UTC day. Texts must be ISO 8601, numbers use a point.

    Returns
    -------
    Cast
        The value (empty texts and NaN ids count as empty), the rows where the cast failed, and, where the
        target is no text, those where a text such as NULL or N/A was read as empty. Of a type that cannot be
        cast at all, every filled row is wrong and the value is all empty.
    """
    source = raw.type()
    if target.is_string():
        return _to_text(raw)
    if target.is_boolean():
        return _to_boolean(raw)
    if target.is_integer() and source.is_integer() and source != dt.uint64:
        return Cast(raw.cast(target))
    if target.is_integer() and source.is_numeric() and not source.is_boolean():
        return _to_whole_number(raw)
    if target.is_floating() and source.is_numeric() and not source.is_boolean():
        return Cast(raw.cast(target))
    if target.is_temporal() and (source.is_timestamp() or source.is_date()):
        return _to_time(raw, target)
    if source.is_string():
        return _parse(raw, target)
    return Cast(ibis.null(target), raw.notnull())


def _to_text(raw: Any) -> Cast:
    source = raw.type()
    if source.is_string():
        return Cast(raw.nullif(""))
    if source.is_floating():
        whole = _to_whole_number(raw).value
        return Cast(ibis.coalesce(whole.cast("string"), raw.nullif(float("nan")).cast("string")))
    if source.is_decimal():
        return Cast(ibis.coalesce(_to_whole_number(raw).value.cast("string"), raw.cast("string")))
    if source.is_nested() or source.is_binary():
        return Cast(ibis.null("string"), raw.notnull())
    return Cast(raw.cast("string"))


def _to_boolean(raw: Any) -> Cast:
    """Booleans, 1 and 0 as numbers, and the usual words for them in any case."""
    source = raw.type()
    if source.is_boolean():
        return Cast(raw)
    if source.is_numeric():
        value = ibis.cases((raw == 1, True), (raw == 0, False))
        return Cast(value, raw.notnull() & value.isnull())
    if not source.is_string():
        return Cast(ibis.null("boolean"), raw.notnull())
    word = raw.strip().lower()
    value = ibis.cases((word.isin(TRUE), True), (word.isin(FALSE), False))
    filled = has_value(raw)
    return Cast(value, filled & value.isnull(), ~filled & (word != ""))


def _to_whole_number(raw: Any) -> Cast:
    """pandas writes ids with a gap as floats, warehouses write them as decimals."""
    filled = raw.notnull()
    if raw.type().is_floating():
        filled = filled & ~raw.isnan()
    in_range = raw.between(-(2**62), 2**62)
    value = ibis.ifelse(filled & in_range & (raw == raw.floor()), raw, None).cast("int64")
    return Cast(value, filled & value.isnull())


def _to_time(raw: Any, target: dt.DataType) -> Cast:
    """Databases know days before the year 1 and after 9999, and infinity for "never": here these are errors."""
    instant = raw.cast(DTYPES["timestamp"])
    real = instant.between(ibis.timestamp("0001-01-01 00:00:00"), ibis.timestamp("9999-12-31 23:59:59.999999"))
    value = ibis.ifelse(real, instant, None).cast(target)
    return Cast(value, raw.notnull() & ~real)


def _as_engines_read(text: Any) -> Any:
    """An `INSTANT` in the spelling that each engine casts: one blank, seconds, and a zone of hours and minutes.

    DuckDB refuses a zone after minutes, Spark two blanks; PostgreSQL would round what lies below a microsecond, which
    is cut. The last day of 9999 is never, whatever its clock: west of Greenwich it would end in the year 10000, which
    Python has not. Texts that are plain are taken as they are. Each use of ``text`` stands in the SQL once more,
    whatever it is made of: hence few of them.
    """
    day, clock, seconds, fraction, hours, minutes = (text.re_extract(_PARTS, n).nullif("") for n in range(1, 7))
    spelled = day + " " + clock.fill_null("00:00") + seconds.fill_null(":00") + fraction.fill_null("")
    zoned = spelled + hours.fill_null("+00") + ":" + minutes.fill_null("00")
    return ibis.cases((text.re_search(_LAST_DAY), "9999-12-31"), (text.re_search(_PLAIN), text), else_=zoned)


def _parse(raw: Any, target: dt.DataType) -> Cast:
    filled = has_value(raw)
    if target.is_temporal():
        sound = ibis.ifelse(raw.re_search(INSTANT), _as_engines_read(raw), None)
        value = sound.cast(dt.Timestamp(timezone="UTC")).cast(DTYPES["timestamp"]).cast(target)
    else:
        sound = ibis.ifelse(raw.re_search(NUMBER), raw.strip(), None)
        value = sound.cast("float64")
        value = _to_whole_number(value).value if target.is_integer() else value
    return Cast(value, filled & value.isnull(), ~filled & (raw.strip() != ""))
