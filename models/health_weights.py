"""New weights for the health score, proposed from what happened and proven on dates that took no part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from models.health import check_weights, days, weighted
from models.health_evidence import compare, departed, extent, verdict
from models.health_fit import RIDGE, blended, families, fit_weights, shares, strengths
from models.resampling import complete_dates

__all__ = ["fit_weights", "known_rows", "propose", "split"]

FEWEST_DEPARTED = 20  # accounts, on either side of the split: below, weights are noise


def propose(
    scored: pd.DataFrame,
    current: Mapping[str, int],
    *,
    bounds: Mapping[str, tuple[int, int]] | None = None,
    green_from: float = 70.0,
    start: pd.Timestamp | None = None,
    test_share: float = 0.4,
    embargo_days: int = 120,
    shap: Mapping[str, float] | None = None,
    shap_share: float = 0.0,
    near: Mapping[str, float] | None = None,
    ridge: float = RIDGE,
    fewest: int = FEWEST_DEPARTED,
    draws: int = 400,
    seed: int = 0,
) -> dict[str, Any]:
    """The heart of ``health_score.json`` (contract section 4).

    Fitted is a logistic regression of churn on the points that each family lacks (100 - its score), none of
    them allowed to help an account by lacking; the weights follow its coefficients, with a part of the SHAP shares
    mixed in, within the bounds. A family without any data keeps its weight.

    Parameters
    ----------
    scored
        One row per (account_id, as_of): the ``health_<family>`` columns of `models.health.score` and
        ``churned`` (1/0, null = unknown). Only dates whose outcomes are all known are used.
    current
        Today's weights, whole numbers that add up to 100.
    bounds
        Family -> (lowest, highest) weight that CS allows; (0, 100) for those that are not named.
    green_from
        The lowest green score under today's weights.
    start, test_share
        The first date that gives evidence; None: the latest dates do, this share of them.
    embargo_days
        Horizon plus grace: only dates whose outcomes were known when the evidence starts are fitted.
    shap, shap_share
        Family -> share of what moved the model's out-of-sample scores before the evidence; how much of it counts.
    near, ridge
        See `models.health_fit.strengths`.
    fewest
        Accounts that must have left on either side.
    draws, seed
        Of the bootstrap by account.

    Returns
    -------
    dict
        - ``current``, ``proposed``: family -> whole number, adding up to 100
        - ``shares``: ``fit``, ``shap``: family -> part of 1 (empty where there is none)
        - ``strengths``: family -> coefficient of the fit
        - ``evidence``: None when there is too little, else ``fitted`` and ``tested`` (dates, rows, accounts
          that left) and what `models.health_evidence.compare` says
        - ``recommend``: the AUC gains beyond chance and the green-churn recall does not lose beyond chance
        - ``words``: why, or why not
    """
    check_weights(current)
    rows = known_rows(scored)
    fit, test = split(rows, start, test_share, embargo_days)
    result: dict[str, Any] = {"current": dict(current), "proposed": dict(current), "evidence": None}
    result |= {"strengths": {}, "shares": {"fit": {}, "shap": dict(shap or {})}}
    if min(departed(fit), departed(test)) < fewest:
        words = (
            f"Too little to judge: {departed(fit)} accounts left in the dates to learn from and "
            f"{departed(test)} in the later ones to test on; {fewest} of each are needed."
        )
        return result | {"recommend": False, "words": words}
    found = strengths(fit, current, near, ridge)
    if not found or max(found.values()) <= 0:
        words = "No family's score went with staying in the dates to learn from; today's weights stand."
        return result | {"recommend": False, "words": words}
    proposed = fit_weights(blended(found, shap or {}, shap_share), current, bounds or {})
    points = families(test, current)
    old, new = weighted(points, current), weighted(points, proposed)
    evidence = compare(test, old, new, green_from, draws, seed)
    result |= {"strengths": found, "shares": {"fit": shares(found), "shap": dict(shap or {})}}
    result |= {"proposed": proposed, "evidence": {"fitted": extent(fit), "tested": extent(test), **evidence}}
    if proposed == dict(current):
        return result | {"recommend": False, "words": "The fit comes out at today's weights; they stand."}
    return result | verdict(evidence)


def known_rows(scored: pd.DataFrame) -> pd.DataFrame:
    """The rows of dates whose outcomes are all known."""
    return scored[complete_dates(scored)] if len(scored) else scored


def split(
    rows: pd.DataFrame, start: pd.Timestamp | None, test_share: float, embargo_days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Earlier dates whose outcomes were known when the later ones start, and the later ones."""
    on = days(rows["as_of"])
    dates = np.sort(on.unique())
    if len(dates) < 2:
        return rows.iloc[:0], rows.iloc[:0]
    if start is None:
        start = pd.Timestamp(dates[min(int(len(dates) * (1 - test_share)), len(dates) - 1)])
    return rows[on < start - pd.Timedelta(days=embargo_days)], rows[on >= start]
