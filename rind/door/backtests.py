"""What a backtest leaves: predictions, figures, and the model of the scoring date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from rind.common.facts.run import Measured
from rind.models.churn.scorer import Scorer
from rind.reports import review, shap_pictures


@dataclass(frozen=True)
class Backtest:
    """Every past date, scored by a model that was trained only on what was known at its training date.

    Parameters
    ----------
    predictions
        One row per (account_id, as_of) of the reported past: fold, trained_as_of, churned (1/0, NaN: unknown yet), mrr,
        churn_probability, and baseline_probability of the logistic regression that is always fitted beside.
    metrics
        ``model``, ``baseline``, ``model_minus_baseline``: auc, average_precision, brier, ... each with value, low and
        high (95 %, accounts drawn); measured on dates whose outcomes are all known. Empty where there is none.
    catalogue
        One row per feature: name, description, unit, ...
    """

    predictions: pd.DataFrame
    metrics: dict[str, Measured]
    catalogue: pd.DataFrame
    model: Scorer

    def figures(self) -> pd.DataFrame:
        """The metrics in words: one row per figure, one column per model and one for their difference."""
        return review.figures(self.metrics, ("model", "baseline")) if self.metrics else pd.DataFrame()

    def score(self, features: pd.DataFrame) -> pd.DataFrame:
        """Score rows of the feature matrix: churn_probability and margin (log-odds), on the same index."""
        margin = self.model.margin(features)
        return pd.DataFrame({"churn_probability": self.model.probability(features), "margin": margin}, features.index)

    def explain(self, features: pd.DataFrame) -> Any:
        """SHAP values of rows of the feature matrix, riskiest first: a `shap.Explanation` in log-odds."""
        shap_values, base = self.model.contributions(features)
        return shap_pictures.explanation(review.attributions_of(shap_values, base, features, self.catalogue))
