"""Accounts that became customers while the source covered them: what they were on day 0, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import KEYS, effective_at, known, recorded_before
from rind.features.currency import in_own_currency
from rind.features.labels import spells
from rind.features.paid_terms import customer_since, paid_mrr, paying

LASTING_DAYS = 28


@dataclass(frozen=True)
class OutcomeWindow:
    """When the outcome of an account is read.

    Parameters
    ----------
    retention_days, decision_days
        It is read decision_days after the retention_days: a year's term that ends on day 366 (a leap year), or that
        began some days after signing, is decided by then.
    grace_days
        Until a leaver is known as such.
    at_term_end
        The outcome is that of the first term: read decision_days after its agreed end, where it has one.
    """

    retention_days: int
    decision_days: int
    grace_days: int
    at_term_end: bool = False


def launches(
    tables: Mapping[str, ir.Table],
    as_of: date,
    window: OutcomeWindow,
    currency: str = "",
) -> ir.Table:
    """Accounts whose first days the source covers, with day 0 and what is known of the outcome.

    An account belongs when it became a customer after the source's first use of the product and before as_of: on
    ``signed_on``, or, where a trial or a free plan came first, on its first paid day (which is then its signed_on).

    Parameters
    ----------
    window
        When the outcome is read.
    currency
        The company's own currency, for amounts (`features.currency.in_own_currency`).

    Returns
    -------
    ibis.Table
        One row per account:

        - account_id, signed_on, segment, csm
        - day 0: plan, seats, mrr (of the first term), industry, region
        - left_on: date of the first logo churn seen, or null
        - followed_days: int64, leaving is known up to this day after signing (exclusive)
        - term_days: int64, agreed end of the first term, days after signing, or null
        - contract_day: int64, day after signing on which that term was on record (plan, seats, mrr known from then)
        - mrr_later: on the day of the outcome, 0 where it is no customer; null where that day is not known
        - used_later: bool, used the product in the 28 days before it; null where that day is not known
    """
    return _launches(tables, [as_of], window, currency).drop("as_of").order_by("account_id")


def _launches(tables: Mapping[str, ir.Table], dates: Sequence[date], window: OutcomeWindow, currency: str) -> ir.Table:
    """`launches` of several dates: one row per (account_id, as_of)."""
    days = ibis.memtable({"as_of": list(dates)}, schema={"as_of": "date"})
    terms = _recorded(tables["subscriptions"], days)
    terms = in_own_currency(terms.mutate(mrr=paid_mrr(terms)), tables.get("rates"), currency)
    rows = _followed(_began(tables, terms, days), terms, window.grace_days)
    rows = rows.mutate(judged_on=_judged_on(rows, window))
    rows = _with_later(rows, terms, tables["usage"])
    known_by_now = rows.judged_on < rows.as_of
    return rows.select(
        *KEYS, "signed_on", "segment", "csm", "plan", "seats", "mrr", "industry", "region", "left_on",
        *("followed_days", "term_days", "contract_day"),
        mrr_later=ibis.ifelse(known_by_now, rows.mrr_later.fill_null(0.0), None),
        used_later=ibis.ifelse(known_by_now, rows.used_later.fill_null(False), None),
    )  # fmt: skip


def _followed(rows: ir.Table, terms: ir.Table, grace_days: int) -> ir.Table:
    """The accounts with the day on which they left, and how long leaving is known, by the day before as_of."""
    left = spells(terms, _.as_of - ibis.interval(days=1), grace_days, per=("as_of",))
    rows = _beside(rows, left.group_by(*KEYS).agg(left_on=_.left_on.min()))
    followed_until = rows.as_of - ibis.interval(days=1 + grace_days)
    return rows.mutate(
        followed_days=followed_until.cast("date").delta(rows.signed_on, unit="day") + 1,
        term_days=rows.term_ends_on.delta(rows.signed_on, unit="day"),
    )


def _beside(rows: ir.Table, more: ir.Table, keys: Sequence[str] = KEYS) -> ir.Table:
    """The rows with the columns of ``more``, empty where it has no such row."""
    return rows.left_join(more, list(keys), rname="{name}__right").drop(*(f"{key}__right" for key in keys))


def _judged_on(rows: ir.Table, window: OutcomeWindow) -> ir.DateValue:
    """The day on which each account's outcome is read."""
    usual = ibis.literal(window.retention_days, type="int64")
    judged = (rows.term_days.fill_null(usual) if window.at_term_end else usual) + window.decision_days
    return (rows.signed_on + judged.as_interval("D")).cast("date")


def past_launches(
    tables: Mapping[str, ir.Table],
    dates: Sequence[date],
    window: OutcomeWindow,
    currency: str = "",
) -> ir.Table:
    """What `launches` shows of every outcome on each of several dates: what a model of that date may have learned.

    Returns
    -------
    ibis.Table
        One row per (account_id, known_at: date): signed_on, left_on, followed_days, term_days, mrr, mrr_later,
        used_later as known at known_at.
    """
    outcome = ("signed_on", "left_on", "followed_days", "term_days", "mrr", "mrr_later", "used_later")
    rows = _launches(tables, dates, window, currency)
    return rows.select("account_id", *outcome, known_at=rows.as_of).order_by("known_at", "account_id")


def _began(tables: Mapping[str, ir.Table], terms: ir.Table, days: ir.Table) -> ir.Table:
    """One row per (account, as_of) whose first days the source covers: what it was on day 0, and its first term."""
    begin = effective_at(tables["usage"], "usage").min().date().as_scalar()
    started = terms.filter(_.starts_on < _.as_of)
    accounts = customer_since(_recorded(tables["accounts"], days), started, per=("as_of",))
    accounts = accounts.filter(_.signed_on > begin, _.signed_on < _.as_of)
    accounts = accounts.select(*KEYS, "signed_on", "segment", "csm", "industry", "region")
    first = paying(started)
    first = first.mutate(n=ibis.row_number().over(group_by=KEYS, order_by=["starts_on", "subscription_id"]))
    first = first.filter(_.n == 0).mutate(recorded=effective_at(first, "subscriptions").date())
    began = _beside(accounts, first.select(*KEYS, "plan", "seats", "mrr", "term_ends_on", "recorded"))
    return began.mutate(contract_day=began.recorded.delta(began.signed_on, unit="day")).drop("recorded")


def _recorded(table: ir.Table, days: ir.Table) -> ir.Table:
    """The rows that had reached the source system before each as_of, once per as_of."""
    dated = table.cross_join(days)
    return dated.filter(recorded_before(dated))


def _with_later(rows: ir.Table, terms: ir.Table, usage: ir.Table) -> ir.Table:
    """The rows with mrr_later and used_later, of a contract and of use around judged_on; empty where there was none.

    What counts as use was on record on judged_on, and the outcome is read after that day alone: as_of asks no more.
    """
    on_day = rows.select(*KEYS, "judged_on").inner_join(terms.select(*KEYS, "starts_on", "ended_on", "mrr"), KEYS)
    on_day = on_day.filter(_.starts_on <= _.judged_on, _.ended_on.isnull() | (_.ended_on > _.judged_on))
    before = known(rows.select("account_id", as_of=rows.judged_on).distinct(), usage, "usage", LASTING_DAYS)
    used = before.group_by("account_id", judged_on=before.as_of).agg(used_later=ibis.literal(True))
    rows = _beside(rows, on_day.group_by(*KEYS).agg(mrr_later=_.mrr.sum()))
    return _beside(rows, used, ("account_id", "judged_on"))
