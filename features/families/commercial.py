"""Commercial: the contract, its history and its end, what is used of what is paid, how it is paid."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features import asof
from rind.features.catalogue import Settings
from rind.features.families import commercial_catalogue
from rind.features.families.activity_intervals import around, joined_spells, on_spine, recorded
from rind.features.families.revenue import mrr_changes, running_plan, term_history
from rind.features.families.terms import known_terms, terms
from rind.features.families.usage_reduced import USER_REACH, reduced, user_reach
from rind.features.paid_terms import with_renewals

NEEDS = ("subscriptions",)
USES = ("accounts", "invoices", "usage", "rates")

QUARTER, HALF_YEAR, YEAR = 91, 182, 364  # whole weeks: every window holds the same mix of weekdays

FEATURES = commercial_catalogue.FEATURES


def build(snapshots: ir.Table, tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table:
    """One row per snapshot: account_id, as_of and `FEATURES`; counts and flags int64, texts string, else float64.

    The contract is the one of the day before as_of: what starts or ends on as_of is still to come. What
    depends on payments or on who uses the product is empty where the source has recorded none by as_of.
    """
    subscriptions = with_renewals(tables["subscriptions"], settings.grace_days)
    known = known_terms(snapshots, subscriptions, tables.get("rates"), settings)
    contract = terms(known, settings)
    table = snapshots.select("account_id", "as_of")
    parts = [
        contract,
        term_history(known, contract),
        mrr_changes(known, settings.grace_days),
        running_plan(known),
        _account(snapshots, tables["accounts"]),
        _payments(snapshots, tables["invoices"]),
        _users(table, reduced(tables, USER_REACH, user_reach)),
    ]
    for part in parts:
        table = table.left_join(part, ["account_id", "as_of"], rname="{name}_right")
        table = table.drop("account_id_right", "as_of_right")
    table = recorded(table, _first_payment(tables["invoices"]))
    table = table.mutate(**_contract(table), **_term(table, settings), **_money(table))
    return on_spine(snapshots, [table], FEATURES, commercial_catalogue.NOT_KNOWN)


def _contract(t: ir.Table) -> dict[str, ir.Value]:
    return {
        "commercial__age__now": ibis.coalesce(t.signed_age, t.first_age).cast("float64"),
        "commercial__seats__now": t.seats.round().cast("int64"),
        "commercial__seats_per_employee__now": t.seats / t.employees.nullif(0),
        "commercial__employees__now": t.employees.round().cast("int64"),
        "commercial__mrr__now": t.mrr,
        "commercial__mrr_under_notice__now": t.mrr_under_notice,
        "commercial__mrr_up_for_renewal__now": t.mrr_up_for_renewal,
        "commercial__mrr_per_seat__now": t.mrr / t.seats.nullif(0),
        "commercial__mrr__91d": t.mrr_91d,
        "commercial__mrr_change__91d": t.mrr / t.mrr_91d.nullif(0) - 1,
        "commercial__mrr__364d": t.mrr_364d,
        "commercial__mrr_change__364d": t.mrr / t.mrr_364d.nullif(0) - 1,
        "commercial__seats_used_share__91d": t.users / t.seats.nullif(0),
    }


def _term(t: ir.Table, settings: Settings) -> dict[str, ir.Value]:
    ahead = t.term_ends_on.delta(t.as_of, unit="day")
    length = t.term_ends_on.delta(t.term_starts_on, unit="day").cast("float64")
    position = t.as_of.delta(t.term_starts_on, unit="day") / length.nullif(0)
    return {
        "commercial__days_to_term_end__now": ibis.ifelse(ahead >= 0, ahead, None).cast("float64"),
        "commercial__days_over_term__now": ibis.ifelse(ahead < 0, -ahead, None).cast("float64"),
        "commercial__term_days__now": length,
        "commercial__term_position__now": ibis.ifelse(position > 1, 1.0, position),
        "commercial__term_ends_in_horizon__now": ((ahead > 0) & (ahead <= settings.horizon_days)).cast("int32"),
        "commercial__term_overrun__now": (ahead < 0).cast("int32"),
    }


def _first_payment(invoices: ir.Table) -> ir.Table:
    """When the first payment became known of anybody (one row)."""
    known_at = asof.effective_at(invoices, "invoices")
    paid = invoices.mutate(learned_at=ibis.greatest(known_at, invoices.paid_on.cast("timestamp")))
    return paid.filter(invoices.paid_on.notnull()).aggregate(payments_recorded=_.learned_at.min())


def _money(t: ir.Table) -> dict[str, ir.Value]:
    """Payments; empty where the source had recorded none of anybody, so that unpaid means nothing."""

    def where_recorded(value: ir.Value) -> ir.Value:
        return ibis.ifelse(t.payments_recorded, value, None)

    return {
        "commercial__late_share__364d": where_recorded(t.late_share),
        "commercial__days_late__364d": where_recorded(t.late_year),
        "commercial__payment_delay__364d": where_recorded(t.delay_year),
        "commercial__payment_delay__91d": where_recorded(t.delay_quarter),
        "commercial__days_late__182d": where_recorded(t.late_half),
        "commercial__days_late_before__182d": where_recorded(t.late_before),
        "commercial__days_late_change__182d": where_recorded(t.late_half - t.late_before),
        "commercial__overdue__now": where_recorded(t.overdue.fill_null(0)),
        "commercial__overdue_amount__now": where_recorded(t.overdue_amount.fill_null(0.0)),
        "commercial__overdue_months__now": where_recorded(t.overdue_amount.fill_null(0.0) / t.mrr.nullif(0)),
        "commercial__longest_overdue__now": where_recorded(t.longest_overdue.fill_null(0).cast("float64")),
    }


def _account(snapshots: ir.Table, accounts: ir.Table) -> ir.Table:
    """What is known of the account itself, from the day after it signed."""
    return asof.known(snapshots, accounts, "accounts").select(
        "account_id",
        "as_of",
        signed_age=_.age_days,
        employees=_.employees.cast("float64"),
        commercial__segment__now=_.segment,
        commercial__industry__now=_.industry,
        commercial__region__now=_.region,
    )


def _payments(snapshots: ir.Table, invoices: ir.Table) -> ir.Table:
    """Lateness of the invoices that were due before as_of; bills of nothing are never late.

    An invoice that is still unpaid is late by as_of - due_on days so far: at least 1, as due_on is over. The delay
    is below 0 where it was paid before it was due: who stops paying early tells before who pays late does.
    """
    pairs = asof.known(snapshots, invoices, "invoices")
    pairs = pairs.mutate(due_age=_.as_of.delta(_.due_on, unit="day"), unpaid=_.paid_on.isnull())
    due = pairs.filter((_.due_age >= 1) & (_.amount > 0))
    delay = due.paid_on.fill_null(due.as_of).delta(due.due_on, unit="day").cast("float64")
    due = due.mutate(delay=delay, late=ibis.greatest(delay, 0.0), amount=_.amount.cast("float64"))
    return due.group_by("account_id", "as_of").aggregate(
        late_share=ibis.ifelse(_.late > 0, 1, 0).cast("float64").mean(where=_.due_age <= YEAR),
        late_year=_.late.mean(where=_.due_age <= YEAR),
        delay_year=_.delay.mean(where=_.due_age <= YEAR),
        delay_quarter=_.delay.mean(where=_.due_age <= QUARTER),
        late_half=_.late.mean(where=_.due_age <= HALF_YEAR),
        late_before=_.late.mean(where=(_.due_age > HALF_YEAR) & (_.due_age <= YEAR)),
        overdue=_.unpaid.sum(),
        overdue_amount=_.amount.sum(where=_.unpaid),
        longest_overdue=_.due_age.max(where=_.unpaid),
    )


def _users(snapshots: ir.Table, reached: ir.Table) -> ir.Table:
    """Distinct people who used the product in the quarter before as_of.

    Parameters
    ----------
    reached
        See `features.families.usage_reduced.user_reach`.
    """
    active = joined_spells(around(reached, snapshots))
    day = snapshots.as_of.epoch_days()
    inside = [
        snapshots.account_id == active.account_id,
        active.first_day <= day,
        active.last_day >= day,
    ]
    joined = snapshots.left_join(active, inside, rname="{name}_spell")
    counts = joined.group_by("account_id", "as_of").aggregate(people=_.person_id.notnull().sum())
    first = reached.filter(_.last_day >= _.first_day).aggregate(first=_.first_day.min())
    counts = counts.cross_join(first)
    users = ibis.ifelse(counts.as_of.epoch_days() >= counts.first, counts.people, None)
    return counts.select("account_id", "as_of", users=users)
