"""What accounts had under contract on the day of a forecast, and what of it was there at the quarter's end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import active_on, notice_given, recorded_before
from rind.features.book.movements import known_terms, month_after
from rind.features.book.roll_up import named
from rind.features.catalogue import Settings
from rind.features.currency import in_own_currency
from rind.features.paid_terms import contract_of_day, paying
from rind.features.tables import RECORDED_AT

KEYS = ("account_id", "made_on", "last_day")


@dataclass(frozen=True)
class Outlook:
    """A day on which a quarter, or a month, is forecast.

    Parameters
    ----------
    made_on
        Only what was known before it counts.
    period
        Its first day.
    months
        How many it has: 3, a quarter, or 1.
    """

    made_on: date
    period: date
    months: int = 3

    @property
    def last_day(self) -> date:
        """Its last day."""
        return month_after(self.period, self.months) - timedelta(days=1)


def standing(tables: Mapping[str, ir.Table], outlooks: Sequence[Outlook], settings: Settings, as_of: date) -> ir.Table:
    """The customers of each outlook, with what they paid when it was made and on its last day.

    All amounts of an outlook are converted by the rates known on made_on. A term's own end counts once its day has
    passed, so nothing but the two ends looks beyond made_on.

    Parameters
    ----------
    as_of
        Of the run: what was known on it, for the two ends alone.

    Returns
    -------
    ibis.Table
        One row per (account_id, made_on, last_day) that pays on made_on, one also where a quarter and its last month
        end together: segment, csm ("" for none; names of `roll_up.named`); mrr: float64, a month; mrr_up_for_renewal:
        the part whose agreed end lies in (made_on, last_day]; mrr_leaving: that under notice that ends by then;
        term_ends_on: the next renewal or null; term_days: int64, length of the longest running term with an agreed end,
        or null; mrr_end: float64, what it pays on the last day, 0 for none, gaps of up to settings.grace_days closed;
        mrr_end_first: the same by what was known when that many days after it had passed, which is what later forecasts
        may learn from. Both are meaningless where the last day is not over.
    """
    days = sorted({(outlook.made_on, outlook.last_day) for outlook in outlooks})
    calendar = ibis.memtable(
        [{"made_on": made_on, "last_day": last_day, "as_of": made_on} for made_on, last_day in days],
        schema={"made_on": "date", "last_day": "date", "as_of": "date"},
    )
    running = _running(tables, calendar, settings)
    contract = contract_of_day(running.drop("last_day").distinct(), settings)
    contract = contract.filter(_.mrr > 0).select("account_id", "as_of", "mrr", "term_ends_on")
    at_stake = _at_stake(running)
    joined = at_stake.join(contract, [at_stake.account_id == contract.account_id, at_stake.made_on == contract.as_of])
    ends = _ends(tables, calendar, settings, as_of)
    both = joined.drop("as_of").left_join(ends, list(KEYS), rname="{name}_end")
    first = _first_ends(tables, calendar, sorted({last_day for _, last_day in days}), settings, as_of)
    both = both.left_join(first, list(KEYS), rname="{name}_first")
    who = tables["accounts"].select(owner="account_id", segment=named(_.segment), csm=named(_.csm))
    of_whom = both.join(who, both.account_id == who.owner)
    return of_whom.select(
        *KEYS, "segment", "csm", "mrr", "mrr_up_for_renewal", "mrr_leaving", "term_ends_on", "term_days",
        mrr_end=of_whom.mrr_paid.fill_null(0.0), mrr_end_first=of_whom.mrr_paid_first.fill_null(0.0),
    )  # fmt: skip


def _running(tables: Mapping[str, ir.Table], calendar: ir.Table, settings: Settings) -> ir.Table:
    terms = paying(tables["subscriptions"])
    pairs = calendar.join(terms, terms.starts_on <= calendar.as_of)
    running = pairs.filter(active_on(pairs) & recorded_before(pairs))
    running = running.mutate(
        mrr=running.mrr.cast("float64"), notice_on=ibis.ifelse(notice_given(running), running.notice_on, None)
    )
    return in_own_currency(running, tables.get("rates"), settings.currency)


def _at_stake(running: ir.Table) -> ir.Table:
    """Revenue that renews or is to leave by the last day."""
    within = ((running.term_ends_on > running.made_on) & (running.term_ends_on <= running.last_day)).fill_null(False)
    noticed = running.notice_on.notnull()
    over = (running.term_ends_on <= running.last_day).fill_null(True)  # an open term ends when notice is given
    length = running.term_ends_on.delta(running.starts_on, unit="day")
    return running.group_by(*KEYS).agg(
        mrr_up_for_renewal=running.mrr.sum(where=within).fill_null(0.0),
        mrr_leaving=running.mrr.sum(where=noticed & over).fill_null(0.0),
        term_days=length.max(),
    )


def _ends(tables: Mapping[str, ir.Table], calendar: ir.Table, settings: Settings, as_of: date) -> ir.Table:
    terms = known_terms(tables["subscriptions"], as_of, settings.grace_days)
    pairs = calendar.join(terms, [terms.starts_on <= calendar.last_day, terms.ended_on > calendar.last_day])
    priced = in_own_currency(pairs, tables.get("rates"), settings.currency)
    return priced.group_by(*KEYS).agg(mrr_paid=priced.mrr.sum())


def _first_ends(
    tables: Mapping[str, ir.Table], calendar: ir.Table, last_days: Sequence[date], settings: Settings, as_of: date
) -> ir.Table:
    """`_ends` as each was known when the grace after its last day had passed; only late rows tell them apart."""
    terms, after = tables["subscriptions"], timedelta(days=settings.grace_days + 1)
    if RECORDED_AT.name not in terms.columns:
        return _ends(tables, calendar, settings, as_of)
    late = _with_late_rows(terms, [day for day in last_days if day + after < as_of], settings.grace_days)
    parts = [_ends(tables, calendar.filter(_.last_day == day), settings, day + after) for day in late]
    others = _ends(tables, calendar.filter(~_.last_day.isin(late)), settings, as_of)
    return reduce(lambda one, other: one.union(other), parts, others)


def _with_late_rows(terms: ir.Table, last_days: Sequence[date], grace_days: int) -> list[date]:
    """The last days with a term that had begun by the end of the grace and was recorded after it."""
    days = ibis.memtable({"last_day": last_days}, schema={"last_day": "date"})
    days = days.mutate(grace_end=(days.last_day + ibis.interval(days=grace_days)).cast("date"))
    begun = terms.select("starts_on", recorded_on=terms[RECORDED_AT.name].date())
    pairs = days.join(begun, [begun.starts_on <= days.grace_end, begun.recorded_on > days.grace_end])
    return sorted(pairs.select("last_day").distinct().to_pyarrow()["last_day"].to_pylist())
