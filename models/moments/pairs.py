"""Conjunctions of two: whether a moment says more when something else is done as well.

A second behaviour nearly always seems to add something, since well-fitting accounts do more of everything. So two
things are asked of "both A and B" at once, beside day 0 and all other use: those with both stay more often than those
with A alone, and by more than what A and B do each on their own (an interaction, which what adds up cannot imitate).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from rind.common.facts.moments import Addition
from rind.models.common.resampling import Floats, number
from rind.models.common.survival import Bools
from rind.models.moments.association import TINY, beside_others, day_zero_z, permuted
from rind.models.moments.candidates import Landmark, feature_of, measure_of
from rind.models.moments.search import Choice, Scan, Trial, member_of
from rind.models.moments.settings import SearchSettings


@dataclass(frozen=True)
class Pair:
    """What goes with the moment of ``group``: ``count`` of ``behaviour`` as well; ``p_value`` is corrected for every
    second behaviour that was tried in any group."""

    group: str
    behaviour: str
    count: int
    p_value: float


def pairs(trial: Trial, choices: Sequence[Choice]) -> list[Pair]:
    """The best second behaviour of each moment, where it passes the maximum over all that were tried.

    Tried is what itself passed the search, of another feature, within the same days, and parts the accounts so that
    enough of them did both, only the one, and only the other.
    """
    tried = [(choice, *_tried(trial, choice)) for choice in choices]
    tried = [each for each in tried if len(each[2])]
    largest = np.full(trial.keys.shape[1], -np.inf)
    best: list[tuple[Choice, Scan, int, float]] = []
    for choice, scan, own in tried:
        part = scan.landmark
        first = part.reached(choice.behaviour, choice.count)
        units, rest = _units(part, choice.behaviour, first, scan.candidates.reached[:, own])
        # Whoever reached A varies less: the outcomes are dealt among them, and among the others.
        alike = replace(part, blocks=part.blocks * 2 + first)
        basis = np.column_stack([beside_others(part, choice.behaviour), first])
        dealt = permuted(alike, basis, rest, trial.keys)
        largest = np.maximum(largest, _both(units, dealt).max(axis=0))
        z = _both(units, rest[:, None])[:, 0]
        best.append((choice, scan, int(own[z.argmax()]), float(z.max())))
    passed = []
    for choice, scan, index, top in best:
        p_value = float((1 + (largest >= top).sum()) / (1 + len(largest)))
        if p_value <= trial.search.alpha:
            behaviour = scan.landmark.behaviours[scan.candidates.columns[index]]
            passed.append(Pair(choice.group, behaviour, int(scan.candidates.counts[index]), p_value))
    return passed


def examined(
    chosen: Sequence[Pair], choices: Sequence[Choice], confirming: Sequence[Landmark], search: SearchSettings
) -> dict[str, Addition]:
    """Group -> what the later cohorts say of its pair.

    and_feature, and_measure, and_count, and_p_value (of the search), and_p_value_confirmed (its one test on the later
    cohorts; `models.moments.discovery` counts it among all confirmations), and_reached (accounts that did both),
    and_retention (theirs).
    """
    of_group = {choice.group: choice for choice in choices}
    return {pair.group: _examined(pair, of_group[pair.group], confirming, search) for pair in chosen}


def _examined(pair: Pair, choice: Choice, confirming: Sequence[Landmark], search: SearchSettings) -> Addition:
    landmark = next(x for x in confirming if x.within_days == choice.within_days)
    part = landmark.only(member_of(landmark, pair.group))
    first, second = part.reached(choice.behaviour, choice.count), part.reached(pair.behaviour, pair.count)
    p_value = None
    if _smallest(first, second[:, None])[0] >= search.min_side / 2:
        units, rest = _units(part, choice.behaviour, first, second[:, None])
        p_value = 1 - NormalDist().cdf(float(_both(units, rest[:, None])[0, 0]))
    return {
        "and_feature": feature_of(pair.behaviour),
        "and_measure": measure_of(pair.behaviour),
        "and_count": pair.count,
        "and_p_value": pair.p_value,
        "and_p_value_confirmed": p_value,
        "and_reached": int((first & second).sum()),
        "and_retention": number(part.followed.only(first & second).retention()),
    }


def _tried(trial: Trial, choice: Choice) -> tuple[Scan, npt.NDArray[np.int64]]:
    """The scan of the moment's window, and which of its candidates are tried beside it."""
    scan = next(s for s in trial.scans[choice.group] if s.landmark.within_days == choice.within_days)
    features = np.array([feature_of(b) for b in scan.landmark.behaviours])[scan.candidates.columns]
    first = scan.landmark.reached(choice.behaviour, choice.count)
    enough = _smallest(first, scan.candidates.reached) >= trial.search.fewest(len(first))
    passed = np.array([trial.p_value(choice.group, z) <= trial.search.alpha for z in scan.z])
    return scan, np.flatnonzero(passed & enough & (features != feature_of(choice.behaviour)))


def _smallest(first: Bools, second: npt.NDArray[Any]) -> Floats:
    """(candidates,) the fewest accounts of: both, only the first, only the second."""
    one = first.astype("float64")
    both, of_second = one @ second, second.sum(axis=0)
    return np.asarray(np.minimum(np.minimum(both, one.sum() - both), of_second - both), dtype="float64")


def _units(
    part: Landmark, behaviour: str, first: Bools, second: npt.NDArray[Any]
) -> tuple[tuple[Floats, Floats], Floats]:
    """Residuals of "both" beside A, and beside A and B; the residuals of the score beside A.

    Units of length 1 as of `models.moments.association.day_zero_z`, always beside day 0 and the use of other features.
    """
    basis = np.column_stack([beside_others(part, behaviour), first])
    score = Trial.score(part)
    _, both, rest = day_zero_z(basis, (second * first[:, None]).astype("float32"), score)
    _, own, _ = day_zero_z(basis, second.astype("float32"), score)
    apart = both - own * (own * both).sum(axis=0)
    length = np.sqrt((apart**2).sum(axis=0))
    return (both, np.where(length > TINY, apart / np.maximum(length, TINY), 0.0)), rest


def _both(units: tuple[Floats, Floats], rest: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(candidates, columns of rest) the smaller of the two z: the conjunction must do both."""
    more, together = (unit.T.astype("float32") @ rest for unit in units)
    return np.asarray(np.minimum(more, together))
