"""How strongly candidate moments go with staying: beside day 0, beside other use, and under permutation.

All candidates of a landmark are columns of one 0/1 matrix, so that every statistic, and every permutation of it,
is a matrix product. Least squares by residuals (Frisch, Waugh, Lovell); permutations of Freedman and Lane (1983).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from rind.models.common.resampling import Floats
from rind.models.moments.candidates import Codes, Grid, Landmark, feature_of, standardised

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
    return _z(_without(space, score), _without(space, reached.astype("float64")), space.shape[1])


def adjusted_z(landmark: Landmark, candidates: Grid, score: Floats) -> Floats:
    """z of each candidate beside day 0 and what else the account did early: big and well-fitting accounts do more of
    everything, and that explains what it can. What the candidate itself is about is not held against it."""
    z = np.zeros(len(candidates.counts))
    # Beside day 0 once for all, then beside the few columns of each feature: together the same as beside both.
    space = _span(landmark.day_zero)
    rest, left = _without(space, score), _without(space, candidates.reached.astype("float64"))
    for own, others in _other_use(landmark, candidates.columns):
        more = _span(_without(space, others))
        z[own] = _z(_without(more, rest), _without(more, left[:, own]), space.shape[1] + more.shape[1])[0]
    return z


def beside_others(landmark: Landmark, behaviour: str) -> Floats:
    """(accounts, columns): day 0 and the use of all features but the one that ``behaviour`` is about.

    The use of others: mean of the standardised log events (activity), share used (breadth), mean of the log users
    (reach), and their squares.
    """
    ((_, others),) = _other_use(landmark, np.array([landmark.behaviours.index(behaviour)]))
    return np.column_stack([landmark.day_zero, others])


def _other_use(landmark: Landmark, columns: Codes) -> Iterator[tuple[npt.NDArray[np.bool_], Floats]]:
    """For each feature among ``columns``: which of them are about it, and the use of all other features."""
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
        yield about == feature, np.column_stack([general, general**2])


def permuted(landmark: Landmark, basis: Floats, rest: Floats, keys: Floats) -> npt.NDArray[np.float32]:
    """(accounts, permutations): the residuals beside ``basis`` dealt out anew (`dealt`), and again made residuals of
    unit variance beside it, as those of a new company are: else few accounts pass by chance too easily.

    ``keys``: (all accounts, permutations) uniform random, shared by all landmarks and groups, so that the maximum
    over them is that of one search.
    """
    space = _span(basis)
    anew = dealt(landmark, rest, keys)
    thin = space.astype("float32")
    anew -= thin @ (thin.T @ anew)
    spread = np.sqrt((anew**2).sum(axis=0) / max(len(anew) - space.shape[1], 1))
    return np.asarray(anew / np.maximum(spread, TINY), dtype="float32")


def dealt(landmark: Landmark, rest: Floats, keys: Floats) -> npt.NDArray[np.float32]:
    """(accounts, permutations): the residuals in another order within each block."""
    order = np.argsort(landmark.blocks[:, None] + keys[landmark.rows], axis=0, kind="stable")
    place = np.argsort(landmark.blocks, kind="stable")
    anew = np.empty(order.shape, dtype="float32")
    anew[place] = rest.astype("float32")[order]
    return anew


def _mean(values: Floats) -> Floats:
    return np.asarray(values.mean(axis=1) if values.shape[1] else np.zeros(len(values)), dtype="float64")


def _z(rest: Floats, left: Floats, columns: int) -> tuple[Floats, Floats, Floats]:
    """As `day_zero_z`, of residuals beside so many ``columns``."""
    spread = float(np.sqrt((rest @ rest) / max(len(rest) - columns, 1)))
    rest = rest / max(spread, TINY)
    length = np.sqrt((left**2).sum(axis=0))
    unit = np.where(length > TINY, left / np.maximum(length, TINY), 0.0)
    return unit.T @ rest, unit, rest


def _without(space: Floats, values: Floats) -> Floats:
    """The residuals of ``values`` beside an orthonormal basis."""
    return np.asarray(values - space @ (space.T @ values), dtype="float64")


def _span(basis: Floats) -> Floats:
    """An orthonormal basis of the columns; columns that add nothing are dropped."""
    size, turn = np.linalg.eigh(basis.T @ basis)
    adds = size > 1e-10 * max(float(size[-1]), TINY)
    return np.asarray(basis @ (turn[:, adds] / np.sqrt(size[adds])), dtype="float64")
