"""The spine: which accounts are looked at on which dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from rind.features.asof import KEYS, active_on, notice_given, recorded_before
from rind.features.paid_terms import paying

MONDAY = date(1970, 1, 5)
"""The grid's origin. Dates are counted from it, never back from the data end, so that exports share dates."""


def grid(first: date, last: date, every_days: int) -> list[date]:
    """Dates of the fixed calendar grid in [first, last]: Mondays where every_days is 7."""
    if every_days < 1:
        raise ValueError(f"every_days must be at least 1, not {every_days}")
    steps_to_first = -((MONDAY - first).days // every_days)
    start = MONDAY + timedelta(days=steps_to_first * every_days)
    return [start + timedelta(days=n) for n in range(0, (last - start).days + 1, every_days)]


def history_dates(first_known: date, scoring: date, every_days: int, history_days: int) -> list[date]:
    """All dates to build: the grid over the history, and the scoring date, which may lie off the grid.

    Parameters
    ----------
    first_known
        Day of the first thing that happened; grid dates start after it.
    history_days
        How far back from the scoring date the history goes, days.
    """
    start = max(first_known + timedelta(days=1), scoring - timedelta(days=history_days))
    return sorted({*grid(start, scoring, every_days), scoring})


def spine(subscriptions: ir.Table, dates: Sequence[date]) -> ir.Table:
    """The cohort of every date: accounts that pay on it and have not given notice before it.

    An account with several subscriptions has given notice when all those that it pays for have. Paying is
    a status of the day itself (data contract, "Time"): a term that starts on as_of counts, one that ends on
    as_of does not; neither is used in any feature of that date.

    Returns
    -------
    ibis.Table
        One row per (account_id, as_of: date).
    """
    calendar = ibis.memtable([{"as_of": day} for day in dates], schema={"as_of": "date"})
    terms = paying(subscriptions)
    pairs = calendar.join(terms, terms.starts_on <= calendar.as_of)
    in_cohort = active_on(pairs) & ~notice_given(pairs) & recorded_before(pairs)
    return pairs.filter(in_cohort).select(*KEYS).distinct()
