"""How strongly candidate moments go with staying: within strata, beside other things, and under permutation.

All candidates of a landmark are columns of one 0/1 matrix, so that every statistic, and every permutation of it,
is a matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.moments import Codes, Grid, Landmark, standardised
from models.resampling import Floats


@dataclass(frozen=True)
class Comparison:
    """Mantel-Haenszel over the strata, per candidate: ``difference`` in retention, its ``error``, and ``z``.

    ``expected`` and ``deviation`` are those of the stayers among the reached when staying is random within strata.
    """

    difference: Floats
    error: Floats
    z: Floats
    expected: Floats
    deviation: Floats


def compare(reached: npt.NDArray[np.float32], stayed: Floats, strata: Codes) -> Comparison:
    """Retention of those who reached each candidate against those who did not, within strata.

    Risk difference with Mantel-Haenszel weights (Greenland and Robins 1985); z by the hypergeometric variance.
    Strata in which all or none reached a candidate say nothing about it.
    """
    member = (strata[:, None] == np.unique(strata)[None, :]).astype("float32")
    size = member.sum(axis=0, dtype="float64")[:, None]
    with_it = (member.T @ reached).astype("float64")
    without = size - with_it
    stay = (member.T @ stayed.astype("float32")).astype("float64")[:, None]
    both = (member.T @ (reached * stayed[:, None].astype("float32"))).astype("float64")
    pairs = with_it * without / size
    expected = (with_it * stay / size).sum(axis=0)
    variance = (pairs * stay * (size - stay) / (size * np.maximum(size - 1, 1))).sum(axis=0)
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    rate_with = (both + 0.5) / (with_it + 1)  # so that a full house has an error too
    rate_without = (stay - both + 0.5) / (without + 1)
    noise = rate_with * (1 - rate_with) / np.maximum(with_it, 1) + rate_without * (1 - rate_without) / np.maximum(
        without, 1
    )
    weight = np.maximum(pairs.sum(axis=0), 1e-12)
    surplus = both.sum(axis=0) - expected
    error = np.sqrt((pairs**2 * noise).sum(axis=0)) / weight
    return Comparison(surplus / weight, error, surplus / deviation, expected, deviation)


def adjusted_z(landmark: Landmark, candidates: Grid) -> Floats:
    """z of each candidate beside size on day 0, overall activity and breadth, so that those explain what they can.

    Linear regression of staying on the candidate, the strata, the day-0 numbers, and the account's activity (mean of
    the standardised log counts) and breadth (number of behaviours shown), both without the candidate's own
    behaviour, with their squares; heteroscedasticity-robust (HC0), all by residuals (Frisch, Waugh, Lovell).
    """
    logs = standardised(np.log1p(landmark.counts))
    shown = (landmark.counts > 0).astype("float64")
    strata = (landmark.strata[:, None] == np.unique(landmark.strata)[None, :]).astype("float64")
    others = max(len(landmark.behaviours) - 1, 1)
    found = np.zeros(len(candidates.counts))
    for column in np.unique(candidates.columns):
        own = candidates.columns == column
        activity = (logs.sum(axis=1) - logs[:, column]) / others
        breadth = (shown.sum(axis=1) - shown[:, column]) / others
        general = standardised(np.column_stack([activity, breadth]))
        basis = np.column_stack([strata, landmark.adjust, general, general**2])
        # A pseudo-inverse: behaviours that nobody shows make columns that add nothing.
        solve = np.linalg.pinv(basis.T @ basis, hermitian=True) @ basis.T
        left_over = landmark.stayed - basis @ (solve @ landmark.stayed)
        reached = candidates.reached[:, own].astype("float64")
        reached -= basis @ (solve @ reached)
        spread = np.sqrt(np.maximum((reached**2).T @ left_over**2, 1e-12))
        found[own] = reached.T @ left_over / spread
    return found


def permuted_outcomes(landmark: Landmark, keys: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """(accounts, permutations): staying dealt out anew within each stratum, as often as it was there.

    ``keys``: (all accounts, permutations) uniform random; the lowest keys of a stratum stay. Landmarks that
    share keys share their permutations as far as they share accounts, so the maximum over landmarks is that of
    one search.
    """
    order = np.argsort(landmark.strata[:, None] + keys[landmark.rows], axis=0, kind="stable")
    ordered = np.sort(landmark.strata)
    start = np.searchsorted(ordered, ordered)
    stays = np.bincount(landmark.strata, weights=landmark.stayed)[ordered]
    dealt = (np.arange(len(ordered)) - start < stays).astype("float32")
    result = np.empty(order.shape, dtype="float32")
    np.put_along_axis(result, order, np.broadcast_to(dealt[:, None], order.shape), axis=0)
    return result
