"""Commercial: the contract, its history and its end, what is used of what is paid, how it is paid."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from features import asof
from features.catalogue import Feature, Settings
from features.families.revenue import mrr_changes, running_plan, term_history
from features.families.spells import on_spine, recorded, spells, usage_days
from features.families.terms import terms

NEEDS = ("subscriptions",)
USES = ("accounts", "invoices", "usage")

MONTH, QUARTER, HALF_YEAR, YEAR = 28, 91, 182, 364  # whole weeks: every window holds the same mix of weekdays

FEATURES: tuple[Feature, ...] = (
    Feature(
        "commercial__age__now", "Days since the account signed", "days", 0,
        "the account signed {commercial__age__now} days ago",
        when_missing="the account has only just signed",
    ),
    Feature(
        "commercial__segment__now", "Segment of the account", "text", 0,
        "the account belongs to the segment {commercial__segment__now}",
        when_missing="the account has no segment",
    ),
    Feature(
        "commercial__industry__now", "Industry of the account", "text", 0,
        "the account's industry is {commercial__industry__now}",
        when_missing="the account's industry is not known",
    ),
    Feature(
        "commercial__region__now", "Region of the account", "text", 0,
        "the account's region is {commercial__region__now}",
        when_missing="the account's region is not known",
    ),
    Feature(
        "commercial__employees__now", "Employees of the account", "count", 0,
        "the account has {commercial__employees__now} employees",
        when_missing="the number of the account's employees is not known",
    ),
    Feature(
        "commercial__plan__now", "Plan under contract", "text", 0,
        "the account is on the plan {commercial__plan__now}",
        when_missing="the account's plan is not known",
    ),
    Feature(
        "commercial__seats__now", "Seats under contract", "count", 0,
        "seats under contract: {commercial__seats__now}",
        when_missing="the number of seats is not known",
    ),
    Feature(
        "commercial__seats_per_employee__now", "Seats under contract per employee of the account", "ratio", 0,
        "{commercial__seats__now} seats for {commercial__employees__now} employees",
        when_missing="the number of seats or of employees is not known",
    ),
    Feature(
        "commercial__mrr__now", "Monthly recurring revenue", "money", 0,
        "the account pays {commercial__mrr__now} a month",
        when_zero="the account pays nothing a month",
        when_missing="the contract has only just started",
    ),
    Feature(
        "commercial__mrr_per_seat__now", "Monthly recurring revenue per seat", "money", 0,
        "a seat costs the account {commercial__mrr_per_seat__now} a month",
        when_missing="the number of seats is not known",
    ),
    Feature(
        "commercial__mrr__91d", "Monthly recurring revenue 13 weeks ago", "money", 0,
        "monthly revenue {change:commercial__mrr__91d:commercial__mrr__now} in 13 weeks",
        when_missing="the account had no contract 13 weeks ago",
    ),
    Feature(
        "commercial__mrr_change__91d", "Change of the monthly revenue in 13 weeks, as a share of it", "share", 0,
        "monthly revenue {change:commercial__mrr__91d:commercial__mrr__now} in 13 weeks",
        when_zero="monthly revenue is what it was 13 weeks ago",
        when_missing="the account had no contract 13 weeks ago",
    ),
    Feature(
        "commercial__mrr__364d", "Monthly recurring revenue a year ago", "money", 0,
        "monthly revenue {change:commercial__mrr__364d:commercial__mrr__now} within a year",
        when_missing="the account had no contract a year ago",
    ),
    Feature(
        "commercial__mrr_change__364d", "Change of the monthly revenue in a year, as a share of it", "share", 0,
        "monthly revenue {change:commercial__mrr__364d:commercial__mrr__now} within a year",
        when_zero="monthly revenue is what it was a year ago",
        when_missing="the account had no contract a year ago",
    ),
    Feature(
        "commercial__expansions__364d", "Days of the last year on which the monthly revenue grew", "count", 0,
        "the contract was expanded {commercial__expansions__364d} times in the last year",
        when_zero="the contract was not expanded in the last year",
    ),
    Feature(
        "commercial__expansions__ever", "Days on which the monthly revenue grew", "count", 0,
        "the contract has been expanded {commercial__expansions__ever} times so far",
        when_zero="the contract has never been expanded",
    ),
    Feature(
        "commercial__contractions__364d", "Days of the last year on which the monthly revenue shrank", "count", 1,
        "the contract was reduced {commercial__contractions__364d} times in the last year",
        when_zero="the contract was not reduced in the last year",
    ),
    Feature(
        "commercial__contractions__ever", "Days on which the monthly revenue shrank", "count", 0,
        "the contract has been reduced {commercial__contractions__ever} times so far",
        when_zero="the contract has never been reduced",
    ),
    Feature(
        "commercial__since_contraction__ever", "Days since the monthly revenue last shrank", "days", 0,
        "the contract was last reduced {commercial__since_contraction__ever} days ago",
        when_missing="the contract has never been reduced",
    ),
    Feature(
        "commercial__renewals__ever", "Terms that ran to their end and did not end the relationship", "count", 0,
        "the account has stayed beyond the end of a term {commercial__renewals__ever} times",
        when_zero="the account is in its first term",
    ),
    Feature(
        "commercial__days_to_term_end__now", "Days to the agreed end of the term, if it is still ahead", "days", 0,
        "the term ends in {commercial__days_to_term_end__now} days",
        when_zero="the term ends today",
        when_missing="no end of the term lies ahead",
    ),
    Feature(
        "commercial__term_days__now", "Length of the term in days", "days", 0,
        "the term is {commercial__term_days__now} days long",
        when_missing="no end of the term is agreed",
    ),
    Feature(
        "commercial__term_position__now", "Share of the term that is over", "share", 0,
        "{commercial__term_position__now} of the term is over",
        when_missing="no end of the term is agreed",
    ),
    Feature(
        "commercial__term_ends_in_horizon__now", "The term ends within the horizon of the prediction", "flag", 0,
        "the term ends in {commercial__days_to_term_end__now} days",
        when_zero="no end of the term lies within the horizon",
    ),
    Feature(
        "commercial__term_overrun__now", "The agreed end of the term has passed: the contract rolls on", "flag", 0,
        "the term ran out {commercial__days_over_term__now} days ago and the contract rolls on",
        when_zero="no agreed end of the term has passed",
    ),
    Feature(
        "commercial__days_over_term__now", "Days since the agreed end of the term, if the contract rolls on",
        "days", 0,
        "the term ran out {commercial__days_over_term__now} days ago and the contract rolls on",
        when_missing="no agreed end of the term has passed",
    ),
    Feature(
        "commercial__seats_used__28d", "People who used the product in the last four weeks", "count", 0,
        "people who used the product in four weeks: {commercial__seats_used__28d}, "
        "seats under contract: {commercial__seats__now}",
        when_zero="nobody used the product in the last four weeks",
        when_missing="use is not recorded by person",
    ),
    Feature(
        "commercial__seats_used_share__28d", "People who used the product in four weeks, per seat under contract",
        "share", 0,
        "{commercial__seats_used__28d} of {commercial__seats__now} seats were used in the last four weeks",
        when_zero="none of the {commercial__seats__now} seats was used in the last four weeks",
        when_missing="the number of seats or who uses them is not known",
    ),
    Feature(
        "commercial__late_share__364d", "Share of the last year's due invoices that were not paid in time", "share", 1,
        "{commercial__late_share__364d} of the last year's invoices were not paid in time",
        when_zero="every invoice of the last year was paid in time",
        when_missing="no invoice was due in the last year, or payments are not recorded",
    ),
    Feature(
        "commercial__days_late__364d", "Mean days by which the last year's invoices were paid late", "days", 1,
        "invoices of the last year were paid {commercial__days_late__364d} days late on average",
        when_zero="every invoice of the last year was paid in time",
        when_missing="no invoice was due in the last year, or payments are not recorded",
    ),
    Feature(
        "commercial__days_late__182d", "Mean days by which the last half-year's invoices were paid late", "days", 0,
        "days late of an average invoice {change:commercial__days_late_before__182d:commercial__days_late__182d} "
        "from one half-year to the next",
        when_missing="no invoice was due in the last half-year, or payments are not recorded",
    ),
    Feature(
        "commercial__days_late_before__182d", "Mean days late of the invoices of the half-year before the last",
        "days", 0,
        "days late of an average invoice {change:commercial__days_late_before__182d:commercial__days_late__182d} "
        "from one half-year to the next",
        when_missing="no invoice was due in the half-year before the last, or payments are not recorded",
    ),
    Feature(
        "commercial__days_late_change__182d", "Mean days late, last half-year less the half-year before", "days", 0,
        "days late of an average invoice {change:commercial__days_late_before__182d:commercial__days_late__182d} "
        "from one half-year to the next",
        when_missing="too few invoices to see a trend in the payments",
    ),
    Feature(
        "commercial__overdue__now", "Invoices that are overdue", "count", 1,
        "invoices overdue now: {commercial__overdue__now}",
        when_zero="no invoice is overdue",
        when_missing="payments are not recorded",
    ),
    Feature(
        "commercial__overdue_amount__now", "Amount of the overdue invoices", "money", 0,
        "{commercial__overdue_amount__now} is overdue, at {commercial__mrr__now} a month",
        when_zero="no invoice is overdue",
        when_missing="payments are not recorded",
    ),
    Feature(
        "commercial__overdue_months__now", "Amount of the overdue invoices in months of revenue", "ratio", 1,
        "{commercial__overdue_amount__now} is overdue, at {commercial__mrr__now} a month",
        when_zero="no invoice is overdue",
        when_missing="payments or the monthly revenue are not known",
    ),
    Feature(
        "commercial__longest_overdue__now", "Days for which the oldest overdue invoice has been so", "days", 1,
        "an invoice has been overdue for {commercial__longest_overdue__now} days",
        when_zero="no invoice is overdue",
        when_missing="payments are not recorded",
    ),
)  # fmt: skip

NOT_KNOWN = (
    "commercial__employees__now", "commercial__seats__now", "commercial__seats_used__28d",
    "commercial__overdue__now",
)  # fmt: skip
"""Counts that are empty, not 0, where the source does not say."""


def build(snapshots: ir.Table, tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table:
    """One row per snapshot: account_id, as_of and `FEATURES`; counts and flags int64, texts string, else float64.

    The contract is the one of the day before as_of: what starts or ends on as_of is still to come. What
    depends on payments or on who uses the product is empty where the source has recorded none by as_of.
    """
    subscriptions = tables["subscriptions"]
    known = asof.known(snapshots, subscriptions, "subscriptions")
    contract = terms(snapshots, subscriptions)
    table = snapshots.select("account_id", "as_of")
    parts = [
        contract,
        term_history(known, contract),
        mrr_changes(known),
        running_plan(known),
        _account(snapshots, tables["accounts"]),
        _payments(snapshots, tables["invoices"]),
        _users(table, tables["usage"]),
    ]
    for part in parts:
        table = table.left_join(part, ["account_id", "as_of"], rname="{name}_right")
        table = table.drop("account_id_right", "as_of_right")
    table = recorded(table, _first_payment(tables["invoices"]))
    table = table.mutate(**_contract(table), **_term(table, settings), **_money(table))
    return on_spine(snapshots, [table], FEATURES, NOT_KNOWN)


def _contract(t: ir.Table) -> dict[str, ir.Value]:
    return {
        "commercial__age__now": ibis.coalesce(t.signed_age, t.first_age).cast("float64"),
        "commercial__seats__now": t.seats.round().cast("int64"),
        "commercial__seats_per_employee__now": t.seats / t.employees.nullif(0),
        "commercial__employees__now": t.employees.round().cast("int64"),
        "commercial__mrr__now": t.mrr,
        "commercial__mrr_per_seat__now": t.mrr / t.seats.nullif(0),
        "commercial__mrr__91d": t.mrr_91d,
        "commercial__mrr_change__91d": t.mrr / t.mrr_91d.nullif(0) - 1,
        "commercial__mrr__364d": t.mrr_364d,
        "commercial__mrr_change__364d": t.mrr / t.mrr_364d.nullif(0) - 1,
        "commercial__seats_used__28d": t.users,
        "commercial__seats_used_share__28d": t.users / t.seats.nullif(0),
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

    def seen(value: ir.Value) -> ir.Value:
        return ibis.ifelse(t.payments_recorded, value, None)

    return {
        "commercial__late_share__364d": seen(t.late_share),
        "commercial__days_late__364d": seen(t.late_year),
        "commercial__days_late__182d": seen(t.late_half),
        "commercial__days_late_before__182d": seen(t.late_before),
        "commercial__days_late_change__182d": seen(t.late_half - t.late_before),
        "commercial__overdue__now": seen(t.overdue.fill_null(0)),
        "commercial__overdue_amount__now": seen(t.overdue_amount.fill_null(0.0)),
        "commercial__overdue_months__now": seen(t.overdue_amount.fill_null(0.0) / t.mrr.nullif(0)),
        "commercial__longest_overdue__now": seen(t.longest_overdue.fill_null(0).cast("float64")),
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

    An invoice that is still unpaid is late by as_of - due_on days so far: at least 1, as due_on is over.
    """
    pairs = asof.known(snapshots, invoices, "invoices")
    pairs = pairs.mutate(due_age=_.as_of.delta(_.due_on, unit="day"), unpaid=_.paid_on.isnull())
    due = pairs.filter((_.due_age >= 1) & (_.amount > 0))
    paid_late = ibis.greatest(due.paid_on.fill_null(due.as_of).delta(due.due_on, unit="day"), 0)
    due = due.mutate(late=paid_late.cast("float64"), amount=_.amount.cast("float64"))
    return due.group_by("account_id", "as_of").aggregate(
        late_share=ibis.ifelse(_.late > 0, 1, 0).cast("float64").mean(where=_.due_age <= YEAR),
        late_year=_.late.mean(where=_.due_age <= YEAR),
        late_half=_.late.mean(where=_.due_age <= HALF_YEAR),
        late_before=_.late.mean(where=(_.due_age > HALF_YEAR) & (_.due_age <= YEAR)),
        overdue=_.unpaid.sum(),
        overdue_amount=_.amount.sum(where=_.unpaid),
        longest_overdue=_.due_age.max(where=_.unpaid),
    )


def _users(snapshots: ir.Table, usage: ir.Table) -> ir.Table:
    """Distinct people who used the product in the four weeks before as_of (one scan of usage)."""
    active = spells(usage_days(usage), MONTH)
    day = snapshots.as_of.epoch_days()
    inside = [
        snapshots.account_id == active.account_id,
        active.first_day <= day,
        active.last_day >= day,
    ]
    joined = snapshots.left_join(active, inside, rname="{name}_spell")
    counts = joined.group_by("account_id", "as_of").aggregate(found=_.person_id.notnull().sum())
    first = active.aggregate(first=_.first_day.min())
    counts = counts.cross_join(first)
    users = ibis.ifelse(counts.as_of.epoch_days() >= counts.first, counts.found, None)
    return counts.select("account_id", "as_of", users=users)
