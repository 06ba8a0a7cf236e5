"""What a subscription is: who pays on a day, when a term closes, what pauses, what renews.

See the data contract, "What a subscription is". An account is a customer on the days on which it pays. Every
function here keeps the law of time: what it derives from a later row becomes known with that row.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import KEYS, effective_at
from rind.features.catalogue import Settings

OPEN = date(9999, 1, 1)
SUCCESSOR_DAYS = 7
"""A term of the same account and plan that starts within so many days of another's agreed end replaces it."""

TRIAL, ADDON = "trial", "addon"
NOT_PAYING = (TRIAL, "free")


def pays(subscriptions: ir.Table) -> ir.BooleanValue:
    """Whether a row brings revenue while it runs: its mrr is above 0, and it is neither a trial nor a free plan."""
    return (subscriptions.mrr > 0) & ~subscriptions.kind.isin(NOT_PAYING).fill_null(False)


def paying(subscriptions: ir.Table) -> ir.Table:
    """The rows that bring revenue."""
    return subscriptions.filter(pays(subscriptions))


def paid_mrr(subscriptions: ir.Table) -> ir.FloatingValue:
    """Revenue a month of each row: float64, 0 for trials and free plans."""
    return ibis.ifelse(pays(subscriptions), subscriptions.mrr.cast("float64"), 0.0)


def as_terms(subscriptions: ir.Table) -> ir.Table:
    """The subscriptions of a source as terms that a simple rule of days can read.

    - ``kind`` is filled: paid, or free where mrr is 0.
    - A term that its successor replaces is closed: ``ended_on`` is at the latest the day on which the successor
      starts (or is recorded, if that is later). Trials and rows that ended before they began replace nothing; add-ons
      replace add-ons only.
    - A pause cuts its row in up to three: until ``paused_from``, the pause with mrr 0, and from ``paused_until`` on.

    Returns
    -------
    ibis.Table
        The columns of ``subscriptions``. One row per term, or per part of a term that was paused: the parts share the
        subscription_id and follow each other; ``paused_from`` and ``paused_until`` stay on the pause alone.
    """
    named = subscriptions.mutate(kind=subscriptions.kind.fill_null(ibis.ifelse(subscriptions.mrr > 0, "paid", "free")))
    return _cut_at_pauses(_closed_by_successors(named)).select(*subscriptions.columns)


def _closed_by_successors(terms: ir.Table) -> ir.Table:
    rows = terms.mutate(row__=ibis.row_number().over(order_by=["account_id", "starts_on", "subscription_id"]))
    follows = terms.filter(terms.kind != TRIAL, terms.ended_on.isnull() | (terms.ended_on > terms.starts_on))
    other = follows.select(
        owner=follows.account_id, other_plan=follows.plan, other_start=follows.starts_on, known=_known_day(follows),
        other_addon=_is_addon(follows),
    )  # fmt: skip
    reach = ibis.interval(days=SUCCESSOR_DAYS)
    pairs = rows.select("row__", "account_id", "plan", "starts_on", "term_ends_on", addon=_is_addon(rows))
    successors = pairs.join(
        other,
        [
            pairs.account_id == other.owner,
            pairs.plan.fill_null("") == other.other_plan.fill_null(""),
            pairs.addon == other.other_addon,
            other.other_start > pairs.starts_on,
            other.other_start >= pairs.term_ends_on - reach,
            other.other_start <= pairs.term_ends_on + reach,
        ],
    )
    closings = successors.group_by("row__").agg(replaced_on=successors.known.min())
    closed = rows.left_join(closings, "row__")
    end = ibis.least(closed.ended_on.fill_null(OPEN), closed.replaced_on.fill_null(OPEN)).nullif(OPEN)
    return closed.mutate(ended_on=end.cast("date")).drop("row__", "row___right", "replaced_on")


def _known_day(terms: ir.Table) -> ir.DateValue:
    return effective_at(terms, "subscriptions").date()


def _cut_at_pauses(terms: ir.Table) -> ir.Table:
    until = ibis.greatest(terms.paused_until.fill_null(OPEN), terms.paused_from.fill_null(OPEN))
    end = terms.ended_on.fill_null(OPEN)
    paused = (terms.paused_from < end).fill_null(False)
    never = ibis.null("date")
    whole = terms.filter(~paused).mutate(paused_from=never, paused_until=never)
    before = terms.filter(paused, terms.paused_from > terms.starts_on)
    before = before.mutate(ended_on=before.paused_from, paused_from=never, paused_until=never)
    pause = terms.mutate(end=ibis.least(end, until)).filter(paused, _.end > _.paused_from)
    pause = pause.mutate(starts_on=pause.paused_from, ended_on=pause.end.nullif(OPEN).cast("date"), mrr=0.0).drop("end")
    after = terms.filter(paused, until < end)
    after = after.mutate(
        starts_on=ibis.greatest(after.paused_until, after.paused_from), paused_from=never, paused_until=never
    )
    return ibis.union(whole, before, pause, after)


