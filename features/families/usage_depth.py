"""How deep the use goes: features and modules used, against what the plan of the account offers."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features import asof
from rind.features.currency import in_own_currency
from rind.features.families.usage_reduced import bit, epoch_day
from rind.features.families.usage_weeks import bits_set, frame, looked_at, without_gaps
from rind.features.paid_terms import pays

WORD = 56
"""Features are bits of words of 56 (of an int64): a set of them is a few numbers, its size a sum of bits."""
NEVER = 2**40


def numbered(used_features: ir.Table, products: ir.Table) -> ir.Table:
    """Every feature's place in the bit sets, and from when it counts for the product's list.

    A use is *official* when the product's list has the feature and it was released by the day of the
    use (a feature without a date was always there). Use ahead of the release stays use of a feature, but of
    no module and no plan: so a later release never changes an earlier date. Features are numbered by their first use,
    so that a new one leaves the places of the others as they are.

    Parameters
    ----------
    used_features
        One row per feature with use, see `features.families.usage_reduced.used_features`.

    Returns
    -------
    ibis.Table
        One row per feature used or listed: feature, word: int64, feature_bit: int64 (one bit set) and
        released: int64, the epoch day from which its use is official.
    """
    listed = products.select(
        "feature", released=epoch_day(asof.effective_at(products, "product_features").date()).fill_null(-NEVER)
    )
    never = ibis.literal(NEVER, "int64")
    used = used_features.select("feature", first_day=used_features.first_day, released=never)
    dates = used.union(listed.select("feature", first_day=never, released=listed.released))
    features = dates.group_by("feature").aggregate(first_day=_.first_day.min(), released=_.released.min())
    number = ibis.row_number().over(ibis.window(order_by=[features.first_day, features.feature]))
    features = features.mutate(number=number)
    return features.select("feature", "released", word=_.number // WORD, feature_bit=bit(features.number % WORD))


def used_sets(spine: ir.Table, used: ir.Table, known_calendars: ir.Table) -> ir.Table:
    """The features used in the weeks before each date, as bit sets.

    Parameters
    ----------
    spine
        calendar, week, as_of and plan_rank: the rank of the account's plan by price (see `plan_ranks`).
    used
        See `features.families.usage_weeks.used_weeks`.

    Returns
    -------
    ibis.Table
        One row per row of the spine and word with use by then: those four columns and the unions
        ``used_<first>_<last>`` and ``official_<first>_<last>`` over the weeks ``first`` to ``last`` ago.
    """
    recent = looked_at(used.select("calendar", "week", "word", "used", "official"), known_calendars)
    weeks = without_gaps(recent, known_calendars, "word")
    unions = {
        f"{name}_{first}_{last}": weeks[name].bit_or().over(frame(weeks, first, last, "word")).fill_null(0)
        for name, windows in (("used", _SPANS), ("official", (*_SPANS, (14, 26))))
        for first, last in windows
        if last > 1
    }
    unions |= {f"{name}_1_1": weeks[name].fill_null(0) for name in ("used", "official")}  # needs no window
    sets = weeks.select("calendar", "week", "word", **unions)
    dates = spine.select("calendar", "week", "as_of", "plan_rank").inner_join(sets, ["calendar", "week"])
    # One row a group already; but only a grouping is named once for its two readers, and its windows made once.
    return dates.group_by("calendar", "week", "as_of", "plan_rank", "word").aggregate(
        **{name: dates[name].max() for name in unions}
    )


def features_used(sets: ir.Table, offers: ir.Table) -> ir.Table:
    """Distinct features per (calendar, week) of the spine, and which of them the account's plan offers.

    Parameters
    ----------
    sets
        See `used_sets`.
    offers
        One row per (as_of, plan_rank, word): the bit sets offered and core, see `offered`.
    """
    rows = sets.left_join(offers, ["as_of", "plan_rank", "word"])
    offered, core = rows.offered_bits.fill_null(0), rows.core_bits.fill_null(0)
    now, before = rows.official_1_13, rows.official_14_26
    return rows.group_by("calendar", "week").aggregate(
        **{f"features_{a}_{b}": _size(rows[f"used_{a}_{b}"]) for a, b in _SPANS},
        offered_used=_size(now & offered),
        offered_used_before=_size(before & offered),
        core_used=_size(now & core),
        official_used=_size(now),
    )


def modules_used(sets: ir.Table, modules: ir.Table) -> ir.Table:
    """Distinct modules with official use, per (calendar, week) of the spine; see `used_sets` and `module_sets`."""
    pairs = modules.inner_join(sets, modules.feature_word == sets.word, lname="{name}_module", rname="{name}")
    places = {
        f"modules_{a}_{b}": ((pairs[f"official_{a}_{b}"] & pairs.feature_bits) != 0).cast("int32") * pairs.module_bit
        for a, b in _SPANS
    }
    words = pairs.group_by("calendar", "week", word=pairs.word_module).aggregate(
        **{name: bits.bit_or() for name, bits in places.items()}
    )
    return words.group_by("calendar", "week").aggregate(**{name: _size(words[name]) for name in places})


def module_sets(numbered: ir.Table, products: ir.Table) -> ir.Table:
    """One row per module and word of features: feature_word, feature_bits; its own place: word, module_bit."""
    named = products.filter(_.module.notnull()).select("feature", "module")
    sets = named.inner_join(numbered, "feature").group_by("module", feature_word=_.word)
    sets = sets.aggregate(feature_bits=_.feature_bit.bit_or())
    number = ibis.dense_rank().over(ibis.window(order_by=sets.module))
    sets = sets.mutate(number=number)
    return sets.select("feature_word", "feature_bits", word=_.number // WORD, module_bit=bit(sets.number % WORD))


def plan_prices(snapshots: ir.Table, subscriptions: ir.Table, rates: ir.Table | None, currency: str) -> ir.Table:
    """The order of the plans at a date, by what is known of their prices then.

    The price of a plan is the median MRR per seat (MRR where seats are not said) of all its
    subscriptions that were known before as_of, ended or not; trials and pauses have no price.

    Returns
    -------
    ibis.Table
        One row per (as_of, plan) with a subscription by then: rank: int64, 1 = cheapest; equal prices share it.
    """
    priced = pays(subscriptions) | (subscriptions.kind == "free").fill_null(True)
    sold = subscriptions.filter(priced, _.plan.notnull()).select(
        "plan", "seats", "currency", mrr=_.mrr, known_at=asof.effective_at(subscriptions, "subscriptions")
    )
    dates = snapshots.select("as_of").distinct()
    pairs = dates.inner_join(sold, sold.known_at < dates.as_of.cast("timestamp"))
    pairs = in_own_currency(pairs, rates, currency)
    price = pairs.mrr.cast("float64") / pairs.seats.cast("float64").nullif(0).fill_null(1.0)
    prices = pairs.group_by("as_of", "plan").aggregate(price=price.median())
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


def offered(spine: ir.Table, offers: ir.Table, numbered: ir.Table) -> ir.Table:
    """What an account with a plan has at a date, as bit sets.

    Returns
    -------
    ibis.Table
        One row per (as_of, plan_rank, word): offered_bits: features that such an account has, core_bits:
        features that every plan has; modules: how many modules are out, with any feature of the word.
    """
    kinds = spine.select("as_of", "plan_rank").distinct()
    pairs = kinds.inner_join(offers, "as_of").inner_join(numbered.drop("released"), "feature")
    included = (pairs["rank"] <= pairs.plan_rank).fill_null(False)
    core = (pairs["rank"] <= 1).fill_null(False)
    return pairs.group_by("as_of", "plan_rank", "word").aggregate(
        offered_bits=ibis.ifelse(included, pairs.feature_bit, 0).bit_or(),
        core_bits=ibis.ifelse(core, pairs.feature_bit, 0).bit_or(),
        modules=pairs.module.count(),
    )


def offer_sizes(offered: ir.Table) -> ir.Table:
    """One row per (as_of, plan_rank): how many features are offered, how many of them core, modules > 0 if any."""
    return offered.group_by("as_of", "plan_rank").aggregate(
        offered=_size(offered.offered_bits),
        core_offered=_size(offered.offered_bits & offered.core_bits),
        modules=offered.modules.sum(),
    )


_SPANS = ((1, 1), (1, 4), (5, 8), (1, 13))


def _size(words: ir.IntegerValue) -> ir.FloatingValue:
    """How many bits a set has, over its words. A sum of floats, as DuckDB sums whole numbers in 128 bits."""
    return bits_set(words).cast("float64").sum()
