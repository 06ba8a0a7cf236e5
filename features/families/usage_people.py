"""The users behind the usage: a bit per day each, and what the bits say of the weeks before a date."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from features.families.usage_weeks import bit, bits_set, count_where, dated

BLOCK_WEEKS = 8
BLOCK_DAYS = 7 * BLOCK_WEEKS  # 56 days fit in 63 bits
POWER_DAYS = 8
"""A power user uses the product on at least this many of 28 days: two a week."""


def user_blocks(usage: ir.Table, known_calendars: ir.Table) -> ir.Table:
    """One row per calendar, user and block of eight weeks with use: days, bit i for the block's day i."""
    rows = dated(usage, known_calendars, "user_id").filter(_.user_id.notnull())
    rows = rows.select("calendar", "user_id", block=rows.day // BLOCK_DAYS, day_bit=bit(rows.day % BLOCK_DAYS))
    return rows.group_by("calendar", "user_id", "block").aggregate(days=rows.day_bit.bit_or())


def weekly_users(blocks: ir.Table) -> ir.Table:
    """One row per calendar and week: users: int64, how many users used the product (0 where none)."""
    weeks = {f"users_{k}": count_where(((blocks.days >> (7 * k)) & 127) != 0) for k in range(BLOCK_WEEKS)}
    wide = blocks.group_by("calendar", "block").aggregate(**weeks)
    long = wide.mutate(k=ibis.range(0, BLOCK_WEEKS).unnest())
    users = ibis.cases(*((long.k == k, long[f"users_{k}"]) for k in range(BLOCK_WEEKS)))
    return long.select("calendar", week=long.block * BLOCK_WEEKS + long.k, users=users)


def people(spine: ir.Table, blocks: ir.Table) -> ir.Table:
    """How many users the account has, how busy they are, who came and who went.

    Returns
    -------
    ibis.Table
        One row per (calendar, week) of the spine at which some user is known of the 112 days before:
        counts over the weeks ``first`` to ``last`` ago as in `usage_weeks.windows`, or both of them; user_days:
        sum of the users' days with use, top_days: the busiest user's; power: users with `POWER_DAYS` days.
    """
    dates = spine.select(
        "calendar",
        "week",
        block=spine.week // BLOCK_WEEKS,
        last=((spine.week % BLOCK_WEEKS) * 7 + 6).cast("int32"),
    )
    pairs = dates.inner_join(_three_blocks(blocks), ["calendar", "block"])
    pairs = pairs.select(
        "calendar",
        "week",
        recent=_last_days(pairs.days_0, pairs.days_1, pairs["last"]),
        earlier=_last_days(pairs.days_1, pairs.days_2, pairs["last"]),
    )
    pairs = pairs.mutate(now=pairs.recent >> 28, before=pairs.recent & (2**28 - 1))
    pairs = pairs.mutate(days_now=bits_set(pairs.now), days_before=bits_set(pairs.before))
    power_now, power_before = pairs.days_now >= POWER_DAYS, pairs.days_before >= POWER_DAYS
    return pairs.group_by("calendar", "week").aggregate(
        users_1_1=count_where((pairs.recent >> 49) != 0),
        users_1_4=count_where(pairs.now != 0),
        users_5_8=count_where(pairs.before != 0),
        users_both=count_where((pairs.now != 0) & (pairs.before != 0)),
        users_1_13=count_where((pairs.recent != 0) | ((pairs.earlier >> 21) != 0)),
        user_days=pairs.days_now.cast("float64").sum(),  # DuckDB sums whole numbers in 128 bits
        top_days=pairs.days_now.max(),
        power_1_4=count_where(power_now),
        power_5_8=count_where(power_before),
        power_both=count_where(power_now & power_before),
    )


def _three_blocks(blocks: ir.Table) -> ir.Table:
    """Each user's block side by side with the two blocks before it (no use: 0)."""
    moved = blocks.mutate(ago=ibis.range(0, 3).unnest())
    moved = moved.mutate(block=moved.block + moved.ago)
    columns = {f"days_{ago}": ibis.ifelse(moved.ago == ago, moved.days, 0).max() for ago in range(3)}
    return moved.group_by("calendar", "user_id", "block").aggregate(**columns)


def _last_days(block: ir.IntegerValue, before: ir.IntegerValue, last: ir.IntegerValue) -> ir.IntegerValue:
    """The 56 days up to day ``last`` of a block, the latest in bit 55; what comes after it is cut off."""
    known = block & (bit(last + 1) - 1)
    return (known << (BLOCK_DAYS - 1 - last).cast("int32")) | (before >> (last + 1).cast("int32"))
