"""Intervals by account: rows of one account overlap in time, so accounts are drawn, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array

from rind.common.facts.figures import Limits

Floats = npt.NDArray[np.float64]
LEVEL = 0.95

CELLS = 2_000_000
"""Leavers x draws that are reckoned at a time, 16 MB a table of them."""


def outcome(churned: pd.Series) -> Floats:
    """1, 0 or NaN (unknown), from whichever type the outcome came in."""
    return np.asarray(churned.astype("Float64").to_numpy("float64", na_value=np.nan), dtype="float64")


def complete_dates(history: pd.DataFrame) -> pd.Series:
    """Whether each row's as_of has the outcome of all its accounts.

    On the last dates only those that left are known already: to keep them alone would make everybody leave.
    """
    return history["churned"].notna().groupby(history["as_of"]).transform("all")


def account_draws(accounts: int, draws: int, seed: int) -> Floats:
    """(draws, accounts): how often each account is in each bootstrap sample."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(accounts, np.full(accounts, 1.0 / accounts), size=draws).astype("float64")


def ratio(above: Floats, below: Floats) -> Floats:
    """``above / below``, NaN where below is 0."""
    result = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def interval(draws: Floats, level: float = LEVEL) -> Limits | None:
    """The percentile interval of a figure over its bootstrap draws; None where it was never defined."""
    defined = draws[np.isfinite(draws)]
    if not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return {"low": float(low), "high": float(high)}


def wilson(share: float, draws: float, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of a share of ``draws`` independent draws (> 0); wide where they are few, at 0 and 1 too.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle, whole = share + z * z / (2 * draws), 1 + z * z / draws
    spare = z * float(np.sqrt(share * (1 - share) / draws + (z / (2 * draws)) ** 2))
    return max(0.0, (middle - spare) / whole), min(1.0, (middle + spare) / whole)


def number(value: float) -> float | None:
    """For JSON: a plain float, None instead of NaN."""
    return float(value) if np.isfinite(value) else None


def spread(values: Mapping[str, tuple[Floats, Floats]], weights: Floats) -> dict[str, tuple[float, Floats]]:
    """Ratios of sums over accounts, each with its bootstrap draws.

    ``values``: name -> (numerator, denominator) per account; ``weights``: of `account_draws`.
    """
    ratios = {}
    for name, (above, below) in values.items():
        point = ratio(np.array([above.sum()]), np.array([below.sum()]))[0]
        ratios[name] = (float(point), ratio(weights @ above, weights @ below))
    return ratios


def drawn_auc(risk: Floats, left: Floats, weights: Floats, codes: npt.NDArray[np.intp]) -> Floats:
    """The chance that a row that left has a higher risk than one that stayed (ties half), per bootstrap draw.

    ``risk``, ``left`` (1/0) and ``codes`` (its account) per row; ``weights``: (draws, accounts).
    """
    gone = left > 0
    order = np.argsort(-risk[gone], kind="stable")
    leavers, stayers = -risk[gone][order], -risk[~gone]
    # How many leavers rank above each that stayed: so many places down the list of leavers it begins to count.
    places = [np.searchsorted(leavers, stayers, side) for side in ("left", "right")]  # a tie counts half at each
    counted = (np.full(2 * len(stayers), 0.5), (np.concatenate(places), np.tile(codes[~gone], 2)))
    from_place_on = coo_array(counted, shape=(len(leavers) + 1, weights.shape[1])).tocsr()
    at_once = max(1, CELLS // (len(leavers) + 1))
    parts = [
        _auc_of_draws(from_place_on, weights[start : start + at_once].T, codes[gone][order])
        for start in range(0, len(weights), at_once)
    ]
    return np.concatenate([np.zeros(0), *parts])


def _auc_of_draws(from_place_on: Any, weights: Floats, leavers: npt.NDArray[np.intp]) -> Floats:
    """Of some draws; ``weights``: (accounts, draws), ``leavers``: the accounts, riskiest row first."""
    stayers = from_place_on @ weights
    below = stayers.sum(axis=0) - stayers.cumsum(axis=0)[:-1]
    drawn = weights[leavers]
    return ratio((drawn * below).sum(axis=0), drawn.sum(axis=0) * stayers.sum(axis=0))
