"""How deep the use goes: features and modules used, against what the plan of the account offers."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from features import asof
from features.families.usage_weeks import bit, count_where, dated, epoch_day

BLOCK_WEEKS = 31  # two blocks fit in 62 bits
WEEKS = 26  # how far a history looks back: 13 weeks, and the 13 before


def feature_blocks(usage: ir.Table, known_calendars: ir.Table, products: ir.Table) -> ir.Table:
    """When each feature was used.

    A use counts as *official* when the product's list has the feature and it was released by the day of the
    use (a feature without a date was always there). Use ahead of the release stays use of a feature, but of
    no module and no plan: so a later release never changes an earlier date.

    Returns
    -------
    ibis.Table
        One row per calendar, feature and block of 31 weeks with use: used and official: int64, bit i for
        week i of the block; and the feature's module.
    """
    released = asof.effective_at(products, "product_features").date()
    listed = products.select("feature", "module", released=epoch_day(released), listed=True)
    rows = dated(usage, known_calendars, "feature")
    rows = rows.left_join(listed.select("feature", "released", "listed"), "feature")
    official = rows.listed.notnull() & (rows.released.isnull() | (rows.released <= rows.day))
    week = bit(rows.week % BLOCK_WEEKS)
    blocks = rows.group_by("calendar", "feature", block=rows.week // BLOCK_WEEKS).aggregate(
        used=week.bit_or(), official=ibis.ifelse(official, week, 0).bit_or()
    )
    return blocks.left_join(listed.select("feature", "module"), "feature").drop("feature_right")


def features_used(spine: ir.Table, blocks: ir.Table, offers: ir.Table) -> ir.Table:
    """Distinct features per (calendar, week) of the spine, and which of them the account's plan offers.

    Parameters
    ----------
    spine
        calendar, week, as_of and plan_rank: the rank of the account's plan by price (see `plan_ranks`).
    offers
        One row per (as_of, feature) released by then with the rank of its plan (see `offers`).
    """
    pairs = _histories(spine, blocks, "feature", ("used", "official"), ("as_of", "plan_rank"))
    pairs = pairs.left_join(offers.drop("module"), ["as_of", "feature"])
    offered = (pairs["rank"] <= pairs.plan_rank).fill_null(False)
    core = (pairs["rank"] <= 1).fill_null(False)
    used_13 = _within(pairs.official, 1, 13)
    return pairs.group_by("calendar", "week").aggregate(
        features_1_1=count_where(_within(pairs.used, 1, 1)),
        features_1_4=count_where(_within(pairs.used, 1, 4)),
        features_5_8=count_where(_within(pairs.used, 5, 8)),
        features_1_13=count_where(_within(pairs.used, 1, 13)),
        offered_used=count_where(offered & used_13),
        offered_used_before=count_where(offered & _within(pairs.official, 14, 26)),
        core_used=count_where(core & used_13),
        advanced_used=count_where(~core & used_13),
        advanced_used_before=count_where(~core & _within(pairs.official, 14, 26)),
    )


def modules_used(spine: ir.Table, blocks: ir.Table) -> ir.Table:
    """Distinct modules with official use, per (calendar, week) of the spine."""
    modules = blocks.filter(_.module.notnull()).group_by("calendar", "module", "block")
    pairs = _histories(spine, modules.aggregate(official=_.official.bit_or()), "module", ("official",))
    return pairs.group_by("calendar", "week").aggregate(
        modules_1_1=count_where(_within(pairs.official, 1, 1)),
        modules_1_4=count_where(_within(pairs.official, 1, 4)),
        modules_5_8=count_where(_within(pairs.official, 5, 8)),
        modules_1_13=count_where(_within(pairs.official, 1, 13)),
    )


def plan_prices(snapshots: ir.Table, subscriptions: ir.Table) -> ir.Table:
    """The order of the plans at a date, by what is known of their prices then.

    The price of a plan is the median MRR per seat (MRR where seats are not said) of all its subscriptions
    that were known before as_of, ended or not.

    Returns
    -------
    ibis.Table
        One row per (as_of, plan) with a subscription by then: rank: int64, 1 = cheapest; equal prices share it.
    """
    sold = subscriptions.filter(_.plan.notnull()).select(
        "plan",
        price=subscriptions.mrr.cast("float64") / subscriptions.seats.cast("float64").nullif(0).fill_null(1.0),
        known_at=asof.effective_at(subscriptions, "subscriptions"),
    )
    dates = snapshots.select("as_of").distinct()
    pairs = dates.inner_join(sold, sold.known_at < dates.as_of.cast("timestamp"))
    prices = pairs.group_by("as_of", "plan").aggregate(price=_.price.median())
    order = ibis.window(group_by=prices.as_of, order_by=prices.price)
    return prices.select("as_of", "plan", rank=ibis.dense_rank().over(order) + 1)


def plan_ranks(snapshots: ir.Table, subscriptions: ir.Table, prices: ir.Table) -> ir.Table:
    """One row per snapshot with a running plan: plan_rank: int64, the dearest plan's where there are several."""
    running = asof.known(snapshots, subscriptions, "subscriptions").filter(_.ended_on.isnull())
    ranked = running.select("account_id", "as_of", "plan").inner_join(prices, ["as_of", "plan"])
    return ranked.group_by("account_id", "as_of").aggregate(plan_rank=_["rank"].max())


