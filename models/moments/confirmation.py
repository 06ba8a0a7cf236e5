"""Test a moment once, on cohorts later than those of the search, and measure what it is worth there."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.stats import combine_pvalues
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from rind.common.facts.moments import Effect, Examined
from rind.models.common.resampling import Floats, number
from rind.models.common.survival import Bools
from rind.models.moments.association import beside_others, day_zero_z
from rind.models.moments.candidates import Landmark, feature_of, measure_of, standardised
from rind.models.moments.search import Choice, Name, member_of, step_down

NO_EFFECT: Effect = {
    "difference": None,
    "difference_low": None,
    "difference_high": None,
    "adjusted_difference": None,
    "adjusted_difference_low": None,
    "adjusted_difference_high": None,
    "number_needed": None,
    "p_value_confirmed": None,
}
FOLDS = 5
CLIP = 0.05  # propensities are kept off 0 and 1
ELSEWHERE_Z = NormalDist().inv_cdf(0.95)
BESIDE = 0.5  # weight of the p-value beside other use: a part of the true effect goes with that use
LEVEL_Z = NormalDist().inv_cdf(0.975)


def examine(choice: Choice, confirming: list[Landmark], min_side: int, seed: int = 0) -> Examined:
    """The moment as the later cohorts show it, with ``p_value_confirmed``: the larger of the p-values of two one-sided
    log-rank tests over all the time that the accounts were followed: beside day 0, and half of that beside all other
    use too.

    Retention and differences are at the day of the outcome, censored accounts by pseudo-values.
    """
    landmark = next(x for x in confirming if x.within_days == choice.within_days)
    part = landmark.only(member_of(landmark, choice.group))
    reached = part.reached(choice.behaviour, choice.count)
    known = part.followed.known
    there, others = part.followed.only(reached).retention(), part.followed.only(~reached).retention()
    total = there * reached.mean() + others * (~reached).mean() if reached.any() and not reached.all() else np.nan
    return {
        "segment": choice.group,
        "feature": feature_of(choice.behaviour),
        "measure": measure_of(choice.behaviour),
        "count": choice.count,
        "within_days": choice.within_days,
        "reached": int(reached.sum()),
        "not_reached": int((~reached).sum()),
        "outcome_known": int(known.sum()),
        "retention_reached": number(there),
        "retention_not_reached": number(others),
        "coverage": number(there * reached.mean() / total if total > 0 else np.nan),
        "p_value": choice.p_value,
        "search_z": choice.z,
        "search_adjusted_z": choice.adjusted,
        "plateau": choice.plateau,
        "count_interval": choice.interval,
        "alike": choice.alike,
        **_test(part, choice.behaviour, reached, min_side, seed),
    }


def passing(p_values: Mapping[Name, float | None], alpha: float) -> dict[Name, bool]:
    """Which of several tests pass that share alpha (`step_down`); None never does."""
    return {name: p_values[name] is not None and p_value <= alpha for name, p_value in step_down(p_values).items()}


def combined(search: float, confirming: float | None, alpha: float) -> float | None:
    """One p-value of the search and of its confirmation, which took no part in it.

    None where the confirmation was not made, or alone is above alpha. The sum of the two z over the root of 2
    (Stouffer's method, for two stages of which the first chooses what the second tests: Lehmacher and Wassmer 1999):
    what the search shows beyond doubt need not be shown again to the level that all confirmations share.
    """
    if confirming is None or confirming > alpha:
        return None
    return float(combine_pvalues([search, confirming], method="stouffer").pvalue)


def holds_elsewhere(moment: Examined, behaviour: str, landmark: Landmark) -> bool:
    """Whether a moment of all segments also shows outside the segment in which it shows most."""
    reached = landmark.reached(behaviour, moment["count"])
    strength = {
        name: _z(landmark.only(landmark.segments == name), behaviour, moment["count"])
        for name in np.unique(landmark.segments)
    }
    strongest = max(strength, key=lambda name: strength[name])
    elsewhere = landmark.segments != strongest
    if not reached[elsewhere].any():
        return False
    return _z(landmark.only(elsewhere), behaviour, moment["count"]) >= ELSEWHERE_Z


def _z(part: Landmark, behaviour: str, count: int) -> float:
    """z of reaching beside day 0 and all other use."""
    beside = beside_others(part, behaviour)
    reached = part.reached(behaviour, count)
    return float(day_zero_z(beside, _column(reached), part.followed.residuals())[0][0])


def _test(part: Landmark, behaviour: str, reached: Bools, min_side: int, seed: int) -> Effect:
    """Differences in retention with intervals, the number needed to reach, and the p-value."""
    if min(reached.sum(), (~reached).sum()) < min_side / 2:
        return {**NO_EFFECT}
    kept, score = part.followed.pseudo_values(), part.followed.residuals()
    beside = beside_others(part, behaviour)
    plain, adjusted = (float(day_zero_z(b, _column(reached), score)[0][0]) for b in (part.day_zero, beside))
    p_value = max(weight * (1 - NormalDist().cdf(z)) for weight, z in ((1.0, plain), (BESIDE, adjusted)))
    effect, error = doubly_robust(part.day_zero, reached, kept, seed)
    further, wider = doubly_robust(beside, reached, kept, seed)
    return {
        "difference": effect,
        "difference_low": effect - LEVEL_Z * error,
        "difference_high": effect + LEVEL_Z * error,
        "adjusted_difference": further,
        "adjusted_difference_low": further - LEVEL_Z * wider,
        "adjusted_difference_high": further + LEVEL_Z * wider,
        "number_needed": 1 / effect if effect > 0 else None,
        "p_value_confirmed": p_value,
        "confirm_z": plain,
        "confirm_adjusted_z": adjusted,
    }


def doubly_robust(basis: Floats, reached: Bools, kept: Floats, seed: int = 0) -> tuple[float, float]:
    """Risk difference and its standard error, right when either model is: of reaching, or of staying.

    Augmented inverse propensity weighting (Robins, Rotnitzky and Zhao 1994) with the nuisance models fitted on the
    other four fifths of the accounts.
    """
    values = standardised(basis[:, 1:])
    share, with_it, without = (np.zeros(len(kept)) for _ in range(3))
    for train, test in KFold(FOLDS, shuffle=True, random_state=seed).split(values):
        share[test] = _propensity(values[train], reached[train], values[test])
        for arm, place in ((True, with_it), (False, without)):
            rows = train[reached[train] == arm]
            place[test] = _ridge(values[rows], kept[rows], values[test])
    share = np.clip(share, CLIP, 1 - CLIP)
    weight = reached / share - ~reached / (1 - share)
    gain = with_it - without + weight * (kept - np.where(reached, with_it, without))
    return float(gain.mean()), float(gain.std(ddof=1) / np.sqrt(len(gain)))


def _propensity(train: Floats, reached: Bools, test: Floats) -> Floats:
    if reached.all() or not reached.any():
        return np.full(len(test), reached.mean())
    model = LogisticRegression(C=0.1, max_iter=1000).fit(train, reached)
    return np.asarray(model.predict_proba(test)[:, 1], dtype="float64")


def _ridge(train: Floats, kept: Floats, test: Floats) -> Floats:
    """Linear prediction, shrunk as if ten more accounts were average."""
    if not len(train):
        return np.zeros(len(test))
    middle, mean = train.mean(axis=0), kept.mean()
    centred = train - middle
    slope = np.linalg.solve(centred.T @ centred + 10.0 * np.eye(train.shape[1]), centred.T @ (kept - mean))
    return np.asarray(mean + (test - middle) @ slope, dtype="float64")


def _column(reached: Bools) -> Any:
    return reached[:, None].astype("float32")
