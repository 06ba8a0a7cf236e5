"""What speaks for asking an account for a reference, or for more seats or a higher plan: answers, questions, use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import KEYS, known
from rind.features.families.usage_depth import offers, plan_prices, plan_ranks


def last_nps(snapshots: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    """The latest NPS answer of each snapshot's account.

    Returns
    -------
    ibis.Table
        One row per snapshot with an answer before as_of: account_id, as_of, nps: float64 (of several answers of the
        latest day the mean), nps_days: int64, days from that day to as_of.
    """
    pairs = known(snapshots.select(*KEYS), tables["surveys"], "surveys")
    answers = pairs.filter(_.kind == "nps", _.score.notnull(), _.responded_at.notnull())
    answers = answers.mutate(days=answers.as_of.delta(answers.responded_at.date(), unit="day"))
    by_day = answers.group_by(*KEYS, "days").agg(nps=_.score.cast("float64").mean())
    return by_day.group_by(*KEYS).agg(nps=_.nps.argmin(_.days), nps_days=_.days.min())


def last_asked(snapshots: ir.Table, tables: Mapping[str, ir.Table], playbooks: Sequence[str]) -> ir.Table:
    """How many days ago the account was last asked for something: a survey, or a reference.

    Parameters
    ----------
    playbooks
        Names in the table interventions under which a reference, a review or a case study is asked for.

    Returns
    -------
    ibis.Table
        One row per snapshot that was asked before as_of: account_id, as_of, survey_days, reference_days: int64, days
        since the last question of a survey and since the last such intervention began; null: never.
    """
    spine = snapshots.select(*KEYS)
    surveys = known(spine, tables["surveys"], "surveys").select(*KEYS, survey_days=_.age_days, reference_days=NEVER)
    begun = known(spine, tables["interventions"], "interventions").filter(_.playbook.isin(list(playbooks)))
    references = begun.select(*KEYS, survey_days=NEVER, reference_days=begun.age_days)
    asks = surveys.union(references)
    return asks.group_by(*KEYS).agg(survey_days=_.survey_days.min(), reference_days=_.reference_days.min())


NEVER = ibis.null("int64")


def higher_plan_use(
    snapshots: ir.Table, tables: Mapping[str, ir.Table], within_days: int, currency: str = ""
) -> ir.Table:
    """The product features of dearer plans that an account has used all the same: trials, previews, guests.

    Returns
    -------
    ibis.Table
        One row per snapshot whose account used one within the ``within_days`` days before as_of: account_id, as_of,
        higher_features: int64, how many of them. Plans are ordered by price (`usage_depth.plan_prices`).
    """
    spine = snapshots.select(*KEYS)
    prices = plan_prices(spine, tables["subscriptions"], tables.get("rates"), currency)
    offered = offers(spine, tables["product_features"], prices)
    ranks = plan_ranks(spine, tables["subscriptions"], prices)
    used = known(spine, tables["usage"], "usage", within_days).filter(_.quantity.fill_null(1) > 0)
    touched = used.select(*KEYS, "feature").distinct()
    joined = touched.inner_join(ranks, list(KEYS)).inner_join(offered, ["as_of", "feature"])
    higher = joined.filter(joined["rank"] > joined.plan_rank)
    return higher.group_by(*KEYS).agg(higher_features=higher.feature.nunique())
