"""Usage: how much, how deep, how steady the use of the product is, and where it is going.

Windows are the 7, 28 and 91 days before as_of. Use is dated by the day that it became known (the later of
occurred_at and recorded_at, see `features.families.usage_reduced`). Changes lie between -1 and 1,
(now - before) / (now + before), and are empty where both are 0: they bear zeros and are blind to size.
"""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from rind.features.asof import KEYS
from rind.features.catalogue import Settings
from rind.features.families import usage_catalogue
from rind.features.families import usage_depth as depth
from rind.features.families import usage_people as users
from rind.features.families import usage_weeks as weeks
from rind.features.families.terms import known_terms, terms
from rind.features.families.usage_reduced import (
    ACCOUNT_DAYS,
    FEATURES_USED,
    USER_SPANS,
    account_days,
    reduced,
    used_features,
    user_spans,
)
from rind.features.families.usage_weeks import attach

NEEDS = ("usage", "subscriptions")
USES = ("product_features", "rates")

FEATURES = usage_catalogue.FEATURES


def build(snapshots: ir.Table, tables: Mapping[str, ir.Table], settings: Settings) -> ir.Table:
    """The usage features: one row per snapshot, as in `FEATURES`.

    Counts are 0 where nothing was used. What is counted of users is empty as long as an account's use has named
    none; what needs the product's list or the seats is empty where these are not known.
    """
    subscriptions, products = tables["subscriptions"], tables["product_features"]
    calendars = weeks.calendars(snapshots)
    prices = depth.plan_prices(snapshots, subscriptions, tables.get("rates"), settings.currency)
    ranks = depth.plan_ranks(snapshots, subscriptions, prices)
    spine = attach(weeks.spine(snapshots, calendars), ranks, "account_id", "as_of")
    spine = spine.mutate(plan_rank=spine.plan_rank.fill_null(0))
    numbered = depth.numbered(reduced(tables, FEATURES_USED, used_features), products)
    offers = depth.offered(spine, depth.offers(snapshots, products, prices), numbered)
    days = reduced(tables, ACCOUNT_DAYS, lambda usage: account_days(usage, numbered))
    used = weeks.used_weeks(days, calendars)
    user_blocks = users.user_blocks(reduced(tables, USER_SPANS, user_spans), calendars)

    weekly = weeks.windows(weeks.weekly(used, calendars, users.weekly_users(user_blocks)), calendars)
    sets = depth.used_sets(spine, used, calendars)
    modules = depth.modules_used(sets, depth.module_sets(numbered, products))
    rows = attach(spine, weekly, "calendar", "week")
    rows = attach(rows, users.people(spine, user_blocks), "calendar", "week")
    rows = attach(rows, depth.features_used(sets, offers), "calendar", "week")
    rows = attach(rows, modules, "calendar", "week")
    rows = attach(rows, depth.offer_sizes(offers), "as_of", "plan_rank")
    contract = terms(known_terms(snapshots, subscriptions, tables.get("rates"), settings), settings)
    rows = attach(rows, contract.select(*KEYS, "seats"), *KEYS)
    return _features(rows)


def _features(rows: ir.Table) -> ir.Table:
    columns = {
        **_volume(rows),
        **_breadth(rows),
        **_people(rows),
        **_depth(rows),
    }
    named = {f"usage__{name}": value for name, value in columns.items()}
    return rows.select("account_id", "as_of", *(named[f.name].name(f.name) for f in FEATURES))


