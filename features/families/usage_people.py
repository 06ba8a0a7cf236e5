"""Users of the product: one bit per user and day of use, and the counts that follow for the weeks before a date."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rind.features.families.usage_reduced import BLOCK_DAYS, BLOCK_WEEKS, SPAN_BLOCKS, bit, epoch_day
from rind.features.families.usage_weeks import bits_set_by_byte, count_where

POWER_DAYS = 8
"""A power user uses the product on at least this many of 28 days: two a week."""


def user_blocks(user_spans: ir.Table, known_calendars: ir.Table) -> ir.Table:
    """The days on which each user used the product, as bits, by blocks of eight weeks.

    Parameters
    ----------
    user_spans
        See `features.families.usage_reduced.user_spans`.

    Returns
    -------
    ibis.Table
        One row per calendar, user and block (number of 56 days since the epoch) with use in it or, for some time,
        before: phase, and days_0: bit i for the block's day i; days_1 and days_2: the two blocks before it.
    """
    spans = _with_previous(user_spans)
    known = spans.inner_join(known_calendars.select("account_id", "calendar", "phase"), "account_id")
    long = known.mutate(k=ibis.range(0, SPAN_BLOCKS).unnest())
    in_order = [long.previous_1, long.previous_2, long.days_0, long.days_1, long.days_2]
    days = {
        f"days_{ago}": ibis.cases(*((long.k == k, in_order[2 + k - ago]) for k in range(SPAN_BLOCKS)))
        for ago in range(3)
    }
    return long.select("calendar", "phase", block=long.span * SPAN_BLOCKS + long.k, **days)


def weekly_users(blocks: ir.Table) -> ir.Table:
    """One row per calendar and week: users: float64, how many users used the product (0 where none)."""
    # A calendar's weeks start on the phase of the epoch's: the last one to end in a block ends on day 48 + phase.
    days = _last_days(blocks.days_0, blocks.days_1, (blocks.phase + (BLOCK_DAYS - 8)).cast("int32"))
    weeks = {f"users_{k}": count_where(((days >> (7 * k)) & 127) != 0) for k in range(BLOCK_WEEKS)}
    wide = blocks.group_by("calendar", "block").aggregate(**weeks)
    long = wide.mutate(k=ibis.range(0, BLOCK_WEEKS).unnest())
    users = ibis.cases(*((long.k == k, long[f"users_{k}"]) for k in range(BLOCK_WEEKS)))
    return long.select("calendar", week=long.block * BLOCK_WEEKS + long.k - 1, users=users)


def people(spine: ir.Table, blocks: ir.Table) -> ir.Table:
    """How many users the account has, how busy they are, who came and who went.

    Returns
    -------
    ibis.Table
        One row per (calendar, week) of the spine at which some user is known of the 112 days before:
        counts over the weeks ``first`` to ``last`` ago as in `usage_weeks.windows`, or both of them; user_days:
        sum of the users' days with use, top_days: the busiest user's; power: users with `POWER_DAYS` days.
    """
    yesterday = epoch_day(spine.as_of) - 1
    dates = spine.select("calendar", "week", block=yesterday // BLOCK_DAYS, last=(yesterday % BLOCK_DAYS).cast("int32"))
    pairs = dates.inner_join(blocks, ["calendar", "block"])
    pairs = pairs.select(
        "calendar",
        "week",
        recent=_last_days(pairs.days_0, pairs.days_1, pairs["last"]),
        earlier=_last_days(pairs.days_1, pairs.days_2, pairs["last"]),
    )
    pairs = pairs.mutate(now=pairs.recent >> 28, before=pairs.recent & (2**28 - 1))
    both = bits_set_by_byte((pairs.now << 32) | pairs.before)  # four bytes each: one count for the two
    pairs = pairs.mutate(days_now=(both >> 32) % 255, days_before=(both & (2**32 - 1)) % 255)
    power_now, power_before = pairs.days_now >= POWER_DAYS, pairs.days_before >= POWER_DAYS
    return pairs.group_by("calendar", "week").aggregate(
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


def _with_previous(spans: ir.Table) -> ir.Table:
    """Each user's span side by side with the last two blocks of the one before it (no use: 0)."""
    moved = spans.mutate(ago=ibis.range(0, 2).unnest())
    moved = moved.mutate(span=moved.span + moved.ago)
    own, previous = moved.ago == 0, moved.ago == 1
    return moved.group_by("account_id", "user_id", "span").aggregate(
        **{f"days_{k}": ibis.ifelse(own, moved[f"days_{k}"], 0).max() for k in range(SPAN_BLOCKS)},
        **{f"previous_{k}": ibis.ifelse(previous, moved[f"days_{k}"], 0).max() for k in (1, 2)},
    )


def _last_days(block: ir.IntegerValue, before: ir.IntegerValue, last: ir.IntegerValue) -> ir.IntegerValue:
    """The 56 days up to day ``last`` of a block, the latest in bit 55; what comes after it is cut off."""
    known = block & (bit(last + 1) - 1)
    return (known << (BLOCK_DAYS - 1 - last).cast("int32")) | (before >> (last + 1).cast("int32"))
