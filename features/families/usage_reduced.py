"""Usage reduced to what every window of every date needs, free of the dates: each table a group-by over usage.

Each can be made of some days of usage alone and put together afterwards (`merged`), as a row of usage counts on the day
from which it is known and on no other. So a new week reduces its own rows alone, where the rest is kept. ``by`` are
further columns of the usage by which the rows are kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features import asof
from rind.features.families.activity_intervals import reach, usage_days
from rind.features.tables import RECORDED_AT

QUARTER = 91
FEATURES_USED, ACCOUNT_DAYS, USER_SPANS, USER_REACH = "used_features", "account_days", "user_spans", "user_reach"
"""Names under which a kept reduction stands among the tables of a family."""

BLOCK_WEEKS = 8
BLOCK_DAYS = 7 * BLOCK_WEEKS  # 56 days fit in 63 bits
SPAN_BLOCKS = 3
SPAN_DAYS = SPAN_BLOCKS * BLOCK_DAYS


def reduced(tables: Mapping[str, ir.Table], name: str, make: Callable[[ir.Table], ir.Table]) -> ir.Table:
    """A reduction of usage: the kept one where there is one, else made of the table usage."""
    return tables[name] if name in tables else make(tables["usage"])


def used_features(usage: ir.Table, *by: str) -> ir.Table:
    """One row per feature with use: feature, first_day: int64, the epoch day on which its first use was known."""
    rows = usage.select("feature", *by, day=known_day(usage)).filter(_.feature.notnull())
    return rows.group_by("feature", *by).aggregate(first_day=rows.day.min())


def account_days(usage: ir.Table, numbered: ir.Table, *by: str) -> ir.Table:
    """What an account did on a day, and with which features.

    Parameters
    ----------
    numbered
        One row per feature, see `features.families.usage_depth.numbered`.

    Returns
    -------
    ibis.Table
        One row per account, epoch day and word of features with use: events (sum of quantity, 1 where it is empty),
        and the bit sets used and official.
    """
    rows = usage.select("account_id", "feature", "quantity", *by, day=known_day(usage))
    rows = rows.inner_join(numbered, "feature")
    rows = rows.select(
        "account_id",
        *by,
        "day",
        "word",
        "feature_bit",
        quantity=rows.quantity.cast("float64").fill_null(1.0),
        official_bit=ibis.ifelse(rows.released <= rows.day, rows.feature_bit, 0),
    )
    return rows.group_by("account_id", "day", "word", *by).aggregate(
        events=rows.quantity.sum(), used=rows.feature_bit.bit_or(), official=rows.official_bit.bit_or()
    )


def user_spans(usage: ir.Table, *by: str) -> ir.Table:
    """One row per account, user and span of three blocks with use: days_0 to days_2, the bits of each block.

    Spans are of the same days for all accounts, and so need no calendar while the rows are many.
    """
    rows = usage.filter(usage.user_id.notnull()).select("account_id", "user_id", *by, since=known_day(usage))
    rows = rows.mutate(span=rows.since // SPAN_DAYS, day=rows.since % SPAN_DAYS)
    day_bit = bit(rows.day % BLOCK_DAYS)
    inside = [rows.day.between(k * BLOCK_DAYS, (k + 1) * BLOCK_DAYS - 1) for k in range(SPAN_BLOCKS)]
    days = {f"days_{k}": ibis.ifelse(inside[k], day_bit, 0).bit_or() for k in range(SPAN_BLOCKS)}
    return rows.group_by("account_id", "user_id", "span", *by).aggregate(**days)


def user_reach(usage: ir.Table, *by: str) -> ir.Table:
    """When users count as active for use in the 91 days before: see `features.families.activity_intervals.reach`."""
    return reach(usage_days(usage, *by), QUARTER, *by)


def merged(name: str, parts: ir.Table) -> ir.Table:
    """A reduction of all usage, of the rows that some of its days gave.

    Parameters
    ----------
    parts
        The rows of the reduction ``name`` of days that do not overlap and together are all.
    """
    if name == FEATURES_USED:
        return parts.group_by("feature").aggregate(first_day=parts.first_day.min())
    if name == USER_SPANS:
        bits = {f"days_{k}": parts[f"days_{k}"].bit_or() for k in range(SPAN_BLOCKS)}
        return parts.group_by("account_id", "user_id", "span").aggregate(**bits)
    return parts  # of days, or of intervals that may overlap


def known_day(usage: ir.Table) -> ir.IntegerValue:
    """The epoch day on which a row counts as use: the later of when it happened and when it was recorded."""
    return epoch_day(asof.effective_at(usage, "usage").date())


def known_within(usage: ir.Table, first: date, last: date) -> ir.Table:
    """The rows that count as use on a day from ``first`` to ``last``; others stay on the disk where they can."""
    begin, end = (ibis.literal(day, "date").cast("timestamp") for day in (first, last + timedelta(days=1)))
    rows = usage.filter(usage.occurred_at < end)
    if RECORDED_AT.name not in rows.columns:
        return rows.filter(rows.occurred_at >= begin)
    known_at = asof.effective_at(rows, "usage")
    return rows.filter(known_at >= begin, known_at < end)


EPOCH = ibis.date("1970-01-01")


def epoch_day(day: ir.DateValue) -> ir.IntegerValue:
    """Days since 1970-01-01."""
    return day.delta(EPOCH, unit="day").cast("int64")


def bit(position: ir.IntegerValue) -> ir.IntegerValue:
    """The int64 with that one bit (0-62)."""
    # A cast text, as ibis writes a typed 1 as a bare one, which has 32 bits; PostgreSQL shifts by int4 only.
    return ibis.literal("1").cast("int64") << position.cast("int32")
