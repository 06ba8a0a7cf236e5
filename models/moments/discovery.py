"""True North: the early behaviour after which accounts stay, searched on earlier, confirmed on later cohorts.

Existence is judged by the z beside day 0, against the maximum over permutations of all that was searched in the
segment, and by Holm over the segments; which of the candidates that pass is *the* moment, by the z beside overall
activity and breadth: big and well-fitting accounts do more of everything, so the plain difference alone picks a wrong
feature. A moment is a marker: accounts that reach it stay more often than like ones that do not. That it is the cause
remains unproven.

What is found, and `reports.moment_text` puts into words for ``true_north.json``, is a dict of

- ``moments``: perhaps empty; each with segment (``all`` = every segment, also outside the one in which it shows most),
  feature (the key of the product feature, or the name of another behaviour), measure (events, uses, users, days; count
  for others), count, within_days and, *on the confirming cohorts*, reached, not_reached, outcome_known (how many of
  them), retention_reached, retention_not_reached (Kaplan-Meier), difference (doubly robust beside day 0) and
  adjusted_difference (beside all other use too), each with _low and _high (95 %), number_needed (accounts to bring
  there for one more that stays), coverage (share of those that stay which reached it), confirmed (True),
  p_value_confirmed; p_value (family-wise, of the search), plateau (what does about equally well: count_from, count_to,
  within_days), count_interval (90 %, bootstrap), alike (other behaviours of the same accounts); where doing something
  else as well adds to it, and_feature, and_measure, and_count and more (`models.moments.pairs.examined`)
- ``rejected``: the same for moments that the search found and the later cohorts did not confirm
- ``segments``: name -> what was searched, and the smallest effect that it could have shown
- ``freshness``: what became of the moments of the last run (`models.moments.revalidation.freshness`)
- ``details``: one per moment, rejected ones too: segment, feature, measure, count, within_days, confirmed, and rows to
  draw: surface (count, within_days, z, adjusted), curves, cohorts (see `models.moments.moment_curves`)
- ``left_out``: accounts too young for any landmark
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from rind.common.facts.moments import (
    ALL,
    Addition,
    Examined,
    Moment,
    MomentDetail,
    MomentsFound,
    SegmentSearch,
    behaviour_of,
)
from rind.models.common.frames import datetimes
from rind.models.common.survival import follow
from rind.models.moments.candidates import Landmark, landmarks
from rind.models.moments.confirmation import combined, examine, holds_elsewhere, passing
from rind.models.moments.moment_curves import by_cohort, curves
from rind.models.moments.pairs import examined, pairs
from rind.models.moments.revalidation import freshness
from rind.models.moments.search import Choice, Trial, member_of
from rind.models.moments.settings import SearchSettings

POWER_Z = NormalDist().inv_cdf(0.8)  # an effect "would have been found" when four of five such searches find it


def find(
    early: pd.DataFrame,
    accounts: pd.DataFrame,
    search: SearchSettings,
    seed: int,
    say: Callable[[str], None] = lambda _: None,
    before: Sequence[Moment] = (),
) -> MomentsFound:
    """The confirmed moments, and the facts about them: see above.

    Parameters
    ----------
    early
        One row per (account_id, behaviour, within_days): ``count`` within the first ``within_days`` days,
        [signed_on, signed_on + within_days). Absent rows are 0.
    accounts
        One row per account **whose first days the source covers** (for others absent rows would not mean 0):
        account_id, signed_on, segment, left_on (null = not seen to leave), followed_days (days after signing for
        which leaving is known), and what `models.common.survival.follow` needs. Every other column is what the account
        was on day 0 (seats, mrr, plan, ...) and is adjusted for.
    search, seed
        How to search.
    say
        Called with the progress, as a line for the terminal.
    before
        The moments that were confirmed last time.
    """
    accounts = accounts.assign(segment=accounts["segment"].astype("str").fillna("unknown"))
    earlier, later = cohorts(accounts, search)
    everyone = pd.concat([earlier, later], ignore_index=True)
    behaviours = tuple(sorted(early["behaviour"].astype("str").unique()))
    groups = _groups(earlier, search)
    windows = sorted(int(d) for d in early["within_days"].unique()) if groups else []
    trial = Trial(groups, len(earlier), search, seed)
    for landmark in landmarks(early, earlier, behaviours, windows, search):
        say(f"{trial.add(landmark):,} candidates within {landmark.within_days} days")
    confirming = landmarks(early, later, behaviours, windows, search)
    whole = landmarks(early, everyone, behaviours, windows, search)
    choices = [choice for name in groups if (choice := trial.choice(name))] if len(later) else []
    say(f"{len(choices)} to confirm")
    tried = _confirmed(choices, confirming, whole, trial)
    confirmed = _standing(tried)
    segments = {name: _segment(name, earlier, later, trial, search) for name in groups}
    fresh = freshness(before, {str(m["segment"]): _cohorts_of(m, whole, everyone) for m in before}, confirmed)
    drawn = zip(_in_order(tried, choices), choices, strict=True)
    return {
        "moments": confirmed,
        "rejected": [m for m in tried if not m["confirmed"]],
        "segments": segments,
        "left_out": len(accounts) - len(everyone),
        "freshness": fresh,
        "details": [_detail(moment, choice, confirming, whole, everyone) for moment, choice in drawn],
    }


def _confirmed(
    choices: Sequence[Choice], confirming: list[Landmark], whole: list[Landmark], trial: Trial
) -> list[Moment]:
    """The choices with their one test on the later cohorts, and what adds to them."""
    search = trial.search
    tested = [examine(choice, confirming, search.min_side, trial.seed) for choice in choices]
    also = examined(pairs(trial, choices), choices, confirming, search)
    # Every confirmation is a chance to be wrong: moments of segments, of all, and what adds to them share one alpha.
    # The two stages of a moment are independent where there is none, so that their one p-value keeps that promise.
    tests = {(m["segment"], False): combined(m["p_value"], m["p_value_confirmed"], search.alpha) for m in tested}
    tests |= {(group, True): more["and_p_value_confirmed"] for group, more in also.items()}
    passes = passing(tests, search.alpha)
    tried: list[Moment] = []
    for moment in tested:
        group = moment["segment"]
        # What a reader sees must not contradict it: the whole interval of the difference lies above 0.
        confirmed = passes[group, False] and (moment["difference_low"] or 0.0) > 0 and _of_all(moment, whole)
        nothing: Addition = {}
        more = also[group] if confirmed and passes.get((group, True)) else nothing
        tried.append({**moment, "confirmed": confirmed, **more})
    return tried


def _standing(tried: list[Moment]) -> list[Moment]:
    """What was confirmed; where segments have moments of their own, there is none of all."""
    confirmed = [m for m in tried if m["confirmed"]]
    several = len({m["feature"] for m in confirmed}) > 1
    return [m for m in confirmed if not (several and m["segment"] == ALL)]


def cohorts(accounts: pd.DataFrame, search: SearchSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The earlier sign-ups to search and the later ones to confirm on; a day is on one side only.

    The day that parts them leaves ``search_share`` of the accounts with a known outcome on the earlier side; later
    accounts whose outcome is still open are on the later side, censored.
    """
    usable = accounts[accounts["followed_days"] > 0]
    signed = datetimes(usable["signed_on"])
    ripe = signed[usable["followed_days"] >= search.judged_days].sort_values()
    if ripe.empty:
        return usable.iloc[:0], usable.iloc[:0]
    until = ripe.iloc[min(int(len(ripe) * search.search_share), len(ripe) - 1)]
    return usable[signed < until].reset_index(drop=True), usable[signed >= until].reset_index(drop=True)


