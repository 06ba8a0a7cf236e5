"""All guards of results."""

from __future__ import annotations

from datetime import date

import pandas as pd

from rind.common.facts.run import Metrics
from rind.common.guards import Finding
from rind.models.guards.rules import rules_changed
from rind.models.guards.settings import ModelGuards
from rind.models.guards.skill import telling_feature, too_good_auc
from rind.models.guards.today import lone_drift, too_many_today


def model_guards(
    matrix: pd.DataFrame,
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
    matrix
        One row per snapshot, those of the scoring date among them: the features and churned (1/0/NaN).
    probabilities, explanations
        Of the cohort of the scoring date.
    metrics
        metrics.json.
    scored_past
        The rows of `rules.rules_changed`.
    """
    day = pd.Timestamp(as_of)
    past = matrix[(matrix["as_of"] < day) & matrix["churned"].notna()]
    now = matrix[matrix["as_of"] == day]
    return (
        too_good_auc(metrics, settings.too_good_auc),
        telling_feature(past, settings.telling_feature),
        too_many_today(probabilities, matrix[matrix["as_of"] < day], as_of, settings.too_many_today),
        lone_drift(past, now, explanations, settings.lone_drift),
        rules_changed(scored_past, settings.rules_changed),
    )
