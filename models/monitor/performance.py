"""How well a model ranks: what its own probabilities promise, and what was seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from rind.common.facts.figures import NOT_MEASURED, Figure
from rind.common.facts.monitor import Departures
from rind.models.common.resampling import account_draws, drawn_auc, interval, ratio

Floats = npt.NDArray[np.float64]


def expected_auc(probability: Floats, draws: int, seed: int) -> Figure:
    """The AUC that a cohort will show if its probabilities are right.

    Confidence-based performance estimation (the method of NannyML's CBPE): each account leaves with its own
    probability, so the expected share of well-ordered pairs needs no outcome. The interval is that of drawn outcomes.

    Parameters
    ----------
    probability
        Shape (accounts,), calibrated.
    """
    if len(probability) < 2 or not 0 < probability.sum() < len(probability):
        return NOT_MEASURED
    rng = np.random.default_rng(seed)
    left = rng.random((draws, len(probability))) < probability
    drawn = np.array([_auc(probability, one.astype(np.float64)) for one in left])
    return _figure(_pairs(probability), drawn)


def seen_auc(rows: pd.DataFrame, draws: int, seed: int) -> Figure:
    """The AUC on rows whose outcomes are known, with its interval by account.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): churn_probability, churned 0/1.
    """
    left = rows["churned"].to_numpy("float64")
    if not len(rows) or left.min() == left.max():
        return NOT_MEASURED
    codes, accounts = pd.factorize(rows["account_id"])
    risk = rows["churn_probability"].to_numpy("float64")
    return _figure(_auc(risk, left), drawn_auc(risk, left, account_draws(len(accounts), draws, seed), codes))


def seen_rate(rows: pd.DataFrame, draws: int, seed: int) -> Figure:
    """Share of the rows that left, with its interval by account; ``rows`` as for `seen_auc`."""
    if not len(rows):
        return NOT_MEASURED
    codes, accounts = pd.factorize(rows["account_id"])
    left = np.bincount(codes, rows["churned"].to_numpy("float64"), len(accounts))
    of = np.bincount(codes, minlength=len(accounts)).astype("float64")
    drawn = account_draws(len(accounts), draws, seed)
    return _figure(float(left.sum() / of.sum()), ratio(drawn @ left, drawn @ of))


def departures(rows: pd.DataFrame, draws: int, seed: int) -> Departures:
    """Departures seen beside those that the probabilities expected, and their ratio with its interval by account.

    Both are means over the dates of ``rows`` (as for `seen_auc`), so that they read as accounts of one date's horizon.
    """
    dates = max(rows["as_of"].nunique(), 1)
    codes, accounts = pd.factorize(rows["account_id"])
    departed = np.bincount(codes, rows["churned"].to_numpy("float64"), len(accounts))
    expected = np.bincount(codes, rows["churn_probability"].to_numpy("float64"), len(accounts))
    drawn = account_draws(len(accounts), draws, seed) if len(accounts) else np.zeros((0, 0))
    value = float(departed.sum() / expected.sum()) if expected.sum() else None
    figure = _figure(value, ratio(drawn @ departed, drawn @ expected))
    left = int((departed > 0).sum())
    return {
        "seen": float(departed.sum() / dates), "expected": float(expected.sum() / dates), "times": figure,
        "accounts": left,
    }  # fmt: skip


def _figure(value: float | None, drawn: Floats) -> Figure:
    bounds = interval(drawn)
    return {"value": value, "low": bounds["low"] if bounds else None, "high": bounds["high"] if bounds else None}


def _auc(risk: Floats, left: Floats) -> float:
    gone = float(left.sum())
    pairs = gone * (len(left) - gone)
    ranks = rankdata(risk)
    return float((ranks[left > 0].sum() - gone * (gone + 1) / 2) / pairs) if pairs else float("nan")


def _pairs(probability: Floats) -> float:
    """Expected well-ordered pairs over expected pairs of one that leaves and one that stays; ties count half."""
    order = np.sort(probability)
    stays = np.concatenate([[0.0], np.cumsum(1 - order)])
    low, high = np.searchsorted(order, order, "left"), np.searchsorted(order, order, "right")
    ties = stays[high] - stays[low] - (1 - order)  # not with itself
    well = float((order * (stays[low] + ties / 2)).sum())
    pairs = float(order.sum() * (1 - order).sum() - (order * (1 - order)).sum())
    return well / pairs
