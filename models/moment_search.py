"""One honest search: every candidate in every segment, corrected for all of it, then one test on later cohorts."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.moment_strength import Comparison, adjusted_z, compare, permuted_outcomes
from models.moments import Grid, Landmark, grid
from models.resampling import Floats

ALL = "all"  # the group of every segment together


@dataclass(frozen=True)
class Search:
    """How the moments are searched.

    Parameters
    ----------
    retention_days, grace_days
        The outcome ``stayed`` is about retention_days after signing and complete grace_days later.
    search_share
        Share of the accounts, the earlier sign-ups, that are searched; the later ones confirm.
    min_side
        Fewest accounts that must have reached a candidate, and that must not have, to compare them.
    alpha
        Error rate of the whole search (family-wise), and of all its confirmations together.
    permutations, seed
        Of the max-statistic.
    """

    retention_days: int = 365
    grace_days: int = 30
    search_share: float = 0.6
    min_side: int = 20
    alpha: float = 0.05
    permutations: int = 300
    seed: int = 0


def member_of(landmark: Landmark, group: str) -> npt.NDArray[np.bool_]:
    """Which accounts of a landmark belong to a group."""
    return np.ones(len(landmark.rows), dtype=bool) if group == ALL else landmark.segments == group


@dataclass(frozen=True)
class _Scan:
    """A group's candidates at one landmark."""

    landmark: Landmark
    candidates: Grid
    compared: Comparison


@dataclass(frozen=True)
class Choice:
    """What one group's search found; ``p_value`` is corrected for the whole search."""

    group: str
    behaviour: str
    count: int
    within_days: int
    p_value: float
    plateau: dict[str, Any]


class Trial:
    """The whole search: every group's candidates, and the largest z of each permutation over all of them."""

    def __init__(self, groups: list[str], accounts: int, search: Search) -> None:
        self.search = search
        self.scans: dict[str, list[_Scan]] = {group: [] for group in groups}
        self.largest: Floats = np.full(search.permutations, -np.inf)
        self._keys = np.random.default_rng(search.seed).random((accounts, search.permutations))

    def add(self, landmark: Landmark) -> None:
        """Search one landmark in every group."""
        permuted = permuted_outcomes(landmark, self._keys)
        for group, scans in self.scans.items():
            member = member_of(landmark, group)
            part = landmark.only(member)
            candidates = grid(part, self.search.min_side)
            if not len(candidates.counts):
                continue
            compared = compare(candidates.reached, part.stayed, part.strata)
            scans.append(_Scan(part, candidates, compared))
            dealt = (candidates.reached.T @ permuted[member]).astype("float64")
            z = (dealt - compared.expected[:, None]) / compared.deviation[:, None]
            self.largest = np.maximum(self.largest, z.max(axis=0))

    def p_value(self, z: float) -> float:
        """Share of the permutations whose best candidate does as well: corrected for the whole search."""
        return float((1 + (self.largest >= z).sum()) / (1 + len(self.largest)))

    def critical_z(self) -> float:
        return float(np.quantile(self.largest, 1 - self.search.alpha))

    def best_z(self, group: str) -> float:
        return max((float(scan.compared.z.max()) for scan in self.scans[group]), default=-np.inf)

    def choice(self, group: str) -> Choice | None:
        """Of the candidates that pass the whole search, the strongest beside everything else the account does."""
        if self.p_value(self.best_z(group)) > self.search.alpha:
            return None
        table = pd.concat([_table(scan) for scan in self.scans[group]], ignore_index=True)
        table["p_value"] = [self.p_value(z) for z in table["z"]]
        passed = table[table["p_value"] <= self.search.alpha]
        best = passed.iloc[int(passed["adjusted"].to_numpy().argmax())]
        same = table["behaviour"] == best["behaviour"]
        close = table[same & (table["adjusted"] >= best["adjusted"] - 1.0)]
        level = close[close["within_days"] == best["within_days"]]
        plateau = {
            "count_from": int(level["count"].min()),
            "count_to": int(level["count"].max()),
            "within_days": sorted(int(d) for d in close["within_days"].unique()),
        }
        return Choice(
            group,
            str(best["behaviour"]),
            int(best["count"]),
            int(best["within_days"]),
            float(best["p_value"]),
            plateau,
        )


def _table(scan: _Scan) -> pd.DataFrame:
    """One row per candidate."""
    return pd.DataFrame(
        {
            "behaviour": np.array(scan.landmark.behaviours)[scan.candidates.columns],
            "count": scan.candidates.counts,
            "within_days": scan.landmark.within_days,
            "z": scan.compared.z,
            "adjusted": adjusted_z(scan.landmark, scan.candidates),
        }
    )


def confirm(choice: Choice, confirming: list[Landmark], min_side: int, alpha: float) -> dict[str, Any]:
    """The one test on the later cohorts: within strata, and beside everything else, both at ``alpha``."""
    landmark = next(x for x in confirming if x.within_days == choice.within_days)
    part = landmark.only(member_of(landmark, choice.group))
    column = part.behaviours.index(choice.behaviour)
    reached = part.counts[:, column] >= choice.count
    return {
        "segment": choice.group,
        "feature": choice.behaviour,
        "count": choice.count,
        "within_days": choice.within_days,
        "reached": int(reached.sum()),
        "not_reached": int((~reached).sum()),
        "retention_reached": _mean(part.stayed[reached]),
        "retention_not_reached": _mean(part.stayed[~reached]),
        "coverage": _mean(reached[part.stayed == 1].astype("float64")),
        "p_value": choice.p_value,
        "plateau": choice.plateau,
        **_test(part, column, choice.count, min_side, alpha),
    }


def _test(part: Landmark, column: int, count: int, min_side: int, alpha: float) -> dict[str, Any]:
    """The difference in retention within strata, its interval, and whether it stands."""
    reached = part.counts[:, [column]] >= count
    if min(reached.sum(), (~reached).sum()) < min_side / 2:
        nothing = dict.fromkeys(("difference", "difference_low", "difference_high", "p_value_confirmed"))
        return {**nothing, "confirmed": False}
    one = Grid(np.array([column]), np.array([count]), reached.astype("float32"))
    compared = compare(one.reached, part.stayed, part.strata)
    difference, error = float(compared.difference[0]), float(compared.error[0])
    z = min(float(compared.z[0]), float(adjusted_z(part, one)[0]))
    p_value = 1 - NormalDist().cdf(z)
    return {
        "difference": difference,
        "difference_low": difference - 1.96 * error,
        "difference_high": difference + 1.96 * error,
        "p_value_confirmed": p_value,
        "confirmed": bool(p_value <= alpha),
    }


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None