def offers(snapshots: ir.Table, products: ir.Table, prices: ir.Table) -> ir.Table:
    """What the product had to offer at each date.

    Returns
    -------
    ibis.Table
        One row per (as_of, feature) released before as_of: module and rank: int64, that of its plan; 0 where
        the list names no plan (every account has it), null where nobody had bought the plan by then.
    """
    listed = products.select("feature", "module", "plan", known_at=asof.effective_at(products, "product_features"))
    dates = snapshots.select("as_of").distinct()
    released = listed.known_at.isnull() | (listed.known_at < dates.as_of.cast("timestamp"))
    pairs = dates.inner_join(listed, released)
    ranked = pairs.left_join(prices, ["as_of", "plan"])
    rank = ibis.ifelse(ranked.plan.isnull(), 0, ranked["rank"])
    return ranked.select("as_of", "feature", "module", rank=rank)


def offered(spine: ir.Table, offers: ir.Table) -> ir.Table:
    """One row per (as_of, plan_rank): how many features such an account has, how many of them are core,
    and how many modules the product has."""
    kinds = spine.select("as_of", "plan_rank").distinct()
    pairs = kinds.inner_join(offers, "as_of")
    included = (pairs["rank"] <= pairs.plan_rank).fill_null(False)
    return pairs.group_by("as_of", "plan_rank").aggregate(
        offered=count_where(included),
        core_offered=count_where(included & (pairs["rank"] <= 1)),
        modules=pairs.module.nunique(),
    )


def _histories(
    spine: ir.Table, blocks: ir.Table, entity: str, masks: tuple[str, ...], carry: tuple[str, ...] = ()
) -> ir.Table:
    """One row per (calendar, week) of the spine and entity: each mask as the last 26 weeks, bit 25 the latest."""
    dates = spine.select(
        "calendar",
        "week",
        *carry,
        block=spine.week // BLOCK_WEEKS,
        shift=(spine.week % BLOCK_WEEKS + BLOCK_WEEKS - WEEKS + 1).cast("int32"),
    )
    pairs = dates.inner_join(_two_blocks(blocks, entity, masks), ["calendar", "block"])
    recent = {mask: (pairs[mask] >> pairs["shift"]) & (2**WEEKS - 1) for mask in masks}
    return pairs.select("calendar", "week", *carry, entity, **recent)


def _two_blocks(blocks: ir.Table, entity: str, masks: tuple[str, ...]) -> ir.Table:
    """Each block together with the one before it: its own weeks in bits 31-61, the earlier in bits 0-30."""
    moved = blocks.mutate(ago=ibis.range(0, 2).unnest())
    moved = moved.mutate(block=moved.block + moved.ago)
    columns = {m: ibis.ifelse(moved.ago == 0, moved[m] << BLOCK_WEEKS, moved[m]).bit_or() for m in masks}
    return moved.group_by("calendar", entity, "block").aggregate(**columns)


def _within(history: ir.IntegerValue, first: int, last: int) -> ir.BooleanValue:
    """Whether there was use in the weeks ``first`` to ``last`` ago (1 = the latest)."""
    return (history & (2 ** (WEEKS - first + 1) - 2 ** (WEEKS - last))) != 0
