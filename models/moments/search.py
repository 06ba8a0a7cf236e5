"""One honest search: every candidate in every segment, corrected for all of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from rind.common.facts.moments import ALL, Behaviour, CountInterval, Plateau
from rind.models.common.resampling import Floats
from rind.models.common.survival import Bools
from rind.models.moments.association import adjusted_z, day_zero_z, permuted
from rind.models.moments.candidates import Grid, Landmark, feature_of, grid, measure_of
from rind.models.moments.settings import SearchSettings

Name = TypeVar("Name", bound=Hashable)
SIMPLE = ("events", "users")
BROAD = ("active_days", "active_users", "features_used", "modules_used")
AS_GOOD = 1.0  # candidates within so much of the best z do about equally well
SAME_ACCOUNTS = 0.7  # correlation from which two behaviours are one moment


def member_of(landmark: Landmark, group: str) -> Bools:
    """Which accounts of a landmark belong to a group."""
    return np.ones(len(landmark.rows), dtype=bool) if group == ALL else landmark.segments == group


@dataclass(frozen=True)
class Scan:
    """A group's candidates at one landmark, with their z beside day 0."""

    landmark: Landmark
    candidates: Grid
    z: Floats


@dataclass(frozen=True)
class Choice:
    """What one group's search found.

    ``p_value`` is corrected for the whole search; ``plateau``, ``interval`` and ``alike`` are about thresholds and
    behaviours that do about as well; ``surface`` has a row per candidate of the behaviour: count, within_days, z,
    adjusted.
    """

    group: str
    behaviour: str
    count: int
    within_days: int
    p_value: float
    plateau: Plateau
    interval: CountInterval
    alike: list[Behaviour]
    surface: pd.DataFrame
    z: float = 0.0
    adjusted: float = 0.0


def step_down(p_values: Mapping[Name, float | None]) -> dict[Name, float]:
    """The p-values of several tests, each corrected for all of them; None counts as 1.

    Holm 1979: the k-th smallest of m times m - k + 1, and never less than a smaller one's.
    """
    known = {name: 1.0 if p_value is None else p_value for name, p_value in p_values.items()}
    corrected, last = dict[Name, float](), 0.0
    for done, name in enumerate(sorted(known, key=lambda n: known[n])):
        last = max(last, min(1.0, known[name] * (len(known) - done)))
        corrected[name] = last
    return corrected