def with_renewals(terms: ir.Table, grace_days: int) -> ir.Table:
    """The terms with ``renewed_on``: from when on another paid term carries the account beyond their agreed end.

    That term starts from `SUCCESSOR_DAYS` before the agreed end to grace_days after it, and itself ends later or
    never. An add-on is renewed by its own plan alone; other terms by any term that is no add-on.
    """
    rows = terms.mutate(row__=ibis.row_number().over(order_by=["account_id", "starts_on", "subscription_id"]))
    next_ = paying(terms)
    other = next_.select(
        owner=next_.account_id, other_plan=next_.plan.fill_null(""), other_kind=next_.kind.fill_null("paid"),
        other_start=next_.starts_on, other_end=next_.term_ends_on, known=_known_day(next_),
    )  # fmt: skip
    this = rows.select("row__", "account_id", "term_ends_on", own=rows.plan.fill_null(""), addon=_is_addon(rows))
    pairs = this.join(
        other,
        [
            this.account_id == other.owner,
            other.other_start >= this.term_ends_on - ibis.interval(days=SUCCESSOR_DAYS),
            other.other_start <= this.term_ends_on + ibis.interval(days=grace_days),
            other.other_end.isnull() | (other.other_end > this.term_ends_on),
            ibis.ifelse(this.addon, other.other_plan == this.own, other.other_kind != ADDON),
        ],
    )
    renewals = pairs.group_by("row__").agg(renewed_on=pairs.known.min())
    return rows.left_join(renewals, "row__").drop("row__", "row___right")


def _is_addon(terms: ir.Table) -> ir.BooleanValue:
    return (terms.kind == ADDON).fill_null(False)


def contract_of_day(running: ir.Table, settings: Settings) -> ir.Table:
    """What each snapshot has under contract: seats, money, and its next renewal.

    Parameters
    ----------
    running
        One row per (snapshot, running subscription): as_of, the contract's columns with mrr in the company's own
        currency and 0 where nobody pays, and notice_on empty until it has passed.

    Returns
    -------
    ibis.Table
        One row per snapshot with a running subscription:

        - account_id, as_of
        - seats: float64, of paid terms without add-ons (of all running ones where these name none), or null
        - mrr: float64, 0 for an account that pays nothing
        - mrr_under_notice: float64, the part of it whose notice was given before as_of
        - mrr_up_for_renewal: float64, the part whose term ends within (as_of, as_of + horizon]
        - term_ends_on: date, the next renewal: the earliest agreed end, from as_of on, on which at least
          settings.main_share of the mrr ends; where such terms have all run out, the latest end; where no end holds
          so much, that of the term with the highest mrr. Null where that term has no agreed end.
    """
    seats = running.seats.cast("float64")
    main = (running.mrr > 0) & ~_is_addon(running)
    ahead = running.term_ends_on.delta(running.as_of, unit="day")
    within = ((ahead > 0) & (ahead <= settings.horizon_days)).fill_null(False)
    sums = running.group_by(*KEYS).agg(
        seats=ibis.coalesce(seats.sum(where=main), seats.sum()),
        mrr=running.mrr.sum(),
        mrr_under_notice=running.mrr.sum(where=running.notice_on.notnull()).fill_null(0.0),
        mrr_up_for_renewal=running.mrr.sum(where=within).fill_null(0.0),
    )
    renewals = _next_renewals(running, settings.main_share)
    return sums.left_join(renewals, list(KEYS), rname="{name}_right").drop("account_id_right", "as_of_right")


def _next_renewals(running: ir.Table, main_share: float) -> ir.Table:
    paid = running.filter(running.mrr > 0)
    ends = paid.group_by(*KEYS, "term_ends_on").agg(mrr=paid.mrr.sum(), largest=paid.mrr.max())
    snapshot = ibis.window(group_by=list(KEYS))
    order = ibis.window(group_by=list(KEYS), order_by=[ibis.desc("largest"), "term_ends_on"])
    enough = main_share * (1 - 1e-9)  # a half stays a half, however the sums are rounded
    ends = ends.mutate(holds=ends.mrr >= ends.mrr.sum().over(snapshot) * enough, nth=ibis.row_number().over(order))
    chosen = ends.group_by(*KEYS).agg(
        any_holds=ends.holds.any(),
        ahead=ends.term_ends_on.min(where=ends.holds & (ends.term_ends_on >= ends.as_of)),
        passed=ends.term_ends_on.max(where=ends.holds),
        of_largest=ends.term_ends_on.min(where=ends.nth == 0),
    )
    next_ = ibis.ifelse(chosen.any_holds, ibis.coalesce(chosen.ahead, chosen.passed), chosen.of_largest)
    return chosen.select(*KEYS, term_ends_on=next_)


def customer_since(accounts: ir.Table, terms: ir.Table, per: tuple[str, ...] = ()) -> ir.Table:
    """The accounts with ``signed_on`` moved to the first paid day, where they came on a trial or a free plan.

    An account came on one when such a term ran from the day of signing or earlier. As long as it has not paid it is
    left out. Terms that were recorded more than a day after they began are not asked: what is once known of an
    account's first days stays as it is.

    Parameters
    ----------
    terms
        The subscriptions that are known on the day on which one asks.
    per
        Further columns of both, by which they are kept apart: ``("as_of",)`` where one asks on several days.
    """
    keys = ["account_id", *per]
    on_time = terms.filter(_known_day(terms) <= terms.starts_on + ibis.interval(days=1))
    first = on_time.group_by(*keys).agg(
        paid_from=on_time.starts_on.min(where=pays(on_time)), unpaid_from=on_time.starts_on.min(where=~pays(on_time))
    )
    joined = accounts.left_join(first, keys).drop(*(f"{key}_right" for key in keys))
    on_trial = joined.unpaid_from <= joined.signed_on
    on_trial = (on_trial & (joined.paid_from.isnull() | (joined.unpaid_from < joined.paid_from))).fill_null(False)
    begin = ibis.ifelse(on_trial, ibis.greatest(joined.signed_on, joined.paid_from), joined.signed_on)
    kept = joined.mutate(signed_on=begin).filter(joined.paid_from.notnull() | ~on_trial)
    return kept.drop("paid_from", "unpaid_from")