def _volume(rows: ir.Table) -> dict[str, ir.Value]:
    now, before, quarter = (_count(rows, f"events_{w}") for w in ("1_4", "5_8", "1_13"))
    mean = quarter / 13
    spread = (ibis.greatest(_count(rows, "squares_1_13") / 13 - mean * mean, 0.0)).sqrt()
    days = _count(rows, "days_1_4")
    return {
        "events__7d": _count(rows, "events"),
        "events__28d": now,
        "events__91d": quarter,
        "events_before__28d": before,
        "events_change__28d": _change(now, before),
        "events_change__91d": _change(quarter, _count(rows, "events_14_26")),
        "events_vs_best__28d": now / 4 * 13 / rows.best_events.nullif(0),
        "events_slope__84d": rows.events_slope,
        "events_per_seat__28d": now / rows.seats.nullif(0),
        "active_days__7d": _count(rows, "days"),
        "active_days__28d": days,
        "active_days__91d": _count(rows, "days_1_13"),
        "active_days_change__28d": _change(days, _count(rows, "days_5_8")),
        "last_use__now": (rows.week + 1) * 7 - rows.last_day,
        "weeks_used__91d": _count(rows, "used_1_13") / 13,
        "unsteadiness__91d": spread / mean.nullif(0),
    }


def _breadth(rows: ir.Table) -> dict[str, ir.Value]:
    features, before = _count(rows, "features_1_4"), _count(rows, "features_5_8")
    columns = {
        "features__7d": _count(rows, "features_1_1"),
        "features__28d": features,
        "features__91d": _count(rows, "features_1_13"),
        "features_before__28d": before,
        "features_change__28d": _change(features, before),
    }
    modules, before = _count(rows, "modules_1_4"), _count(rows, "modules_5_8")
    of_modules = {
        "modules__7d": _count(rows, "modules_1_1"),
        "modules__28d": modules,
        "modules__91d": _count(rows, "modules_1_13"),
        "modules_change__28d": _change(modules, before),
    }
    known = rows.modules.fill_null(0) > 0
    return columns | {name: ibis.ifelse(known, value, None) for name, value in of_modules.items()}


def _people(rows: ir.Table) -> dict[str, ir.Value]:
    now, before = _count(rows, "users_1_4"), _count(rows, "users_5_8")
    both, any_now = _count(rows, "users_both"), now.nullif(0)
    power, power_both = _count(rows, "power_1_4"), _count(rows, "power_both")
    columns = {
        "active_users__7d": _count(rows, "user_weeks"),
        "active_users__28d": now,
        "active_users__91d": _count(rows, "users_1_13"),
        "active_users_before__28d": before,
        "active_users_change__28d": _change(now, before),
        "users_vs_best__28d": _count(rows, "user_weeks_1_4") / 4 * 13 / rows.best_users.nullif(0),
        "users_slope__84d": rows.users_slope,
        "active_users_per_seat__28d": now / rows.seats.nullif(0),
        "users_gained__28d": now - both,
        "users_lost_share__28d": (before - both) / before.nullif(0),
        "stickiness__28d": _count(rows, "user_weeks_1_4") / 4 / any_now,
        "days_per_user__28d": rows.user_days / any_now,
        "top_user_share__28d": rows.top_days / rows.user_days.nullif(0),
        "power_users__28d": power,
        "power_users_gained__28d": power - power_both,
        "power_users_lost__28d": _count(rows, "power_5_8") - power_both,
    }
    named = rows.best_events.isnull() | (rows.best_users > 0)
    return {name: ibis.ifelse(named, value, None) for name, value in columns.items()}


def _depth(rows: ir.Table) -> dict[str, ir.Value]:
    used, before = _count(rows, "offered_used"), _count(rows, "offered_used_before")
    official = _count(rows, "official_used")
    core, advanced = _count(rows, "core_used"), official - _count(rows, "core_used")
    return {
        "consumption_gap__91d": 1 - used / rows.offered.nullif(0),
        "consumption_gap_change__91d": (before - used) / rows.offered.nullif(0),
        "core_share__91d": core / rows.core_offered.nullif(0),
        "advanced_features__91d": ibis.ifelse(rows.offered.fill_null(0) > 0, advanced, None),
        "advanced_share__91d": advanced / official.nullif(0),
    }


def _count(rows: ir.Table, column: str) -> ir.FloatingValue:
    return rows[column].cast("float64").fill_null(0.0)


def _change(now: ir.FloatingValue, before: ir.FloatingValue) -> ir.FloatingValue:
    return (now - before) / (now + before).nullif(0)
