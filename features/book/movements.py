"""How the revenue of each account moved from one day to a later one.

The words are those in use (ChartMogul's and Stripe's documentation of MRR movements). An account that pays nothing on
the first day and something on the last is *new* where it never paid before, else *reactivated*; one that pays on both
*expands* or *contracts* by the difference; one that pays on the first day alone has *churned*. An example: 100 at the
end of April, 80 at the end of May: contraction 20, whatever happened between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import known_on
from rind.features.currency import in_own_currency
from rind.features.paid_terms import OPEN, paying

FIRST, LAST = "first", "last"


@dataclass(frozen=True)
class Span:
    """Two days whose revenue is compared, and the month by which the comparison goes.

    Parameters
    ----------
    month
        Its first day.
    first, last
        The revenue is that of the terms that run on these days.
    """

    month: date
    first: date
    last: date


def month_spans(months: Sequence[date], back: int = 1) -> list[Span]:
    """Each month with its last day, and the last day of the month ``back`` months earlier."""
    day = timedelta(days=1)
    return [Span(month, month_after(month, 1 - back) - day, month_after(month, 1) - day) for month in months]


def month_after(month: date, count: int) -> date:
    """The first day of the month that comes ``count`` months after this one."""
    place = month.year * 12 + month.month - 1 + count
    return date(place // 12, place % 12 + 1, 1)


def known_terms(terms: ir.Table, as_of: date, grace_days: int) -> ir.Table:
    """The paid terms that began and were recorded before as_of, short gaps between them closed.

    In a gap of up to grace_days an account has not left (data contract, "Time"): what ran on the day before the gap
    goes on until the first day after it.

    Parameters
    ----------
    terms
        The table subscriptions of a run (`features.paid_terms.as_terms`).

    Returns
    -------
    ibis.Table
        One row per term, or per term carried over a gap: account_id, plan, mrr: float64, currency, starts_on,
        ended_on: the first day without it, `OPEN` where there is none.
    """
    known = paying(known_on(terms, "subscriptions", as_of))
    known = known.select(
        "account_id", "plan", "currency", "starts_on", mrr=_.mrr.cast("float64"), ended_on=_.ended_on.fill_null(OPEN)
    ).filter(_.ended_on > _.starts_on)
    gaps = _gaps(known, grace_days)
    day_before = gaps.gap_from - ibis.interval(days=1)
    carried = known.join(
        gaps, [known.account_id == gaps.owner, known.starts_on <= day_before, known.ended_on == gaps.gap_from]
    )
    carried = carried.mutate(starts_on=carried.gap_from, ended_on=carried.gap_until).select(*known.columns)
    return known.union(carried)


def _gaps(known: ir.Table, grace_days: int) -> ir.Table:
    """One row per gap of at most grace_days: owner, gap_from (the first day without a term), gap_until."""
    earlier = ibis.window(group_by="account_id", order_by=[known.starts_on, known.ended_on], preceding=(None, 1))
    begun = known.mutate(gap_from=known.ended_on.max().over(earlier))
    short = begun.gap_from + ibis.interval(days=grace_days) >= begun.starts_on
    gaps = begun.filter(begun.gap_from < begun.starts_on, short)
    return gaps.select(owner=_.account_id, gap_from=_.gap_from, gap_until=_.starts_on).distinct()


def movements(terms: ir.Table, spans: Sequence[Span], rates: ir.Table | None, currency: str) -> ir.Table:
    """What each account paid on the first and on the last day of each span, and the movement between.

    Both days of a span are converted by the rates that are known after its last day: a rate that moves is no movement.

    Parameters
    ----------
    terms
        `known_terms`.

    Returns
    -------
    ibis.Table
        One row per (account_id, month) that pays on either day: mrr_start, mrr_end, mrr_new, mrr_expansion,
        mrr_contraction, mrr_churned, mrr_reactivated, mrr_kept (the smaller of start and end): float64, a month, in
        the company's own currency, all >= 0; plan: that of the main term on the first day, of new and reactivated
        accounts on the last, "" for none; tenure: int64, days from the first paid day to the first day of the span.
    """
    days = ibis.memtable(
        [
            {"month": span.month, "edge": edge, "day": getattr(span, edge), "as_of": span.last + timedelta(days=1)}
            for span in spans
            for edge in (FIRST, LAST)
        ],
        schema={"month": "date", "edge": "string", "day": "date", "as_of": "date"},
    )
    pairs = days.join(terms, [terms.starts_on <= days.day, terms.ended_on > days.day])
    priced = in_own_currency(pairs, rates, currency)
    order = ["edge", ibis.desc("mrr"), "plan"]  # "first" comes before "last"
    placed = priced.mutate(nth=ibis.row_number().over(group_by=["account_id", "month"], order_by=order))
    levels = placed.group_by("account_id", "month").agg(
        mrr_start=placed.mrr.sum(where=placed.edge == FIRST).fill_null(0.0),
        mrr_end=placed.mrr.sum(where=placed.edge == LAST).fill_null(0.0),
        plan=placed.plan.max(where=placed.nth == 0).fill_null(""),
    )
    return _moved(levels, terms, days)


def _moved(levels: ir.Table, terms: ir.Table, days: ir.Table) -> ir.Table:
    since = terms.group_by(owner=terms.account_id).agg(paid_from=terms.starts_on.min())
    firsts = days.filter(days.edge == FIRST).select(span=days.month, first=days.day)
    joined = levels.join(since, levels.account_id == since.owner).join(firsts, levels.month == firsts.span)
    start, end, before = joined.mrr_start, joined.mrr_end, joined.paid_from <= joined.first
    return joined.select(
        "account_id", "month", "plan", "mrr_start", "mrr_end",
        mrr_new=ibis.ifelse((start == 0) & ~before, end, 0.0),
        mrr_reactivated=ibis.ifelse((start == 0) & before, end, 0.0),
        mrr_expansion=ibis.ifelse((start > 0) & (end > start), end - start, 0.0),
        mrr_contraction=ibis.ifelse((end > 0) & (end < start), start - end, 0.0),
        mrr_churned=ibis.ifelse(end == 0, start, 0.0),
        mrr_kept=ibis.least(start, end),
        tenure=joined.first.delta(joined.paid_from, unit="day"),
    )  # fmt: skip