class Trial:
    """The whole search: every group's candidates, and the largest z of each permutation over a group's own."""

    def __init__(self, groups: list[str], accounts: int, search: SearchSettings, seed: int) -> None:
        self.search, self.seed = search, seed
        self.scans: dict[str, list[Scan]] = {group: [] for group in groups}
        # So many that the best of one group can pass beside all others.
        draws = max(search.permutations, int(np.ceil(2 * len(groups) / search.alpha)))
        self.largest: dict[str, Floats] = dict.fromkeys(groups, np.full(draws, -np.inf))
        self.keys = np.random.default_rng(seed).random((accounts, draws))

    def add(self, landmark: Landmark) -> int:
        """Search one landmark in every group; the number of candidates."""
        candidates_seen = 0
        for group, scans in self.scans.items():
            part = landmark.only(member_of(landmark, group))
            candidates = grid(part, self.search.fewest(len(part.rows)))
            if not len(candidates.counts):
                continue
            z, unit, rest = day_zero_z(part.day_zero, candidates.reached, self.score(part))
            scans.append(Scan(part, candidates, z))
            chance = unit.T.astype("float32") @ permuted(part, part.day_zero, rest, self.keys)
            self.largest[group] = np.maximum(self.largest[group], chance.max(axis=0))
            candidates_seen += len(candidates.counts)
        return candidates_seen

    @staticmethod
    def score(landmark: Landmark) -> Floats:
        """What the search looks at: all the time that each account was followed, later renewals too."""
        return landmark.followed.residuals()

    def p_value(self, group: str, z: float) -> float:
        """Share of the permutations whose best candidate of the group does as well: corrected for all of them."""
        largest = self.largest[group]
        return float((1 + (largest >= z).sum()) / (1 + len(largest)))

    def p_values(self) -> dict[str, float]:
        """Of each group's best candidate, corrected for the whole search: all candidates of all groups."""
        return step_down({group: self.p_value(group, self.best_z(group)) for group in self.scans})

    def critical_z(self, group: str) -> float:
        """The z that passes the whole search even where no other group has a moment."""
        return float(np.quantile(self.largest[group], 1 - self.search.alpha / len(self.scans)))

    def best_z(self, group: str) -> float:
        """The largest z of the group."""
        return max((float(scan.z.max()) for scan in self.scans[group]), default=-np.inf)

    def choice(self, group: str) -> Choice | None:
        """Of the candidates that pass the whole search, the strongest beside everything else the account does.

        None where none passes, or where the strongest is beside everything else no more than the best of the group's
        candidates by chance: then something goes with staying, but no behaviour stands out.
        """
        whole = self.p_values()[group]
        if whole > self.search.alpha:
            return None
        table = pd.concat([self._table(scan) for scan in self.scans[group]], ignore_index=True)
        table["p_value"] = [self.p_value(group, z) for z in table["z"]]
        passed = table[table["p_value"] <= self.search.alpha]
        best = passed.iloc[int(_merit(passed, self.search).argmax())]
        chance = float(np.quantile(self.largest[group], 1 - self.search.stands_out * self.search.alpha))
        if best["adjusted"] < chance:
            return None
        close = table[table["adjusted"] >= best["adjusted"] - AS_GOOD]
        scan = next(s for s in self.scans[group] if s.landmark.within_days == best["within_days"])
        own = table[table["behaviour"] == best["behaviour"]]
        return Choice(
            group,
            str(best["behaviour"]),
            int(best["count"]),
            int(best["within_days"]),
            max(whole, float(best["p_value"])),
            _plateau(close, best),
            self._interval(scan, str(best["behaviour"])),
            _alike(close, best, scan.landmark),
            own[["count", "within_days", "z", "adjusted"]].reset_index(drop=True),
            float(best["z"]),
            float(best["adjusted"]),
        )

    def _table(self, scan: Scan) -> pd.DataFrame:
        """One row per candidate."""
        return pd.DataFrame(
            {
                "behaviour": np.array(scan.landmark.behaviours)[scan.candidates.columns],
                "count": scan.candidates.counts,
                "within_days": scan.landmark.within_days,
                "z": scan.z,
                "adjusted": adjusted_z(scan.landmark, scan.candidates, self.score(scan.landmark)),
            }
        )

    def _interval(self, scan: Scan, behaviour: str) -> CountInterval:
        """90 % bootstrap interval, by account, of the threshold that separates best at this window."""
        column = scan.landmark.behaviours.index(behaviour)
        own = scan.candidates.columns == column
        counts = scan.candidates.counts[own]
        _, unit, rest = day_zero_z(scan.landmark.day_zero, scan.candidates.reached[:, own], self.score(scan.landmark))
        rng = np.random.default_rng(self.seed)
        size = len(rest)
        draws = rng.multinomial(size, np.full(size, 1 / size), self.search.bootstrap_draws).astype("float64")
        z = (draws @ (unit * rest[:, None])) / np.sqrt(np.maximum(draws @ unit**2, 1e-12))
        low, high = np.quantile(counts[z.argmax(axis=1)], [0.05, 0.95], method="nearest")
        return {"low": int(low), "high": int(high)}


def _merit(table: pd.DataFrame, search: SearchSettings) -> Floats:
    """Log likelihood beside everything else; what is less simple or less specific must bring more."""
    signed = np.sign(table["adjusted"]) * table["adjusted"] ** 2 / 2
    simple = table["behaviour"].str.split(":").str[0].isin(SIMPLE)
    price = np.where(table["behaviour"].isin(BROAD), search.less_specific, np.where(simple, 0.0, search.less_simple))
    return np.asarray(signed - price, dtype="float64")


def _plateau(close: pd.DataFrame, best: pd.Series) -> Plateau:
    """Thresholds and windows of the same behaviour that do about equally well."""
    same = close[close["behaviour"] == best["behaviour"]]
    level = same[same["within_days"] == best["within_days"]]
    return {
        "count_from": int(level["count"].min()),
        "count_to": int(level["count"].max()),
        "within_days": sorted(int(d) for d in same["within_days"].unique()),
    }


def _alike(close: pd.DataFrame, best: pd.Series, landmark: Landmark) -> list[Behaviour]:
    """Other behaviours that the same accounts show and that do about equally well: one moment, not several."""
    chosen = landmark.reached(str(best["behaviour"]), int(best["count"]))
    here = close[(close["within_days"] == best["within_days"]) & (close["behaviour"] != best["behaviour"])]
    others: list[Behaviour] = []
    for behaviour, rows in here.groupby("behaviour", sort=True):
        top = rows.loc[rows["adjusted"].idxmax()]
        other = landmark.reached(str(behaviour), int(top["count"]))
        if np.corrcoef(chosen, other)[0, 1] >= SAME_ACCOUNTS:
            name = str(behaviour)
            others.append({"feature": feature_of(name), "measure": measure_of(name), "count": int(top["count"])})
    return others
