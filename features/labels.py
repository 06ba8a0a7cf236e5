"""The outcome: did the account leave within the horizon? Unknown is not 0."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import Deferred

from rind.features.asof import effective_at
from rind.features.paid_terms import paying

_OPEN = date(9999, 1, 1)
_ALWAYS = date(1, 1, 1)


def spells(subscriptions: ir.Table, data_end: date | Deferred, grace_days: int, per: tuple[str, ...] = ()) -> ir.Table:
    """Stretches in which an account pays, bridging gaps of up to grace_days.

    Parameters
    ----------
    subscriptions
        The terms (`features.paid_terms.as_terms`); trials and free plans are no part of a stretch. Starts after
        data_end are plans and do not count; ends after it neither.
    data_end
        A day, or one made of the columns of ``per``: ``_.as_of``.
    per
        Further columns by which the subscriptions are kept apart.

    Returns
    -------
    ibis.Table
        One row per (account_id, *per, spell): starts_on, and left_on: date of the logo churn, null while the
        account stays or while its grace has not been seen (left_on + grace_days <= data_end).
    """
    return _spells(paying(subscriptions), data_end, grace_days, per)


def _spells(subscriptions: ir.Table, data_end: date | Deferred, grace_days: int, per: tuple[str, ...] = ()) -> ir.Table:
    keys = ["account_id", *per]
    terms = subscriptions.mutate(ended_on=subscriptions.ended_on.fill_null(_OPEN))
    terms = terms.filter(terms.starts_on <= data_end, terms.ended_on > terms.starts_on)
    in_order = ibis.window(group_by=[terms[k] for k in keys], order_by=[terms.starts_on, terms.ended_on])
    earlier = ibis.window(group_by=in_order.groupings, order_by=in_order.orderings, preceding=(None, 1))
    terms = terms.mutate(previous_end=terms.ended_on.max().over(earlier))
    grace = ibis.interval(days=grace_days)
    opens = terms.previous_end.isnull() | (terms.starts_on > terms.previous_end + grace)
    terms = terms.mutate(opens=ibis.ifelse(opens, 1, 0))
    terms = terms.mutate(
        spell=terms.opens.sum().over(
            ibis.window(group_by=[terms[k] for k in keys], order_by=[terms.starts_on, terms.ended_on], following=0)
        )
    )
    spans = terms.group_by(*keys, "spell").agg(starts_on=terms.starts_on.min(), end=terms.ended_on.max())
    seen_until = data_end if isinstance(data_end, Deferred) else ibis.literal(data_end)
    past_grace = spans.end <= seen_until - grace
    return spans.select(*keys, "spell", "starts_on", left_on=ibis.ifelse(past_grace, spans.end, None))


def labels(
    snapshots: ir.Table, subscriptions: ir.Table, data_end: date, horizon_days: int, grace_days: int
) -> ir.Table:
    """Whether each snapshot's account left within (as_of, as_of + horizon_days].

    Unknown (null) where the data end before as_of + horizon_days + grace_days, unless the churn and its
    grace have already been seen. This is what the source says today; `known_labels` says what was known when.

    Returns
    -------
    ibis.Table
        One row per (account_id, as_of): churned: int8 1/0/null; days_to_churn: int64 >= 1, null = not seen.
    """
    joined = _with_departure(snapshots, spells(subscriptions, data_end, grace_days))
    days = joined.left_on.delta(joined.as_of, unit="day")
    complete = joined.as_of <= ibis.literal(data_end) - ibis.interval(days=horizon_days + grace_days)
    churned = ibis.cases(((days <= horizon_days).fill_null(False), 1), (complete, 0), else_=ibis.null("int8"))
    return joined.select("account_id", "as_of", churned=churned.cast("int8"), days_to_churn=days.cast("int64"))


def known_labels(
    snapshots: ir.Table, subscriptions: ir.Table, data_end: date, horizon_days: int, grace_days: int
) -> ir.Table:
    """Every answer that the source has ever given to `labels`, and the dates on which it stood.

    Standing at a date t, the label is that of the subscriptions known at t (happened and recorded before it)
    with the data end t - 1. It turns from unknown to known as days pass, and, where a renewal or a whole term
    is recorded late, it may be taken back or turn round: until then nobody could know better, so a model of
    that time learned from what was believed.

    Returns
    -------
    ibis.Table
        One row per (account_id, as_of, known_from): churned: int8 1/0; days_to_churn: int64, null = not seen;
        the answer stood at the dates [known_from, known_until), known_until null: to this day. Stretches of a
        snapshot do not overlap; where none covers a date, the label was unknown at it.
    """
    subscriptions = paying(subscriptions)
    believed = believed_departures(snapshots, subscriptions, data_end, horizon_days, grace_days)
    left = believed.filter(believed.left_on.notnull())
    stayed = believed.filter(stayed_within(believed, data_end, horizon_days))
    answers = ibis.union(
        _answers(left, ibis.ifelse(left.days <= horizon_days, 1, 0), left.days, left.left_known),
        _answers(stayed, ibis.literal(0), ibis.null("int64"), stayed.stay_known, stayed.left_known),
    )
    return joined_up(answers, ("churned", "days_to_churn"))


def believed_departures(
    snapshots: ir.Table, subscriptions: ir.Table, data_end: date, horizon_days: int, grace_days: int
) -> ir.Table:
    """What was believed of each snapshot's departure, epoch by epoch of what was recorded.

    Parameters
    ----------
    subscriptions
        The paying terms.

    Returns
    -------
    ibis.Table
        One row per (account_id, as_of, learned_on): believed at the dates [learned_on, learned_until), learned_until
        null: to this day. left_on: date of the churn that ends the present spell, null while it is not seen; days:
        int64 from as_of to it; left_known, stay_known: the first dates at which the churn, or that the account did
        not leave within the horizon, can be known.
    """
    epochs = recording_epochs(subscriptions)
    believed = _with_departure(
        snapshots.inner_join(epochs, "account_id"),
        _spells(as_recorded(subscriptions, epochs), data_end, grace_days, per=("learned_on",)),
    )
    return believed.select(
        "account_id", "as_of", "learned_on", "learned_until", "left_on",
        days=believed.left_on.delta(believed.as_of, unit="day"),
        left_known=(believed.left_on + ibis.interval(days=grace_days + 1)).cast("date"),
        stay_known=(believed.as_of + ibis.interval(days=horizon_days + grace_days + 1)).cast("date"),
    )  # fmt: skip


def stayed_within(believed: ir.Table, data_end: date, horizon_days: int) -> ir.BooleanValue:
    """Whether a row of `believed_departures` has been seen not to leave within the horizon."""
    stay_is_known = believed.stay_known <= ibis.literal(data_end) + ibis.interval(days=1)
    return ((believed.left_on.isnull() & stay_is_known) | (believed.days > horizon_days)).fill_null(False)


def _with_departure(snapshots: ir.Table, departures: ir.Table) -> ir.Table:
    """Each snapshot with the end of the spell that it lies in, null while that has not been seen."""
    ended = departures.filter(departures.left_on.notnull())
    same = ["account_id", *(["learned_on"] if "learned_on" in ended.columns else [])]
    conditions = [snapshots[k] == ended[k] for k in same]
    lies_in = [ended.starts_on <= snapshots.as_of, ended.left_on > snapshots.as_of]
    return snapshots.left_join(ended, [*conditions, *lies_in])


def _known_on(subscriptions: ir.Table) -> ir.DateValue:
    """The first date at which a row may count."""
    return (effective_at(subscriptions, "subscriptions").date() + ibis.interval(days=1)).cast("date")


def _is_late(subscriptions: ir.Table) -> ir.BooleanValue:
    return _known_on(subscriptions) > (subscriptions.starts_on + ibis.interval(days=1)).cast("date")


def recording_epochs(subscriptions: ir.Table) -> ir.Table:
    """One row per (account_id, learned_on): from that date until learned_until no late row became known.

    Rows recorded on time open no epoch: before they happen they move no label that is known by then.
    """
    always = subscriptions.select("account_id", learned_on=ibis.literal(_ALWAYS)).distinct()
    late = subscriptions.filter(_is_late(subscriptions))
    epochs = ibis.union(always, late.select("account_id", learned_on=_known_on(late)).distinct())
    by_account = ibis.window(group_by=epochs.account_id, order_by=epochs.learned_on)
    return epochs.mutate(learned_until=epochs.learned_on.lead().over(by_account))


def as_recorded(subscriptions: ir.Table, epochs: ir.Table, *columns: str) -> ir.Table:
    """The subscriptions once per epoch of their account in which they were known, with its learned_on.

    ``columns`` are kept beside account_id, starts_on and ended_on.
    """
    timed = subscriptions.mutate(first_known=ibis.ifelse(_is_late(subscriptions), _known_on(subscriptions), _ALWAYS))
    timed = timed.select("account_id", "starts_on", "ended_on", "first_known", *columns)
    epochs = epochs.select(epoch_of=epochs.account_id, learned_on=epochs.learned_on)
    return timed.inner_join(epochs, [timed.account_id == epochs.epoch_of, timed.first_known <= epochs.learned_on]).drop(
        "epoch_of"
    )


def _answers(
    believed: ir.Table,
    churned: ir.IntegerValue,
    days: ir.IntegerValue,
    since: ir.DateValue,
    until: ir.DateValue | None = None,
) -> ir.Table:
    return cut_to_epoch(believed, since, until, churned=churned.cast("int8"), days_to_churn=days.cast("int64"))


def cut_to_epoch(
    believed: ir.Table, since: ir.DateValue, until: ir.DateValue | None = None, **values: ir.Value
) -> ir.Table:
    """The stretches of one answer, each cut to the epoch in which it was believed; an open end is far away."""
    ends = [end.fill_null(_OPEN) for end in (believed.learned_until, *([until] if until is not None else []))]
    cut = believed.select(
        "account_id",
        "as_of",
        **values,
        known_from=ibis.greatest(since, believed.learned_on),
        known_until=ibis.least(*ends),
    )
    return cut.filter(cut.known_from < cut.known_until)


def with_times(answers: ir.Table) -> ir.Table:
    """The answers with known_from and known_until as times (UTC), as files hold them on every engine."""
    return answers.mutate(**{name: answers[name].cast("timestamp") for name in ("known_from", "known_until")})


def joined_up(answers: ir.Table, values: Sequence[str]) -> ir.Table:
    """Stretches of `cut_to_epoch` that follow each other with the same ``values`` become one; an open end is null."""
    by_snapshot = {"group_by": ["account_id", "as_of"], "order_by": ["known_from"]}
    before = ibis.window(**by_snapshot)
    follows = answers.known_until.lag().over(before) == answers.known_from
    for value in values:
        follows &= answers[value].lag().over(before).identical_to(answers[value])
    marked = answers.mutate(starts=ibis.ifelse(follows.fill_null(False), 0, 1))
    marked = marked.mutate(stretch=marked.starts.sum().over(ibis.cumulative_window(**by_snapshot)))
    joined = marked.group_by("account_id", "as_of", "stretch", *values).agg(
        known_from=marked.known_from.min(), known_until=marked.known_until.max()
    )
    return joined.mutate(known_until=joined.known_until.nullif(_OPEN)).drop("stretch")
