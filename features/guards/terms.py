"""Terms that cannot be what was agreed: ends that only departing accounts reach, terms left open, inclusive ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TypedDict

import ibis

from rind.common.guards import Finding
from rind.features.engine import reading
from rind.features.guards.settings import InclusiveEnds, ShareOfAccounts, TermLeak
from rind.features.labels import spells
from rind.features.paid_terms import SUCCESSOR_DAYS

NEAR_DAYS = 7
"""What starts or ends within so many days of an end belongs to it."""

SOON_DAYS = 30

OVERLONG = 1.5
"""A renewed term so many times as long as the usual of its plan's latest terms."""


def term_leak(tables: Mapping[str, ibis.Table], end: date, grace_days: int, limits: TermLeak) -> Finding:
    """Whether ``term_ends_on`` was written after the renewal that it results from.

    Two signs, each of which fires. Of the terms whose end has passed hardly one was survived: who renewed had the date
    moved on, so a passed date tells who left. And renewed terms reach far beyond their own renewal: the end of the
    last term was written on all the earlier ones.
    """
    with reading("the table subscriptions"):
        (passed,) = _passed(tables["subscriptions"], end, grace_days).to_pyarrow().to_pylist()
        (renewed,) = _renewed(tables["subscriptions"]).to_pyarrow().to_pylist()
    survived = passed["survived"] / passed["terms"] if passed["terms"] else None
    overlong = renewed["overlong"] / renewed["terms"] if renewed["terms"] else None
    measured = {
        "passed_terms": passed["terms"], "share_survived": survived, "running_terms": passed["running"],
        "renewed_terms": renewed["terms"], "share_overlong": overlong,
    }  # fmt: skip
    parts = []
    if (
        survived is not None
        and passed["terms"] >= limits.fewest_terms
        and passed["running"] >= limits.fewest_terms
        and survived <= limits.share_survived
    ):
        parts.append(
            f"of {passed['terms']:,} terms whose end has passed {passed['survived']:,} were survived by their account, "
            f"while {passed['running']:,} terms with a later end still run"
        )
    if overlong is not None and renewed["terms"] >= limits.fewest_terms and overlong >= limits.share_overlong:
        parts.append(
            f"{renewed['overlong']:,} of {renewed['terms']:,} renewed terms ({overlong:.0%}) end long after their own "
            "renewal"
        )
    if not parts:
        return Finding("term_leak", "too good", limits.answer, measured=measured)
    evidence = f"subscriptions.term_ends_on tells who renewed: {'; '.join(parts)}."
    check = (
        "Is it the end of the present period (Stripe: current_period_end), written over at each renewal? It belongs to "
        "the last term only: make a row for each term, with the end that was agreed at its start."
    )
    return Finding("term_leak", "too good", limits.answer, True, evidence, check, measured)


def _passed(terms: ibis.Table, end: date, grace_days: int) -> ibis.Table:
    """One row: terms that ran to an agreed end which has passed, those that their account survived, terms that run."""
    near = ibis.interval(days=NEAR_DAYS)
    dated = terms.filter(terms.term_ends_on.notnull(), terms.term_ends_on > terms.starts_on)
    latest = ibis.literal(end - timedelta(days=grace_days))
    whole = dated.filter(
        dated.term_ends_on <= latest,
        dated.ended_on.isnull() | (dated.ended_on >= dated.term_ends_on - near),
    )
    stays = spells(terms, end, grace_days)
    stays = stays.select(who=stays.account_id, since=stays.starts_on, left_on=stays.left_on)
    pairs = whole.left_join(
        stays,
        [
            whole.account_id == stays.who,
            stays.since <= whole.term_ends_on + near,
            stays.left_on.isnull() | (stays.left_on > whole.term_ends_on + near),
        ],
    )
    per_term = pairs.group_by("subscription_id").agg(survived=pairs.who.notnull().any())
    counts = per_term.aggregate(terms=per_term.count(), survived=per_term.count(where=per_term.survived))
    ahead = dated.filter(dated.term_ends_on > ibis.literal(end), dated.ended_on.isnull() | (dated.ended_on > end))
    running = ahead.filter(ahead.starts_on <= ibis.literal(end)).aggregate(running=lambda t: t.count())
    return counts.cross_join(running)


