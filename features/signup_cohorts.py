"""Accounts that became customers while the source covered them: what they were on day 0, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import effective_at, known, recorded_before
from rind.features.currency import in_own_currency
from rind.features.labels import spells
from rind.features.paid_terms import customer_since, paid_mrr, paying
from rind.features.tables import RECORDED_AT

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
    terms = _recorded(tables["subscriptions"], as_of)
    dated = terms.mutate(as_of=ibis.literal(as_of), mrr=paid_mrr(terms))
    terms = in_own_currency(dated, tables.get("rates"), currency).drop("as_of")
    rows = _followed(_began(tables, terms, as_of), terms, as_of - timedelta(days=1), window.grace_days)
    rows = rows.mutate(judged_on=_judged_on(rows, window))
    later = _later(rows, terms, _recorded(tables["usage"], as_of))
    known_by_now = rows.judged_on < as_of
    rows = rows.left_join(later, "account_id").drop("account_id_right")
    return rows.select(
        *("account_id", "signed_on", "segment", "csm", "plan", "seats", "mrr", "industry", "region", "left_on"),
        *("followed_days", "term_days", "contract_day"),
        mrr_later=ibis.ifelse(known_by_now, rows.mrr_later.fill_null(0.0), None),
        used_later=ibis.ifelse(known_by_now, rows.used_later.fill_null(False), None),
    ).order_by("account_id")


def _followed(rows: ir.Table, terms: ir.Table, last_day: date, grace_days: int) -> ir.Table:
    """The accounts with the day on which they left, and how long leaving is known, by what ``last_day`` shows."""
    left = spells(terms, last_day, grace_days).group_by("account_id").agg(left_on=_.left_on.min())
    rows = rows.left_join(left, "account_id").drop("account_id_right")
    return rows.mutate(
        followed_days=ibis.literal(last_day - timedelta(days=grace_days)).delta(rows.signed_on, unit="day") + 1,
        term_days=rows.term_ends_on.delta(rows.signed_on, unit="day"),
    )


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
    days_of_use = {**tables, "usage": _days_of_use(tables["usage"]).cache()}
    parts = [
        launches(days_of_use, day, window, currency).select("account_id", *outcome, known_at=ibis.literal(day))
        for day in dates
    ]
    return ibis.union(*parts).order_by("known_at", "account_id")


def _days_of_use(usage: ir.Table) -> ir.Table:
    """One row per account and day of use (and of recording): all that `launches` asks of the use, in far fewer rows."""
    times = [name for name in ("occurred_at", RECORDED_AT.name) if name in usage.columns]
    return usage.select("account_id", **{name: usage[name].truncate("D") for name in times}).distinct()


def _began(tables: Mapping[str, ir.Table], terms: ir.Table, as_of: date) -> ir.Table:
    """One row per account whose first days the source covers: what it was on day 0, with its first paid term."""
    begin = effective_at(tables["usage"], "usage").min().date().as_scalar()
    started = terms.filter(_.starts_on < as_of)
    accounts = customer_since(_recorded(tables["accounts"], as_of), started)
    accounts = accounts.filter(_.signed_on > begin, _.signed_on < as_of)
    accounts = accounts.select("account_id", "signed_on", "segment", "csm", "industry", "region")
    first = paying(started)
    first = first.mutate(n=ibis.row_number().over(group_by="account_id", order_by=["starts_on", "subscription_id"]))
    first = first.filter(_.n == 0).mutate(recorded=effective_at(first, "subscriptions").date())
    first = first.select("account_id", "plan", "seats", "mrr", "term_ends_on", "recorded")
    began = accounts.left_join(first, "account_id").drop("account_id_right")
    return began.mutate(contract_day=began.recorded.delta(began.signed_on, unit="day")).drop("recorded")


def _recorded(table: ir.Table, as_of: date) -> ir.Table:
    """The rows that had reached the source system before as_of."""
    dated = table.mutate(as_of=ibis.literal(as_of))
    return dated.filter(recorded_before(dated)).drop("as_of")


def _later(rows: ir.Table, terms: ir.Table, usage: ir.Table) -> ir.Table:
    """One row per account with a contract or use around judged_on: mrr_later, used_later."""
    of_account = terms.select("account_id", "starts_on", "ended_on", "mrr")
    on_day = rows.select("account_id", "judged_on").inner_join(of_account, "account_id")
    on_day = on_day.filter(_.starts_on <= _.judged_on, _.ended_on.isnull() | (_.ended_on > _.judged_on))
    paid = on_day.group_by("account_id").agg(mrr_later=_.mrr.sum())
    before = known(rows.select("account_id", as_of=rows.judged_on), usage, "usage", LASTING_DAYS)
    used = before.group_by("account_id").agg(used_later=ibis.literal(True))
    either = paid.outer_join(used, "account_id")
    return either.select(
        "mrr_later", "used_later", account_id=ibis.coalesce(either.account_id, either.account_id_right)
    )
