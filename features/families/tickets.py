"""Tickets: how much trouble the account has, how it is dealt with, and where that is going."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
from ibis import _

from rind.features import asof
from rind.features.catalogue import Feature, Settings
from rind.features.families.terms import known_terms, terms

NEEDS = ("tickets", "subscriptions")
USES = ("rates",)

MONTH, QUARTER, YEAR = 28, 91, 364  # whole weeks: every window holds the same mix of weekdays
PRESSING = ("high", "urgent")
HOW_TO = ("howto", "question")  # parts of a category's name, in lower case and letters only
BUG = ("bug", "defect", "error", "incident", "outage")

FEATURES: tuple[Feature, ...] = (
    Feature(
        "tickets__opened__28d", "Tickets opened in the last four weeks", "count", 0,
        "tickets opened in four weeks {change:tickets__opened_before__28d:tickets__opened__28d}",
        when_zero="none was opened in four weeks, after {tickets__opened_before__28d} in the four before",
    ),
    Feature(
        "tickets__opened_before__28d", "Tickets opened in the four weeks before the last four", "count", 0,
        "tickets opened in four weeks {change:tickets__opened_before__28d:tickets__opened__28d}",
    ),
    Feature(
        "tickets__opened__91d", "Tickets opened in the last 13 weeks", "count", 0,
        "{tickets__opened__91d} of the last year's {tickets__opened__364d} tickets came in the last 13 weeks",
        when_zero="no ticket was opened in the last 13 weeks, {tickets__opened__364d} in the last year",
    ),
    Feature(
        "tickets__opened__364d", "Tickets opened in the last year", "count", 0,
        "tickets opened in the last year: {tickets__opened__364d}",
        when_zero="no ticket was opened in the last year",
    ),
    Feature(
        "tickets__since_opened__ever", "Days since the last ticket was opened", "days", 0,
        "the last ticket was opened {tickets__since_opened__ever} days ago",
        when_missing="the account has never opened a ticket",
    ),
    Feature(
        "tickets__per_seat__91d", "Tickets opened in the last 13 weeks per seat bought", "ratio", 1,
        "{tickets__per_seat__91d} tickets per seat in the last 13 weeks",
        when_zero="no ticket was opened in the last 13 weeks",
    ),
    Feature(
        "tickets__open__now", "Tickets that are open now, reopened ones among them", "count", 1,
        "tickets open now: {tickets__open__now}",
        when_zero="no ticket is open",
    ),
    Feature(
        "tickets__oldest_open__now", "Age of the oldest open ticket", "days", 1,
        "the oldest open ticket has waited for {tickets__oldest_open__now} days",
        when_missing="no ticket is open",
    ),
    Feature(
        "tickets__pressing_open__now", "Open tickets of high or urgent priority", "count", 1,
        "open tickets of high or urgent priority: {tickets__pressing_open__now}",
        when_zero="no ticket of high or urgent priority is open",
    ),
    Feature(
        "tickets__unanswered__now", "Open tickets without a first response", "count", 1,
        "open tickets that nobody has answered yet: {tickets__unanswered__now}",
        when_zero="every open ticket has had a first response",
    ),
    Feature(
        "tickets__open_at_renewal__now", "Open tickets while the term ends within the horizon, otherwise 0",
        "count", 1,
        "tickets open with the renewal ahead: {tickets__open_at_renewal__now}",
        when_zero="no renewal with open tickets ahead",
        when_missing="no end of the term is known",
    ),
    Feature(
        "tickets__pressing_share__364d", "Share of high and urgent ones among the last year's tickets",
        "share", 1,
        "{tickets__pressing_share__364d} of the last year's tickets were of high or urgent priority",
        when_zero="none of the last year's tickets was of high or urgent priority",
        when_missing="no ticket with a priority in the last year",
    ),
    Feature(
        "tickets__escalated__91d", "Escalations in the last 13 weeks", "count", 1,
        "escalations in the last 13 weeks: {tickets__escalated__91d}",
        when_zero="no escalation in the last 13 weeks",
    ),
    Feature(
        "tickets__escalated__364d", "Escalations in the last year", "count", 1,
        "escalations in the last year: {tickets__escalated__364d}",
        when_zero="no escalation in the last year",
    ),
    Feature(
        "tickets__reopened__364d", "Tickets reopened in the last year", "count", 1,
        "tickets reopened in the last year because the answer did not hold: {tickets__reopened__364d}",
        when_zero="no ticket had to be reopened in the last year",
    ),
    Feature(
        "tickets__first_response__91d", "Mean hours to the first response, given in the last 13 weeks",
        "hours", 1,
        "the first response took {tickets__first_response__91d} hours on average in the last 13 weeks",
        when_missing="no first response was given in the last 13 weeks",
    ),
    Feature(
        "tickets__first_response_before__91d", "Mean hours to the first response, in the 39 weeks before",
        "hours", 0,
        "earlier in the year the first response took {tickets__first_response_before__91d} hours on average",
        when_missing="no first response was given earlier in the year",
    ),
    Feature(
        "tickets__first_response_trend__91d", "Time to first response, last 13 weeks against the 39 before",
        "ratio", 0,
        "hours to the first response "
        "{change:tickets__first_response_before__91d:tickets__first_response__91d} within the year",
        when_missing="too few answered tickets to see a trend in the time to the first response",
    ),
    Feature(
        "tickets__resolve__91d", "Mean hours to resolve, for tickets resolved in the last 13 weeks",
        "hours", 1,
        "tickets took {tickets__resolve__91d} hours to resolve on average in the last 13 weeks",
        when_missing="no ticket was resolved in the last 13 weeks",
    ),
    Feature(
        "tickets__resolve_before__91d", "Mean hours to resolve in the 39 weeks before the last 13",
        "hours", 0,
        "earlier in the year tickets took {tickets__resolve_before__91d} hours to resolve on average",
        when_missing="no ticket was resolved earlier in the year",
    ),
    Feature(
        "tickets__resolve_trend__91d", "Time to resolve, last 13 weeks against the 39 before", "ratio", 0,
        "hours to resolve {change:tickets__resolve_before__91d:tickets__resolve__91d} within the year",
        when_missing="too few resolved tickets to see a trend in the time to resolve",
    ),
    Feature(
        "tickets__first_contact__364d", "First-contact resolution: share solved with one reply, last year",
        "share", -1,
        "{tickets__first_contact__364d} of the tickets resolved in the last year took a single reply",
        when_zero="none of the tickets resolved in the last year was solved with a single reply",
        when_missing="no resolved ticket with a count of replies in the last year",
    ),
    Feature(
        "tickets__how_to_share__364d", "Share of how-to questions among the last year's tickets", "share", 0,
        "{tickets__how_to_share__364d} of the last year's tickets were how-to questions",
        when_zero="none of the last year's tickets was a how-to question",
        when_missing="no ticket with a category in the last year",
    ),
    Feature(
        "tickets__bug_share__364d", "Share of bugs among the last year's tickets", "share", 0,
        "{tickets__bug_share__364d} of the last year's tickets were bugs, "
        "{tickets__how_to_share__364d} how-to questions",
        when_zero="none of the last year's tickets was a bug",
        when_missing="no ticket with a category in the last year",
    ),
    Feature(
        "tickets__bug_over_how_to__364d", "Share of bugs less share of how-to questions, last year",
        "share", 0,
        "bugs made up {tickets__bug_share__364d} of the last year's tickets, "
        "how-to questions {tickets__how_to_share__364d}",
        when_missing="no ticket with a category in the last year",
    ),
)  # fmt: skip


def build(snapshots: ibis.Table, tables: Mapping[str, ibis.Table], settings: Settings) -> ibis.Table:
    """One row per snapshot (account_id, as_of), then the features of `FEATURES`.

    A ticket is open until its resolution is known, and again once a later reopening is. Windows of the
    last d days hold what happened 1 to d days before as_of, each thing by its own time: an escalation by
    when it was escalated, a time to resolve by when it was resolved. Counts of nothing are 0; averages,
    shares and ages of nothing are null. ``tickets__open_at_renewal__now`` counts where the known term
    ends in (as_of, as_of + horizon_days].
    """
    spine = snapshots.select("account_id", "as_of")
    per_ticket = _tickets_at(asof.known(spine, _with_topic(tables["tickets"]), "tickets"))
    counts, means = _counts(), _means()
    aggregates = per_ticket.group_by("account_id", "as_of").aggregate(**counts, **means)
    contract = terms(known_terms(spine, tables["subscriptions"], tables.get("rates"), settings), settings)
    joined = spine.left_join(aggregates, ["account_id", "as_of"]).select(
        spine, **{name: aggregates[name].fill_null(0) for name in counts}, **{name: aggregates[name] for name in means}
    )
    joined = joined.left_join(contract, ["account_id", "as_of"]).select(
        joined, contract.seats, to_term_end=contract.term_ends_on.delta(joined.as_of, unit="day")
    )
    derived = joined.mutate(**_derived(settings.horizon_days))
    return derived.select("account_id", "as_of", *(feature.name for feature in FEATURES))


def _with_topic(tickets: ibis.Table) -> ibis.Table:
    """Tickets with is_how_to and is_bug: boolean, null without a category."""
    letters = tickets.category.lower().re_replace("[^a-z]", "")
    return tickets.mutate(
        is_how_to=ibis.or_(*(letters.contains(part) for part in HOW_TO)),
        is_bug=ibis.or_(*(letters.contains(part) for part in BUG)),
    )


def _tickets_at(pairs: ibis.Table) -> ibis.Table:
    """Every known (snapshot, ticket) pair with its state at as_of, durations in hours and ages in days."""
    return pairs.mutate(
        is_open=_.resolved_at.isnull() | (_.reopened_at > _.resolved_at).fill_null(False),
        is_pressing=_.priority.isin(PRESSING),
        response_age=_days_before(pairs, "first_response_at"),
        resolve_age=_days_before(pairs, "resolved_at"),
        escalated_age=_days_before(pairs, "escalated_at"),
        reopened_age=_days_before(pairs, "reopened_at"),
        response_hours=_hours(pairs, "opened_at", "first_response_at"),
        resolve_hours=_hours(pairs, "opened_at", "resolved_at"),
    )


def _counts() -> dict[str, ibis.Deferred]:
    """What is 0 for an account without tickets."""
    return {
        "tickets__opened__28d": (_.age_days <= MONTH).sum(),
        "tickets__opened_before__28d": ((_.age_days > MONTH) & (_.age_days <= 2 * MONTH)).sum(),
        "tickets__opened__91d": (_.age_days <= QUARTER).sum(),
        "tickets__opened__364d": (_.age_days <= YEAR).sum(),
        "tickets__open__now": (_.is_open).sum(),
        "tickets__pressing_open__now": (_.is_open & _.is_pressing).sum(),
        "tickets__unanswered__now": (_.is_open & _.first_response_at.isnull()).sum(),
        "tickets__escalated__91d": (_.escalated_age <= QUARTER).sum(),
        "tickets__escalated__364d": (_.escalated_age <= YEAR).sum(),
        "tickets__reopened__364d": (_.reopened_age <= YEAR).sum(),
    }


def _means() -> dict[str, ibis.Deferred]:
    """What is empty for an account without tickets."""
    this_year = _.age_days <= YEAR
    answered, answered_before = _now_and_before(_.response_age)
    resolved, resolved_before = _now_and_before(_.resolve_age)
    single = (
        (_.touches <= 1).cast("int32").cast("float64")
    )  # 0 or 1 replies: some systems count only those after the first
    return {
        "tickets__since_opened__ever": _.age_days.min(),
        "tickets__oldest_open__now": _.age_days.max(where=_.is_open),
        "tickets__pressing_share__364d": _.is_pressing.cast("int32").cast("float64").mean(where=this_year),
        "tickets__first_response__91d": _.response_hours.mean(where=answered),
        "tickets__first_response_before__91d": _.response_hours.mean(where=answered_before),
        "tickets__resolve__91d": _.resolve_hours.mean(where=resolved & ~_.is_open),
        "tickets__resolve_before__91d": _.resolve_hours.mean(where=resolved_before & ~_.is_open),
        "tickets__first_contact__364d": single.mean(where=(_.resolve_age <= YEAR) & ~_.is_open),
        "tickets__how_to_share__364d": _.is_how_to.cast("int32").cast("float64").mean(where=this_year),
        "tickets__bug_share__364d": _.is_bug.cast("int32").cast("float64").mean(where=this_year),
    }


def _derived(horizon_days: int) -> dict[str, ibis.Deferred]:
    """What follows from the others, the seats and the end of the term."""
    renews = _.to_term_end.between(1, horizon_days)
    return {
        "tickets__per_seat__91d": _.tickets__opened__91d / _.seats.nullif(0),
        "tickets__open_at_renewal__now": renews.cast("int32") * _.tickets__open__now,
        "tickets__first_response_trend__91d": _.tickets__first_response__91d
        / _.tickets__first_response_before__91d.nullif(0),
        "tickets__resolve_trend__91d": _.tickets__resolve__91d / _.tickets__resolve_before__91d.nullif(0),
        "tickets__bug_over_how_to__364d": _.tickets__bug_share__364d - _.tickets__how_to_share__364d,
    }


def _now_and_before(age: ibis.Deferred) -> tuple[ibis.Deferred, ibis.Deferred]:
    """The last 13 weeks, and the rest of the year before them."""
    return age <= QUARTER, (age > QUARTER) & (age <= YEAR)


def _days_before(pairs: ibis.Table, time: str) -> Any:
    """Whole days from a time that has passed to as_of, 1 for the day before; null while it has not come."""
    return pairs.as_of.delta(pairs[time].date(), unit="day")


def _hours(pairs: ibis.Table, start: str, end: str) -> Any:
    return (pairs[end].epoch_seconds() - pairs[start].epoch_seconds()) / 3600