def _in_order(tried: list[Moment], choices: Sequence[Choice]) -> list[Moment]:
    of_group = {m["segment"]: m for m in tried}
    return [of_group[choice.group] for choice in choices]


def _detail(
    moment: Moment,
    choice: Choice,
    confirming: list[Landmark],
    whole: list[Landmark],
    everyone: pd.DataFrame,
) -> MomentDetail:
    """What a page draws of one moment."""
    landmark = next(x for x in confirming if x.within_days == choice.within_days)
    part = landmark.only(member_of(landmark, choice.group))
    cohorts_of = _cohorts_of(moment, whole, everyone)
    return {
        "segment": moment["segment"],
        "feature": moment["feature"],
        "measure": moment["measure"],
        "count": moment["count"],
        "within_days": moment["within_days"],
        "confirmed": moment["confirmed"],
        "surface": choice.surface.to_dict("records"),
        "curves": curves(part, part.reached(choice.behaviour, choice.count)).to_dict("records"),
        "cohorts": cohorts_of.assign(cohort=cohorts_of["cohort"].astype("str")).to_dict("records"),
    }


def _cohorts_of(moment: Moment, whole: list[Landmark], everyone: pd.DataFrame) -> pd.DataFrame:
    landmark = next((x for x in whole if x.within_days == moment["within_days"]), None)
    if landmark is None:
        return pd.DataFrame()
    return by_cohort(landmark, everyone["signed_on"], moment)


def _of_all(moment: Examined, whole: list[Landmark]) -> bool:
    """A moment of all segments is not that of one segment alone; a segment's own needs no more."""
    landmark = next(x for x in whole if x.within_days == moment["within_days"])
    return moment["segment"] != ALL or holds_elsewhere(moment, behaviour_of(moment), landmark)


def _groups(earlier: pd.DataFrame, search: SearchSettings) -> list[str]:
    """The segments with enough accounts of either outcome, and ``all`` where there are several segments."""
    names = sorted(earlier["segment"].unique())
    segments = [str(name) for name in names if _enough(earlier[earlier["segment"] == name], search)]
    return [ALL, *segments] if len(names) > 1 and _enough(earlier, search) else segments


def _enough(accounts: pd.DataFrame, search: SearchSettings) -> bool:
    followed = follow(accounts, search)
    failed = int(followed.failed.sum())
    return min(failed, int(followed.known.sum()) - failed) >= search.min_side


def _segment(
    name: str, earlier: pd.DataFrame, later: pd.DataFrame, trial: Trial, search: SearchSettings
) -> SegmentSearch:
    """What was searched in one group, and the smallest effect that both steps would have shown."""
    first, second = (part if name == ALL else part[part["segment"] == name] for part in (earlier, later))
    followed = [follow(part, search) for part in (first, second)]
    share = followed[0].retention()
    known = [int(f.known.sum()) for f in followed]
    candidates = sum(len(scan.candidates.counts) for scan in trial.scans[name])
    searched: SegmentSearch = {
        "searched": known[0],
        "confirming": known[1],
        "retention": share,
        "candidates": candidates,
        "p_value": None,
        "smallest_effect": None,
    }
    if not candidates or not known[1] or not known[0]:
        return searched
    # Half of the accounts reach it: the case in which an effect shows best.
    error = [2 * np.sqrt(share * (1 - share) / size) for size in known]
    needed = [trial.critical_z(name) + POWER_Z, NormalDist().inv_cdf(1 - search.alpha / len(trial.scans)) + POWER_Z]
    smallest = max(z * e for z, e in zip(needed, error, strict=True))
    return {**searched, "p_value": trial.p_values()[name], "smallest_effect": float(smallest)}
