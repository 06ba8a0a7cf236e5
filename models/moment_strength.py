"""How strongly candidate moments go with staying: beside day 0, beside other use, and under permutation.

All candidates of a landmark are columns of one 0/1 matrix, so that every statistic, and every permutation of it,
is a matrix product. Least squares by residuals (Frisch, Waugh, Lovell); permutations of Freedman and Lane (1983).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from models.moments import Codes, Grid, Landmark, feature_of, standardised
from models.resampling import Floats

TINY = 1e-9


def day_zero_z(basis: Floats, reached: npt.NDArray[np.float32], score: Floats) -> tuple[Floats, Floats, Floats]:
    """z of each candidate beside the columns of ``basis``; the candidates' and the score's residuals.

    Parameters
    ----------
    basis
        (accounts, columns), what is adjusted for.
    reached
        (accounts, candidates) 0/1.
    score
        (accounts,) how well each account did: `Followed.residuals` or `Followed.pseudo_values`.

    Returns
    -------
    (z, unit, rest)
        z: (candidates,); unit: (accounts, candidates) residuals of unit length; rest: (accounts,) residuals of unit
        variance: ``z = unit.T @ rest``.
    """
    space = _span(basis)
    rest = score - space @ (space.T @ score)
    spread = np.sqrt((rest @ rest) / max(len(rest) - space.shape[1], 1))
    rest = rest / max(spread, TINY)
    left = reached.astype("float64")
    left -= space @ (space.T @ left)
    length = np.sqrt((left**2).sum(axis=0))
    unit = np.where(length > TINY, left / np.maximum(length, TINY), 0.0)
    return unit.T @ rest, unit, rest


def adjusted_z(landmark: Landmark, candidates: Grid, score: Floats) -> Floats:
    """z of each candidate beside day 0 and what else the account did early: big and well-fitting accounts do more of
    everything, and that explains what it can. What the candidate itself is about is not held against it."""
    found = np.zeros(len(candidates.counts))
    for own, basis in beside_others(landmark, candidates.columns):
        found[own] = day_zero_z(basis, candidates.reached[:, own], score)[0]
    return found


def beside_others(landmark: Landmark, columns: Codes) -> Iterator[tuple[npt.NDArray[np.bool_], Floats]]:
    """For each feature among ``columns``: which of them are about it, and day 0 with the use of all other features.

    The use of others: mean of the standardised log events (activity), share used (breadth), mean of the log users
    (reach), and their squares.
    """
    features = np.array([feature_of(b) for b in landmark.behaviours])
    kinds = np.array([b.partition(":")[0] for b in landmark.behaviours])
    events, users = kinds == "events", kinds == "users"
    if not events.any():  # no product features: everything that is counted stands for activity
        events = users = np.ones(len(kinds), dtype=bool)
    logs = standardised(np.log1p(landmark.counts))
    shown = (landmark.counts > 0).astype("float64")
    about = features[columns]
    for feature in np.unique(about):
        other = features != feature
        parts = [_mean(logs[:, events & other]), _mean(shown[:, events & other]), _mean(logs[:, users & other])]
        general = standardised(np.column_stack(parts))
        yield about == feature, np.column_stack([landmark.day_zero, general, general**2])


def permuted(landmark: Landmark, rest: Floats, keys: Floats) -> npt.NDArray[np.float32]:
    """(accounts, permutations): the residuals dealt out anew within each block.

    ``keys``: (all accounts, permutations) uniform random, shared by all landmarks and groups, so that the maximum
    over them is that of one search.
    """
    order = np.argsort(landmark.blocks[:, None] + keys[landmark.rows], axis=0, kind="stable")
    place = np.argsort(landmark.blocks, kind="stable")
    dealt = np.empty(order.shape, dtype="float32")
    dealt[place] = rest.astype("float32")[order]
    return dealt


def _mean(values: Floats) -> Floats:
    return np.asarray(values.mean(axis=1) if values.shape[1] else np.zeros(len(values)), dtype="float64")


def _span(basis: Floats) -> Floats:
    """An orthonormal basis of the columns; columns that add nothing are dropped."""
    size, turn = np.linalg.eigh(basis.T @ basis)
    adds = size > 1e-10 * max(float(size[-1]), TINY)
    return np.asarray(basis @ (turn[:, adds] / np.sqrt(size[adds])), dtype="float64")
