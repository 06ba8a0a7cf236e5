"""Engagement: do they still talk to us? Touch points out and in, answers, silence, meetings."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features import asof
from rind.features.catalogue import Feature, Settings
from rind.features.families.activity_intervals import on_spine, recorded
from rind.features.tables import CHANNELS

NEEDS = ("interactions",)
USES: tuple[str, ...] = ()

MONTH, QUARTER, YEAR = 28, 91, 364  # whole weeks: every window holds the same mix of weekdays
MEETINGS = ("meeting", "qbr", "training")

FEATURES: tuple[Feature, ...] = (
    Feature(
        "engagement__outbound__28d", "Times we contacted the customer in the last four weeks", "count", 0,
        "we got in touch {engagement__outbound__28d} times in the last four weeks",
        when_zero="we have not been in touch in the last four weeks",
    ),
    Feature(
        "engagement__outbound__91d", "Times we contacted the customer in the last 13 weeks", "count", 0,
        "times we got in touch in 13 weeks {change:engagement__outbound_before__91d:engagement__outbound__91d}",
        when_zero="we have not been in touch in the last 13 weeks",
    ),
    Feature(
        "engagement__outbound_before__91d", "Times we contacted the customer in the 13 weeks before the last 13",
        "count", 0,
        "times we got in touch in 13 weeks {change:engagement__outbound_before__91d:engagement__outbound__91d}",
    ),
    Feature(
        "engagement__inbound__28d", "Times the customer contacted us in the last four weeks", "count", 0,
        "the customer got in touch {engagement__inbound__28d} times in the last four weeks",
        when_zero="the customer has not got in touch on their own in the last four weeks",
    ),
    Feature(
        "engagement__inbound__91d", "Times the customer contacted us in the last 13 weeks", "count", 0,
        "times the customer got in touch in 13 weeks "
        "{change:engagement__inbound_before__91d:engagement__inbound__91d}",
        when_zero="the customer has not got in touch on their own in the last 13 weeks, "
        "{engagement__inbound_before__91d} times in the 13 before",
    ),
    Feature(
        "engagement__inbound_before__91d", "Times the customer contacted us in the 13 weeks before the last 13",
        "count", 0,
        "times the customer got in touch in 13 weeks "
        "{change:engagement__inbound_before__91d:engagement__inbound__91d}",
    ),
    Feature(
        "engagement__answer_rate__91d", "Share of our messages of the last 13 weeks that were answered",
        "share", -1,
        "{engagement__answer_rate__91d} of our messages of the last 13 weeks were answered",
        when_zero="none of our messages of the last 13 weeks was answered",
        when_missing="we have sent nothing to answer in the last 13 weeks",
    ),
    Feature(
        "engagement__answer_rate__364d", "Share of our messages of the last year that were answered", "share", -1,
        "{engagement__answer_rate__364d} of our messages of the last year were answered",
        when_zero="none of our messages of the last year was answered",
        when_missing="we have sent nothing to answer in the last year",
    ),
    Feature(
        "engagement__answer_rate_before__91d", "Share of our messages of the 13 weeks before the last 13 answered",
        "share", 0,
        "{engagement__answer_rate_before__91d} of our messages of the 13 weeks before the last 13 were answered",
        when_zero="none of our messages of the 13 weeks before the last 13 was answered",
        when_missing="we sent nothing to answer in the 13 weeks before the last 13",
    ),
    Feature(
        "engagement__answer_rate_change__91d", "Answer rate of the last 13 weeks less that of the 13 before",
        "share", -1,
        "the share of our messages that is answered "
        "{change:engagement__answer_rate_before__91d:engagement__answer_rate__91d} within half a year",
        when_missing="too few messages to see a trend in the answers",
    ),
    Feature(
        "engagement__answer_hours__182d", "Mean hours until our messages of the last half-year were answered",
        "hours", 0,
        "answers took {engagement__answer_hours__182d} hours on average in the last half-year",
        when_missing="no message of the last half-year was answered",
    ),
    Feature(
        "engagement__unanswered_streak__now", "Our messages since the last one that was answered", "count", 1,
        "our last {engagement__unanswered_streak__now} messages went unanswered",
        when_zero="none of our last messages went unanswered",
        when_missing="we have never sent anything, or answers are not recorded",
    ),
    Feature(
        "engagement__since_two_way__ever", "Days since we last heard from the customer or met them", "days", 1,
        "the last exchange in both directions was {engagement__since_two_way__ever} days ago",
        when_missing="there has never been an exchange in both directions",
    ),
    Feature(
        "engagement__since_inbound__ever", "Days since the customer last contacted us on their own", "days", 0,
        "the customer last got in touch on their own {engagement__since_inbound__ever} days ago",
        when_missing="the customer has never got in touch on their own",
    ),
    Feature(
        "engagement__since_outbound__ever", "Days since we last contacted the customer", "days", 0,
        "we last got in touch {engagement__since_outbound__ever} days ago",
        when_missing="we have never got in touch",
    ),
    Feature(
        "engagement__working_channels__91d", "Channels on which the customer answered or wrote, last 13 weeks",
        "count", -1,
        "channels on which the customer was heard in the last 13 weeks: {engagement__working_channels__91d}",
        when_zero="the customer was not heard on any channel in the last 13 weeks",
    ),
    Feature(
        "engagement__working_channels__364d", "Channels on which the customer answered or wrote, last year",
        "count", -1,
        "channels on which the customer was heard in the last year: {engagement__working_channels__364d}",
        when_zero="the customer was not heard on any channel in the last year",
    ),
    Feature(
        "engagement__meetings__91d", "Meetings, reviews and trainings held in the last 13 weeks", "count", -1,
        "meetings, reviews and trainings held in the last 13 weeks: {engagement__meetings__91d}",
        when_zero="no meeting was held in the last 13 weeks",
    ),
    Feature(
        "engagement__meetings__364d", "Meetings, reviews and trainings held in the last year", "count", -1,
        "meetings, reviews and trainings held in the last year: {engagement__meetings__364d}",
        when_zero="no meeting was held in the last year",
    ),
    Feature(
        "engagement__reviews__91d", "Business reviews held in the last 13 weeks", "count", 0,
        "business reviews held in the last 13 weeks: {engagement__reviews__91d}",
        when_zero="no business review was held in the last 13 weeks",
    ),
    Feature(
        "engagement__reviews__364d", "Business reviews held in the last year", "count", -1,
        "business reviews held in the last year: {engagement__reviews__364d}",
        when_zero="no business review was held in the last year",
    ),
    Feature(
        "engagement__trainings__364d", "Trainings held in the last year", "count", -1,
        "trainings held in the last year: {engagement__trainings__364d}",
        when_zero="no training was held in the last year",
    ),
    Feature(
        "engagement__since_meeting__ever", "Days since the last meeting, review or training", "days", 0,
        "the last meeting was {engagement__since_meeting__ever} days ago",
        when_missing="no meeting has ever been held",
    ),
)  # fmt: skip


def build(
    snapshots: ir.Table,
    tables: Mapping[str, ir.Table],
    settings: Settings,
) -> ir.Table:
    """One row per snapshot: account_id, as_of and `FEATURES`; counts int64, the others float64.

    A message is an outbound touch point that asks for an answer. A meeting, review or training counts as
    held, and is no message, unless the source also records who accepts those: then only the answered ones
    were held. Rates and the streak are empty where no answer to anything had been recorded by as_of.
    """
    touches = _with_streak_ends(_marked(tables["interactions"]))
    pairs = asof.known(snapshots, touches, "interactions")
    pairs = _described(recorded(pairs, _first_answers(tables["interactions"])))
    parts = pairs.group_by("account_id", "as_of").aggregate(**_counts(), **_rates(), **_silence())
    change = _.engagement__answer_rate__91d - _.engagement__answer_rate_before__91d
    parts = parts.mutate(engagement__answer_rate_change__91d=change, **_working_channels(parts))
    empty = ("engagement__unanswered_streak__now",)
    streak = ibis.ifelse(_.answers_recorded, _.engagement__unanswered_streak__now.fill_null(0), None)
    return on_spine(snapshots, [parts.mutate(engagement__unanswered_streak__now=streak)], FEATURES, empty)


def _marked(interactions: ir.Table) -> ir.Table:
    """Add what does not depend on as_of: inbound, outbound, meeting, and the hours to the answer."""
    hours = (_.answered_at.epoch_seconds() - _.occurred_at.epoch_seconds()).cast("float64") / 3600
    return interactions.mutate(
        inbound=(_.direction == "inbound").fill_null(False),
        outbound=(_.direction == "outbound").fill_null(False),
        meeting=_.channel.isin(MEETINGS).fill_null(False),
        answer_hours=hours,
    )


def _with_streak_ends(interactions: ir.Table) -> ir.Table:
    """Add streak_ends_at: when it was learned that this touch point or a later one was answered, or that
    the customer got in touch after it. A time to compare with as_of: null or later means still unanswered.

    Found per touch point, so that no snapshot has to look through the account's history for it.
    """
    known_at = asof.effective_at(interactions, "interactions")
    inbound = interactions.inbound
    # greatest() of a null differs between engines, so the null is kept out of it
    answered_at = ibis.greatest(known_at, interactions.answered_at.fill_null(known_at))
    learned_at = ibis.cases((inbound, known_at), (interactions.answered_at.notnull(), answered_at))
    latest_first = {"group_by": "account_id", "order_by": ibis.desc("occurred_at")}
    from_here_on = ibis.range_window(**latest_first, preceding=None, following=0)
    return interactions.mutate(streak_ends_at=learned_at.min().over(from_here_on))


def _described(pairs: ir.Table) -> ir.Table:
    """Add what a touch point was at as_of: answered, held, asking, heard (and its age in days)."""
    answered = pairs.answered_at.notnull() & ~pairs.inbound
    invitations = pairs.meeting & ~pairs.inbound & pairs.acceptances_recorded
    held = pairs.meeting & (answered | ~invitations)
    answer_age = pairs.as_of.delta(pairs.answered_at.date(), unit="day")
    return pairs.mutate(
        answered=answered,
        held=held,
        asking=pairs.outbound & (~pairs.meeting | invitations),
        heard=pairs.inbound | answered | held,
        heard_age=ibis.ifelse(answered, answer_age, pairs.age_days),
        streak_over=(pairs.streak_ends_at < pairs.as_of.cast("timestamp")).fill_null(False),
    )


def _first_answers(touches: ir.Table) -> ir.Table:
    """When the first answer became known of anybody, and the first to an invitation (one row)."""
    known_at = asof.effective_at(touches, "interactions")
    ours = (touches.direction != "inbound").fill_null(True)
    answered = touches.mutate(learned_at=ibis.greatest(known_at, touches.answered_at))
    answered = answered.filter(ours & touches.answered_at.notnull())
    return answered.aggregate(
        answers_recorded=_.learned_at.min(),
        acceptances_recorded=_.learned_at.min(where=_.channel.isin(MEETINGS)),
    )


def _counts() -> dict[str, ir.Value]:
    counts: dict[str, ir.Value] = {}
    for days in (MONTH, QUARTER):
        counts[f"engagement__outbound__{days}d"] = _total(_.outbound & _within(days))
        counts[f"engagement__inbound__{days}d"] = _total(_.inbound & _within(days))
    counts["engagement__outbound_before__91d"] = _total(_.outbound & _before(QUARTER))
    counts["engagement__inbound_before__91d"] = _total(_.inbound & _before(QUARTER))
    for days in (QUARTER, YEAR):
        counts[f"engagement__meetings__{days}d"] = _total(_.held & _within(days))
        counts[f"engagement__reviews__{days}d"] = _total(_.held & (_.channel == "qbr") & _within(days))
    counts["engagement__trainings__364d"] = _total(_.held & (_.channel == "training") & _within(YEAR))
    for channel in CHANNELS:
        counts[f"{channel}_heard_age"] = _.heard_age.min(where=_.heard & (_.channel == channel))
    return counts


def _working_channels(parts: ir.Table) -> dict[str, ir.Value]:
    """Channels on which the customer was heard in a window, from the days since it was on each."""
    counts: dict[str, ir.Value] = {}
    for days in (QUARTER, YEAR):
        heard = [(parts[f"{c}_heard_age"] <= days).fill_null(False).cast("int32") for c in CHANNELS]
        counts[f"engagement__working_channels__{days}d"] = sum(heard[1:], heard[0])
    return counts


def _rates() -> dict[str, ir.Value]:
    outreach = _.asking & _.answers_recorded
    answered = ibis.ifelse(_.answered, 1, 0).cast("float64")
    return {
        "engagement__answer_rate__91d": answered.mean(where=outreach & _within(QUARTER)),
        "engagement__answer_rate__364d": answered.mean(where=outreach & _within(YEAR)),
        "engagement__answer_rate_before__91d": answered.mean(where=outreach & _before(QUARTER)),
        "engagement__answer_hours__182d": _.answer_hours.mean(where=_.asking & _.answered & _within(2 * QUARTER)),
        "engagement__unanswered_streak__now": _total(_.asking & ~_.streak_over),
        "answers_recorded": _.answers_recorded.any(),
    }


def _silence() -> dict[str, ir.Value]:
    return {
        "engagement__since_two_way__ever": _.heard_age.min(where=_.heard).cast("float64"),
        "engagement__since_inbound__ever": _.age_days.min(where=_.inbound).cast("float64"),
        "engagement__since_outbound__ever": _.age_days.min(where=_.outbound).cast("float64"),
        "engagement__since_meeting__ever": _.age_days.min(where=_.held).cast("float64"),
    }


def _within(days: int) -> ir.BooleanValue:
    return _.age_days <= days


def _before(days: int) -> ir.BooleanValue:
    """In the window before the last one."""
    return (_.age_days > days) & (_.age_days <= 2 * days)


def _total(condition: ir.BooleanValue) -> ir.IntegerScalar:
    return condition.sum()
