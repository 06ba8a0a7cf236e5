"""All guards of results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd

from rind.common.facts.run import Metrics
from rind.common.guards import Finding
from rind.models.common.resampling import Floats
from rind.models.common.snapshots import Snapshots
from rind.models.guards.rules import rules_changed
from rind.models.guards.settings import ModelGuards
from rind.models.guards.skill import telling_feature, too_good_auc
from rind.models.guards.today import lone_drift, too_many_today


def model_guards(
    snapshots: Snapshots,
    feature: Callable[[str], Floats],
    probabilities: pd.Series,
    explanations: pd.DataFrame,
    metrics: Metrics,
    scored_past: pd.DataFrame,
    as_of: date,
    settings: ModelGuards,
) -> tuple[Finding, ...]:
    """What each guard measured on the results of a run.

    Parameters
    ----------
    snapshots
        All, those of the scoring date among them.
    feature
        Gives the values of a feature at all of them, NaN where it is unknown.
    probabilities, explanations
        Of the cohort of the scoring date.
    metrics
        metrics.json.
    scored_past
        The rows of `rules.rules_changed`.
    """
    day, table = pd.Timestamp(as_of), snapshots.outcomes
    known = ((table["as_of"] < day) & table["churned"].notna()).to_numpy()
    now = snapshots.rows(table[table["as_of"] == day])
    return (
        too_good_auc(metrics, settings.too_good_auc),
        telling_feature(replace(snapshots, outcomes=table[known]), settings.telling_feature),
        too_many_today(probabilities, table[table["as_of"] < day], as_of, settings.too_many_today),
        lone_drift(
            lambda name: feature(name)[known], now if known.any() else now.iloc[:0], explanations, settings.lone_drift
        ),
        rules_changed(scored_past, settings.rules_changed),
    )
