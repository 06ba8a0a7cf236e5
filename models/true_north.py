"""True North: the early behaviour after which accounts stay, searched on earlier, confirmed on later cohorts.

Existence is judged by the z of the retention difference within strata, against the maximum of the whole search over
permutations; which of the candidates that pass is *the* moment, by the z beside overall activity and breadth:
big and well-fitting accounts do more of everything, so the plain difference alone picks a wrong feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from models.health import days
from models.moment_search import ALL, Search, Trial, confirm
from models.moments import landmarks, said
from models.resampling import outcome

__all__ = ["ALL", "Search", "find"]

POWER_Z = NormalDist().inv_cdf(0.8)  # an effect "would have been found" when four of five such searches find it


def find(early: pd.DataFrame, accounts: pd.DataFrame, data_end: Any, search: Search | None = None) -> dict[str, Any]:
    """The content of ``true_north.json``: the moments that stand.

    A moment is a marker: accounts that reach it stay more often than like ones that do not. That it is the cause
    remains unproven.

    Parameters
    ----------
    early
        One row per (account_id, behaviour, within_days): ``count`` within the first ``within_days`` days,
        [signed_on, signed_on + within_days). Absent rows are 0.
    accounts
        One row per account **whose first days the source covers** (for others absent rows would not mean 0):
        account_id, signed_on, segment, ``stayed`` (1/0/null = censored), left_on (null = never left). Every other
        column is what the account was on day 0 (seats, mrr, plan, ...): numbers by terciles and as adjustment,
        texts as strata.
    data_end
        Last day of the source: compared are cohorts signed by data_end - retention_days - grace_days. Of younger
        ones only the leavers would be known.
    search
        How to search.

    Returns
    -------
    dict
        - ``moments``: perhaps empty; each with segment (``all`` = every segment, only where no segment has one of
          its own), feature (the behaviour), count, within_days and, *on the confirming cohorts*, reached,
          not_reached, retention_reached, retention_not_reached, difference (within strata, with difference_low and
          difference_high, 95 %), coverage (share of those that stayed which reached it), confirmed (True),
          p_value_confirmed; p_value (family-wise, of the search) and plateau (what does about equally well:
          count_from, count_to, within_days)
        - ``rejected``: the same for moments that the search found and the later cohorts did not confirm
        - ``segments``: name -> what was searched, and the smallest effect that it could have shown
        - ``left_out``: accounts too young for an outcome; ``words``: the result in a few sentences
    """
    search = search or Search()
    earlier, later = _cohorts(accounts, data_end, search)
    behaviours = tuple(sorted(early["behaviour"].astype("str").unique()))
    groups = _groups(earlier, search)
    windows = sorted(int(d) for d in early["within_days"].unique()) if groups else []
    trial = Trial(groups, len(earlier), search)
    for landmark in landmarks(early, earlier, behaviours, windows):
        trial.add(landmark)
    confirming = landmarks(early, later, behaviours, windows)
    choices = [choice for name in groups if (choice := trial.choice(name))]
    # Every confirmation is a chance to be wrong: together they share alpha.
    alpha = search.alpha / max(len(choices), 1)
    tried = [confirm(choice, confirming, search.min_side, alpha) for choice in choices]
    stands = [m for m in tried if m["confirmed"]]
    if any(m["segment"] != ALL for m in stands):
        stands = [m for m in stands if m["segment"] != ALL]
    segments = {name: _segment(name, earlier, later, trial, search) for name in groups}
    return {
        "moments": stands,
        "rejected": [m for m in tried if not m["confirmed"]],
        "segments": segments,
        "left_out": len(accounts) - len(earlier) - len(later),
        "words": _words(stands, segments),
    }


def _cohorts(accounts: pd.DataFrame, data_end: Any, search: Search) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The earlier sign-ups to search and the later ones to confirm on; a day is on one side only."""
    signed = days(accounts["signed_on"])
    complete = signed <= pd.Timestamp(data_end) - pd.Timedelta(days=search.retention_days + search.grace_days)
    usable = accounts[complete & np.isfinite(outcome(accounts["stayed"]))].copy()
    usable["segment"] = usable["segment"].astype("str").fillna("unknown")
    if usable.empty:
        return usable, usable
    signed = days(usable["signed_on"])
    ordered = signed.sort_values()
    until = ordered.iloc[min(int(len(ordered) * search.search_share), len(ordered) - 1)]
    return usable[signed < until].reset_index(drop=True), usable[signed >= until].reset_index(drop=True)


def _groups(earlier: pd.DataFrame, search: Search) -> list[str]:
    """The segments with enough accounts of either outcome, and ``all`` where there are several segments."""
    groups = []
    for name, part in earlier.groupby("segment", sort=True):
        stayed = int(part["stayed"].sum())
        if min(stayed, len(part) - stayed) >= search.min_side:
            groups.append(str(name))
    stayed = int(earlier["stayed"].sum())
    enough = min(stayed, len(earlier) - stayed) >= search.min_side
    return [ALL, *groups] if enough and earlier["segment"].nunique() > 1 else groups


def _segment(name: str, earlier: pd.DataFrame, later: pd.DataFrame, trial: Trial, search: Search) -> dict[str, Any]:
    """What was searched in one group, and the smallest effect that both steps would have shown."""
    first, second = (part if name == ALL else part[part["segment"] == name] for part in (earlier, later))
    share = float(first["stayed"].mean())
    candidates = sum(len(scan.candidates.counts) for scan in trial.scans[name])
    found = {"searched": len(first), "confirming": len(second), "stayed": share, "candidates": candidates}
    if not candidates or not len(second):
        return found | {"p_value": None, "smallest_effect": None}
    # Half of the accounts reach it: the case in which an effect shows best.
    error = [2 * np.sqrt(share * (1 - share) / len(part)) for part in (first, second)]
    needed = [trial.critical_z() + POWER_Z, NormalDist().inv_cdf(1 - search.alpha / len(trial.scans)) + POWER_Z]
    smallest = max(z * e for z, e in zip(needed, error, strict=True))
    return found | {"p_value": trial.p_value(trial.best_z(name)), "smallest_effect": float(smallest)}


def _words(moments: Sequence[Mapping[str, Any]], segments: Mapping[str, Mapping[str, Any]]) -> str:
    """The result for a reader: what stands, and where nothing does, what could have been seen."""
    sentences = [
        f"{m['segment']}: {m['retention_reached']:.0%} of those with at least {said(m['feature'], m['count'])} in "
        f"the first {m['within_days']} days stayed, {m['retention_not_reached']:.0%} of the others."
        for m in moments
    ]
    named = {m["segment"] for m in moments}
    for name, facts in segments.items():
        if name in named or name == ALL:
            continue
        sentences.append(f"{name}: none found. {_reach(facts)}")
    if not segments:
        sentences.append("Too few accounts have stayed or left so far to search for a moment.")
    return " ".join(sentences)


def _reach(facts: Mapping[str, Any]) -> str:
    smallest = facts["smallest_effect"]
    if smallest is None:
        return "Too few accounts did the same thing early, or none signed later to confirm it."
    if smallest >= 1:
        return f"With {facts['searched']} accounts no effect, however large, would have been shown reliably."
    return (
        f"A moment that half of the {facts['searched']} accounts reach and that lifts retention by "
        f"{100 * smallest:.0f} points or more would have been found four times in five."
    )
