"""The charts, declared once for page, notebooks and MLflow alike."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import pandas as pd

AnyChart = alt.Chart | alt.LayerChart


def reliability(bins: pd.DataFrame) -> AnyChart:
    """One row per (model, bin): model, predicted, observed, low, high, accounts."""
    raise NotImplementedError


def gains(curve: pd.DataFrame) -> AnyChart:
    """One row per (model, share): model, share_of_accounts, share_of_churn (both 0..1)."""
    raise NotImplementedError


def auc_over_folds(folds: pd.DataFrame) -> AnyChart:
    """One row per (model, fold): model, test_from (date), auc, low, high."""
    raise NotImplementedError


def family_importance(families: pd.DataFrame) -> AnyChart:
    """One row per family: family, importance (mean absolute SHAP value of the family's sum, log-odds)."""
    raise NotImplementedError


def health_quadrant(risk_list: pd.DataFrame, green_from: float, red_from: float) -> AnyChart:
    """One row per account: name, health_score, churn_probability, mrr, watermelon."""
    raise NotImplementedError


def probabilities(risk_list: pd.DataFrame) -> AnyChart:
    """One row per account: churn_probability, risk_band."""
    raise NotImplementedError


def to_svg(chart: AnyChart) -> str:
    """The chart as an SVG text."""
    raise NotImplementedError


def to_png(chart: AnyChart, path: Path, scale: float = 2.0) -> None:
    """Write the chart as a PNG, atomically."""
    raise NotImplementedError