def _renewed(terms: ibis.Table) -> ibis.Table:
    """One row: terms that a later one of the same account and plan followed at their end, and the overlong of them."""
    dated = terms.filter(terms.term_ends_on.notnull())
    dated = dated.mutate(
        plan__=dated.plan.fill_null(""), days=dated.term_ends_on.delta(dated.starts_on, unit="day").cast("float64")
    )
    order = ibis.window(group_by=["account_id", "plan__"], order_by=["starts_on", "term_ends_on"])
    dated = dated.mutate(next_start=dated.starts_on.lead().over(order))
    last = dated.filter(dated.next_start.isnull())
    usual = last.group_by(of_plan=last.plan__).agg(usual=last.days.median())
    followed = dated.filter(
        dated.next_start > dated.starts_on,
        dated.ended_on.isnull() | ((dated.next_start.delta(dated.ended_on, unit="day")).abs() <= NEAR_DAYS),
    )
    judged = followed.inner_join(usual, followed.plan__ == usual.of_plan)
    beyond = judged.term_ends_on > judged.next_start + ibis.interval(days=NEAR_DAYS)
    overlong = beyond & (judged.days > OVERLONG * judged.usual)
    return judged.aggregate(terms=judged.count(), overlong=judged.count(where=overlong))


def open_terms(tables: Mapping[str, ibis.Table], end: date, limits: ShareOfAccounts) -> Finding:
    """Whether terms were left open though their successor (same account and plan) has started.

    A term whose agreed end lies well after the other's start runs beside it and does not count; nor does one whose
    agreed end is so near to that start that its successor closes it (`features.paid_terms.as_terms`).
    """
    terms = tables["subscriptions"]
    day = ibis.literal(end)
    started = terms.filter(terms.starts_on <= day).mutate(plan__=terms.plan.fill_null(""))
    order = ibis.window(group_by=["account_id", "plan__"], order_by=["starts_on", "subscription_id"])
    following = started.mutate(next_start=started.starts_on.lead().over(order))
    ended = following.ended_on.notnull() & (following.ended_on <= day)
    beside = (following.term_ends_on > following.next_start + ibis.interval(days=NEAR_DAYS)).fill_null(False)
    apart = following.next_start.delta(following.term_ends_on, unit="day").abs()
    closed = (apart <= SUCCESSOR_DAYS).fill_null(False)
    open_ = ~ended.fill_null(False) & ~beside & ~closed
    left_open = (following.next_start > following.starts_on).fill_null(False) & open_
    with reading("the table subscriptions"):
        query = following.aggregate(
            accounts=following.account_id.nunique(where=left_open), active=following.account_id.nunique(where=~ended)
        )
        (counts,) = query.to_pyarrow().to_pylist()
    share = counts["accounts"] / counts["active"] if counts["active"] else 0.0
    measured = {**counts, "share": round(share, 4)}
    if counts["accounts"] < limits.fewest_accounts or share < limits.share_of_accounts:
        return Finding("open_terms", "too odd", limits.answer, measured=measured)
    evidence = (
        f"{counts['accounts']:,} of {counts['active']:,} active accounts ({share:.0%}) have a term that stayed open "
        "after its successor started."
    )
    check = "Fill ended_on with the day on which the next term started: mrr counts twice, and nobody can leave."
    return Finding("open_terms", "too odd", limits.answer, True, evidence, check, measured)


def inclusive_ends(tables: Mapping[str, ibis.Table], limits: InclusiveEnds) -> Finding:
    """Whether ``ended_on`` is the last day with the contract instead of the first day without it.

    Of the terms that another one of the account follows within `SOON_DAYS`, so many must follow after one day: who
    comes back after any number of days does so after one by chance.
    """
    gaps = _gaps(tables["subscriptions"])
    renewals = gaps["soon"]
    share = gaps["one"] / renewals if renewals else 0.0
    measured = {"renewals": renewals, "share_with_a_gap_of_one_day": round(share, 4)}
    if renewals < limits.fewest_renewals or share < limits.share_of_renewals:
        return Finding("inclusive_ends", "too odd", limits.answer, measured=measured)
    evidence = f"At {gaps['one']:,} of {renewals:,} renewals ({share:.0%}) ended_on lies one day before the next start."
    check = "ended_on must be the first day without the contract: hand over ended_on + 1 day."
    return Finding("inclusive_ends", "too odd", limits.answer, True, evidence, check, measured)


class Gaps(TypedDict):
    """Terms that another one of the account follows: ``soon`` (within `SOON_DAYS`), and after ``one`` day."""

    soon: int
    one: int


def _gaps(terms: ibis.Table) -> Gaps:
    order = ibis.window(group_by="account_id", order_by=["starts_on", "subscription_id"])
    following = terms.mutate(next_start=terms.starts_on.lead().over(order))
    gap = following.next_start.delta(following.ended_on, unit="day")
    with reading("the table subscriptions"):
        query = following.aggregate(
            soon=following.count(where=gap.between(0, SOON_DAYS)), one=following.count(where=gap == 1)
        )
        (gaps,) = query.to_pyarrow().to_pylist()
    return Gaps(soon=gaps["soon"], one=gaps["one"])
