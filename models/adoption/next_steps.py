"""How far a young account is, and its next step: what separates it most from accounts that made it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind

from rind.common.facts.adoption import LaunchStatus, MomentStatus, NextStep, Progress, Target
from rind.common.facts.moments import ALL, Moment, behaviour_of
from rind.models.adoption.landmarks import Launch, failed
from rind.models.common.frames import datetimes
from rind.models.common.survival import tenure
from rind.models.moments.confirmation import passing
from rind.models.moments.search import BROAD

Done = Mapping[tuple[Any, str, int], int]
"""(account, behaviour, window) -> the count so far."""


def next_steps(
    early: pd.DataFrame,
    cohorts: pd.DataFrame,
    young: pd.DataFrame,
    expected: pd.Series,
    moments: Sequence[Moment],
    launch: Launch,
) -> list[NextStep]:
    """The next step of each young account, in the order of ``young``.

    An account is on track when its moment is reached, or as far as it should be by now; without a moment when it is at
    least as likely to stay as is usual in its segment (``expected``).
    """
    so_far = early[early["account_id"].isin(young["account_id"])]
    keys = zip(so_far["account_id"], so_far["behaviour"], so_far["within_days"], strict=True)
    done: Done = dict(zip(keys, so_far["count"].astype("int64"), strict=True))
    targets = {name: _targets(early, part, launch) for name, part in cohorts.groupby("segment")}
    likely = young["adoption_probability"] >= expected
    signed_on = datetimes(young["signed_on"]).dt.date
    steps = []
    for account, segment, signed, usual in zip(young["account_id"], young["segment"], signed_on, likely, strict=True):
        own = [m for m in moments if m["segment"] == segment] or [m for m in moments if m["segment"] == ALL]
        ways = [
            _towards(m, done.get((account, behaviour_of(m), m["within_days"]), 0), signed, launch.as_of) for m in own
        ]
        step = min(ways, key=_distance) if ways else _without_moment(bool(usual))
        if step.moment in (MomentStatus.NONE, MomentStatus.MISSED):
            target = _target(targets.get(segment, {}), done, account, signed, launch.as_of)
            step = replace(step, target=target)
        steps.append(step)
    return steps


def _without_moment(usual: bool) -> NextStep:
    return NextStep(MomentStatus.NONE, LaunchStatus.ON_TRACK if usual else LaunchStatus.AT_RISK)


def _towards(moment: Moment, done: int, signed: date, now: date) -> NextStep:
    """How an account stands with one moment."""
    within, count = moment["within_days"], moment["count"]
    progress = Progress(behaviour_of(moment), done, count, within, signed + timedelta(days=within))
    if progress.missing <= 0:
        return NextStep(MomentStatus.REACHED, LaunchStatus.ON_TRACK, progress)
    if progress.deadline <= now:
        return NextStep(MomentStatus.MISSED, LaunchStatus.MISSED, progress)
    due = np.floor(count * (now - signed).days / within)  # at an even pace
    status = LaunchStatus.ON_TRACK if done >= due else LaunchStatus.AT_RISK
    return NextStep(MomentStatus.OPEN, status, progress, (progress.deadline - now).days)


def _distance(step: NextStep) -> tuple[int, int]:
    """How near an account is to a moment: open ones first, then reached ones, then missed ones; by what is missing."""
    assert step.progress is not None, "only steps towards a moment are compared"
    order = {MomentStatus.OPEN: 0, MomentStatus.REACHED: 1, MomentStatus.MISSED: 2}
    return order[step.moment], max(step.progress.missing, 0)


def _targets(early: pd.DataFrame, segment: pd.DataFrame, launch: Launch) -> dict[int, list[tuple[str, int]]]:
    """Per window: the behaviours that separate those of a segment that stayed from those that did not, the
    clearest first, each with the median count of those that stayed.

    The accounts compared have an outcome that is known of their whole cohort (among the young only leavers are known)
    and were customers to the end of the window. All behaviours and windows are tried at once and share
    ``launch.settings.alpha`` (Holm; one-sided Welch tests).
    """
    left = pd.Series(failed(segment, launch.success), index=segment["account_id"].to_numpy())
    lived = pd.Series(tenure(segment), index=left.index)
    tried: dict[tuple[int, str], tuple[float, float]] = {}
    for within in launch.windows:
        there = left[left.notna() & (lived >= within)]
        part = early[(early["within_days"] == within) & early["account_id"].isin(there.index)]
        part = part[~part["behaviour"].isin(BROAD)]
        if there.nunique() < 2 or part.empty:
            continue
        wide = part.pivot_table(index="account_id", columns="behaviour", values="count")
        wide = wide.reindex(there.index).fillna(0.0)
        stayed = there == 0
        with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a behaviour that never varies has no p-value
            logs = np.log1p(wide)
            p_values = ttest_ind(logs[stayed], logs[~stayed], equal_var=False, alternative="greater").pvalue
        for name, p_value, typical in zip(wide.columns, p_values, wide[stayed].median(), strict=True):
            if np.isfinite(p_value):
                tried[int(within), str(name)] = (float(p_value), float(typical))
    passes = passing({key: p_value for key, (p_value, _) in tried.items()}, launch.settings.alpha)
    named: dict[int, list[tuple[str, int]]] = {}
    for within, name in sorted(tried, key=lambda key: tried[key][0]):
        if passes[within, name] and tried[within, name][1] >= 1:
            named.setdefault(within, []).append((name, int(tried[within, name][1])))
    return named


def _target(
    targets: Mapping[int, list[tuple[str, int]]], done: Done, account: Any, signed: date, now: date
) -> Target | None:
    """What accounts of the segment that stayed had done by the next landmark, and this one has not."""
    age = (now - signed).days
    for within in sorted(w for w in targets if w > age):
        for behaviour, typical in targets[within]:
            missing = typical - done.get((account, behaviour, within), 0)
            if missing > 0:
                return Target(behaviour, missing, signed + timedelta(days=within))
    return None
