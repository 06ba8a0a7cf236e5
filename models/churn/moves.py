"""What moved a score from one date to the next: the points of probability, feature by feature."""

from __future__ import annotations

import numpy as np
import pandas as pd


def points_moved(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The move of each account's probability, split over the features; the parts sum to the move exactly.

    SHAP values of both dates by one model differ by parts that sum to the difference of the margins. Each part counts
    as many points as a unit of margin was worth on the way: (p1 - p0) / (m1 - m0), the mean slope of the probability.

    Parameters
    ----------
    now, before
        One row per account (index: account_id): churn_probability, margin, and one SHAP value (log-odds) a feature,
        all by the same model.

    Returns
    -------
    pandas.DataFrame
        One row per account of ``now``, one column per feature: points (0.01 of probability; above 0: more risk). Empty
        cells where the account was not scored before.
    """
    features = [name for name in now.columns if "__" in name]
    earlier = before.reindex(now.index)
    margin = (now["margin"] - earlier["margin"]).to_numpy("float64")
    probability = now["churn_probability"].to_numpy("float64")
    moved = (now["churn_probability"] - earlier["churn_probability"]).to_numpy("float64")
    still = np.abs(margin) < 1e-9
    slope = np.where(still, probability * (1 - probability), moved / np.where(still, 1.0, margin))
    return (now[features] - earlier[features]).mul(100 * slope, axis=0)
