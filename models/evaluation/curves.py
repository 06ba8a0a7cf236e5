"""The data behind the plots of a backtest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rind.models.common.resampling import account_draws
from rind.models.evaluation.metrics import METRICS, Ranking, measure

BINS = 10
SHARES = np.linspace(0, 1, 41)


def reliability(known: pd.DataFrame, probabilities: Mapping[str, str], draws: int, seed: int) -> pd.DataFrame:
    """Predicted and observed churn in ten equal parts of the list.

    Parameters
    ----------
    known
        One row per (account_id, as_of) with churned 0/1 and the probability columns.
    probabilities
        Name of a model -> its column.

    Returns
    -------
    pandas.DataFrame
        One row per (model, bin): predicted, observed, low and high (95 % of observed, drawing accounts), accounts
        (rows in the bin).
    """
    account, names = pd.factorize(known["account_id"])
    weights = account_draws(max(len(names), 1), draws, seed)
    bins = []
    for model, column in probabilities.items():
        order = np.argsort(known[column].to_numpy(), kind="stable")
        for rows in np.array_split(order, BINS):
            if not len(rows):
                continue
            churned = known["churned"].to_numpy(dtype=np.float64)[rows]
            drawn = weights[:, account[rows]]
            observed = (drawn @ churned) / np.maximum(drawn.sum(axis=1), 1)
            low, high = np.quantile(observed, [0.025, 0.975])
            predicted = float(known[column].to_numpy()[rows].mean())
            bins.append((model, predicted, float(churned.mean()), float(low), float(high), len(rows)))
    return pd.DataFrame(bins, columns=["model", "predicted", "observed", "low", "high", "accounts"])


def gains(known: pd.DataFrame, probabilities: Mapping[str, str], draws: int, seed: int) -> pd.DataFrame:
    """Share of the churn in the riskiest part of the list: one row per (model, share_of_accounts).

    Accounts of equal probability are taken in proportion, whatever their order.
    """
    del draws, seed
    points = []
    for model, column in probabilities.items():
        if not len(known):
            continue
        churned = known["churned"].to_numpy(dtype=np.float64)
        ranking = Ranking(churned, known[column].to_numpy(dtype=np.float64), np.ones(len(known)))
        at = np.append(0.0, np.cumsum(ranking.by_tie(np.ones(len(known))))) / len(known)
        caught = np.append(0.0, np.cumsum(ranking.by_tie(ranking.churned))) / max(churned.sum(), 1)
        points += [(model, float(s), float(c)) for s, c in zip(SHARES, np.interp(SHARES, at, caught), strict=True)]
    return pd.DataFrame(points, columns=["model", "share_of_accounts", "share_of_churn"])


def over_folds(known: pd.DataFrame, probabilities: Mapping[str, str], draws: int, seed: int) -> pd.DataFrame:
    """AUC of every fold with its interval: one row per (model, fold) with test_from; folds without churn are absent."""
    aucs = []
    for fold, rows in known.groupby("fold"):
        if rows["churned"].nunique() < 2:
            continue
        measured = measure(rows, probabilities, draws, seed, {"auc": METRICS["auc"]})
        start = rows["as_of"].min().date()
        for model in probabilities:
            auc = measured[model]["auc"]
            aucs.append((model, fold, start, auc["value"], auc["low"], auc["high"]))
    return pd.DataFrame(aucs, columns=["model", "fold", "test_from", "auc", "low", "high"])
