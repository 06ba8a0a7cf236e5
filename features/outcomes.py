"""Outcomes beside churn: mrr that falls or rises while the account stays, and accounts that leave with debts.

As for churn (`features.labels`), an outcome is unknown, not 0, until its horizon and grace have been seen, and what
was recorded late counts from the date on which it was known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import effective_at
from rind.features.currency import in_own_currency
from rind.features.labels import (
    as_recorded,
    believed_departures,
    cut_to_epoch,
    joined_up,
    recording_epochs,
    stayed_within,
)
from rind.features.outcome_settings import OutcomeSpec
from rind.features.paid_terms import paying

ROUNDING = 1e-9
"""Of the mrr on as_of: a change of exactly the share counts, however sums of binary fractions are rounded."""

BELIEF = ("account_id", "as_of", "learned_on")


def known_outcomes(
    snapshots: ir.Table,
    tables: Mapping[str, ir.Table],
    spec: OutcomeSpec,
    data_end: date,
    horizon_days: int,
    grace_days: int,
    currency: str = "",
) -> ir.Table:
    """Every answer that the source has ever given, and the dates on which it was valid: did it happen?

    Parameters
    ----------
    tables
        Subscriptions as terms (`features.paid_terms.as_terms`), invoices and rates. Before the first invoice nobody
        could be seen to leave unpaid: such snapshots stay unknown.
    currency
        The company's own (`features.currency.in_own_currency`).

    Returns
    -------
    ibis.Table
        One row per (account_id, as_of, known_from): happened: int8 1/0; mrr_change: float64, the share by which mrr
        fell (below 0) or rose, null where it did not happen, or is no change of mrr; the answer was valid at the dates
        [known_from, known_until), known_until null: to this day. Where no stretch covers a date, it was unknown at it.
    """
    subscriptions = paying(tables["subscriptions"])
    if spec.when == "leaves_unpaid":
        snapshots = snapshots.filter(snapshots.as_of >= tables["invoices"].issued_on.min().as_scalar())
    believed = believed_departures(snapshots, subscriptions, data_end, horizon_days, grace_days)
    left = believed.filter((believed.days <= horizon_days).fill_null(False))
    stayed = believed.filter(stayed_within(believed, data_end, horizon_days))
    never = {"happened": ibis.literal(0, "int8"), "mrr_change": ibis.null("float64")}
    if spec.when == "leaves_unpaid":
        answers = ibis.union(_left_unpaid(left, tables["invoices"]), cut_to_epoch(stayed, stayed.stay_known, **never))
    else:
        changes = lasting_changes(
            snapshots, subscriptions, tables.get("rates"), spec, data_end, horizon_days, grace_days, currency
        )
        moved = stayed.left_join(changes, list(BELIEF))
        happened = {
            "happened": ibis.ifelse(moved.mrr_change.notnull(), 1, 0).cast("int8"),
            "mrr_change": moved.mrr_change,
        }
        answers = ibis.union(
            cut_to_epoch(left, left.left_known, **never), cut_to_epoch(moved, moved.stay_known, **happened)
        )
    return joined_up(answers, ("happened", "mrr_change"))


def lasting_changes(
    snapshots: ir.Table,
    terms: ir.Table,
    rates: ir.Table | None,
    spec: OutcomeSpec,
    data_end: date,
    horizon_days: int,
    grace_days: int,
    currency: str = "",
) -> ir.Table:
    """Snapshots whose mrr fell, or rose, by the share or more: on a day in (as_of, as_of + horizon_days], and stayed
    there for more than grace_days, as a customer who is away for no longer has not left either.

    All mrr of a snapshot is converted by the rates known on its as_of, so a moving rate is no change.

    Parameters
    ----------
    terms
        The paying terms; pauses are cut out of them, and those that begin after the data end do not count.

    Returns
    -------
    ibis.Table
        One row per (account_id, as_of, learned_on): mrr_change: float64, the lasting change that is largest, each
        measured where it is smallest within its stretch; snapshots without one are absent.
    """
    last = horizon_days + grace_days
    steps = _mrr_steps(snapshots, terms, rates, data_end, last, currency)
    falls = spec.when == "mrr_falls"
    share = float(spec.share or 0.0) - ROUNDING
    steps = steps.mutate(beyond=(steps.change <= -share if falls else steps.change >= share).fill_null(False))
    so_far = ibis.cumulative_window(group_by=list(BELIEF), order_by="day")
    steps = steps.mutate(stretch=ibis.ifelse(steps.beyond, 0, 1).sum().over(so_far)).filter(_.beyond)
    stretches = steps.group_by(*BELIEF, "stretch").agg(
        begins=steps.day.min(), ends=steps.until.max(), change=steps.change.max() if falls else steps.change.min()
    )
    lasting = stretches.filter(
        stretches.begins > 0, stretches.begins <= horizon_days, stretches.ends - stretches.begins > grace_days
    )
    return lasting.group_by(*BELIEF).agg(mrr_change=lasting.change.min() if falls else lasting.change.max())


def _mrr_steps(
    snapshots: ir.Table, terms: ir.Table, rates: ir.Table | None, data_end: date, last: int, currency: str
) -> ir.Table:
    """One row per snapshot and day, 0 (as_of) to ``last``, on which a paying term begins or ends.

    account_id, as_of, learned_on, day; until: the day of the next row, ``last`` + 1 after the last one; change: mrr
    from that day on, as a share of that on as_of, less 1 (null where nothing was paid on as_of).
    """
    recorded = as_recorded(terms, recording_epochs(terms), "mrr", "currency")  # epochs as believed_departures has them
    recorded = recorded.filter(recorded.starts_on <= data_end)
    pairs = snapshots.select("account_id", "as_of").inner_join(recorded, "account_id")
    pairs = pairs.mutate(
        begins=ibis.greatest(pairs.starts_on.delta(pairs.as_of, unit="day"), 0),
        ends=pairs.ended_on.delta(pairs.as_of, unit="day"),
        mrr=pairs.mrr.cast("float64"),
    )
    pairs = pairs.filter(
        pairs.begins <= last, pairs.ends.isnull() | ((pairs.ends > 0) & (pairs.ended_on > pairs.starts_on))
    )
    pairs = in_own_currency(pairs, rates, currency)
    ended = pairs.filter(pairs.ends <= last)
    changes = ibis.union(
        pairs.select(*BELIEF, day=pairs.begins.cast("int64"), step=pairs.mrr),
        ended.select(*BELIEF, day=ended.ends.cast("int64"), step=-ended.mrr),
    )
    days = changes.group_by(*BELIEF, "day").agg(step=changes.step.sum())
    in_order = ibis.window(group_by=list(BELIEF), order_by="day")
    so_far = ibis.cumulative_window(group_by=list(BELIEF), order_by="day")
    days = days.mutate(
        level=days.step.sum().over(so_far),
        before=ibis.ifelse(days.day == 0, days.step, ibis.null("float64")),
        until=days.day.lead().over(in_order).fill_null(last + 1),
    )
    days = days.mutate(before=days.before.max().over(ibis.window(group_by=list(BELIEF))))
    return days.select(*BELIEF, "day", "until", change=days.level / days.before.nullif(0.0) - 1)


def _left_unpaid(left: ir.Table, invoices: ir.Table) -> ir.Table:
    """Answers for accounts that left within the horizon: 1 once an invoice overdue on that day is known, before 0."""
    bills = invoices.filter(invoices.amount > 0).select(
        owner=invoices.account_id,
        due_on=invoices.due_on,
        paid_on=invoices.paid_on,
        recorded_on=(effective_at(invoices, "invoices").date() + ibis.interval(days=1)).cast("date"),
    )
    debts = left.join(
        bills,
        [
            left.account_id == bills.owner,
            bills.due_on < left.left_on,
            bills.paid_on.isnull() | (bills.paid_on >= left.left_on),
        ],
    )
    known = debts.group_by(*BELIEF).agg(debt_known=debts.recorded_on.min())
    owing = left.left_join(known, list(BELIEF))
    no_change = ibis.null("float64")
    with_debt = owing.filter(owing.debt_known.notnull())
    return ibis.union(
        cut_to_epoch(
            with_debt, ibis.greatest(with_debt.left_known, with_debt.debt_known),
            happened=ibis.literal(1, "int8"), mrr_change=no_change,
        ),
        cut_to_epoch(
            owing, owing.left_known, owing.debt_known, happened=ibis.literal(0, "int8"), mrr_change=no_change
        ),
    )  # fmt: skip
