"""How far a young account is, and its next step: what separates it most from accounts that made it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind

from rind.models.adoption.landmarks import failed
from rind.models.common.frames import datetimes
from rind.models.common.survival import tenure
from rind.models.moments.candidates import said
from rind.models.moments.confirmation import passing
from rind.models.moments.search import ALL, BROAD
from rind.models.moments.words import behaviour_of

if TYPE_CHECKING:
    from rind.models.adoption.model import Launch

NO_MOMENT = "No moment stands for this segment yet"
ON_TRACK, AT_RISK, MISSED = "on track", "at risk", "missed"
Done = Mapping[tuple[Any, str, int], int]


def steps(
    early: pd.DataFrame,
    cohorts: pd.DataFrame,
    young: pd.DataFrame,
    expected: pd.Series,
    moments: Sequence[Mapping[str, Any]],
    launch: Launch,
) -> pd.DataFrame:
    """One row per young account (its index).

    Returns
    -------
    pandas.DataFrame
        next_step in words; moment_status (reached, open, missed, none), reached (bool; null without a moment),
        progress ("5 of 7"), deadline (date), days_left (to the deadline; null unless open), status: on track (the
        moment is reached, or as far as it should be by now; without a moment at least as likely to stay as is usual
        in its segment), at risk, or missed.
    """
    now = pd.Timestamp(launch.as_of)
    so_far = early[early["account_id"].isin(young["account_id"])]
    keys = zip(so_far["account_id"], so_far["behaviour"], so_far["within_days"], strict=True)
    done: Done = dict(zip(keys, so_far["count"].astype("int64"), strict=True))
    targets = {name: _targets(early, part, launch) for name, part in cohorts.groupby("segment")}
    rows = []
    likely = young["adoption_probability"] >= expected
    columns = (young["account_id"], young["segment"], datetimes(young["signed_on"]), likely)
    for account, segment, signed, usual in zip(*columns, strict=True):
        own = [m for m in moments if m["segment"] == segment] or [m for m in moments if m["segment"] == ALL]
        told = [_step(m, done.get((account, behaviour_of(m), m["within_days"]), 0), signed, now) for m in own]
        row = min(told, key=lambda s: s[0])[1] if told else _said(NO_MOMENT, "none", ON_TRACK if usual else AT_RISK)
        if row["moment_status"] in ("none", "missed"):
            row["next_step"] += _further(targets.get(segment, {}), done, account, signed, now)
        rows.append(row)
    names = ["next_step", "moment_status", "reached", "progress", "deadline", "days_left", "status"]
    typed = {"days_left": "Int64", "reached": "boolean", "deadline": "datetime64[us]", "progress": "str"}
    return pd.DataFrame(rows, index=young.index, columns=names).astype(typed)


def _said(step: str, moment_status: str, status: str, **more: Any) -> dict[str, Any]:
    empty = {"reached": None, "progress": None, "deadline": None, "days_left": None}
    return {"next_step": step, "moment_status": moment_status, "status": status, **empty, **more}


def _step(
    moment: Mapping[str, Any], done: int, signed: pd.Timestamp, now: pd.Timestamp
) -> tuple[tuple[int, int], dict[str, Any]]:
    """How near an account is to one moment (to sort by), and what to say about it."""
    within, count, behaviour = int(moment["within_days"]), int(moment["count"]), behaviour_of(moment)
    deadline, missing = signed + pd.Timedelta(days=within), count - done
    facts = {"progress": f"{done} of {count}", "deadline": deadline, "reached": missing <= 0}
    if missing <= 0:
        reached = f"Moment reached: {said(behaviour, done)}, {count} needed"
        return (1, 0), _said(reached, "reached", ON_TRACK, **facts)
    if deadline <= now:
        late = f"Moment missed: {said(behaviour, done)} in the first {within} days, {count} needed"
        return (2, missing), _said(late, "missed", MISSED, **facts)
    due = np.floor(count * (now - signed).days / within)  # at an even pace
    step = f"{said(behaviour, missing, more=True)} before {deadline.date().isoformat()}"
    facts["days_left"] = (deadline - now).days
    return (0, missing), _said(step, "open", ON_TRACK if done >= due else AT_RISK, **facts)


def _targets(early: pd.DataFrame, segment: pd.DataFrame, launch: Launch) -> dict[int, list[tuple[str, int]]]:
    """Per window: the behaviours that separate those of a segment that stayed from those that did not, the most
    telling first, each with the median count of those that stayed.

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
    found: dict[int, list[tuple[str, int]]] = {}
    for within, name in sorted(tried, key=lambda key: tried[key][0]):
        if passes[within, name] and tried[within, name][1] >= 1:
            found.setdefault(within, []).append((name, int(tried[within, name][1])))
    return found


def _further(
    targets: Mapping[int, list[tuple[str, int]]], done: Done, account: Any, signed: pd.Timestamp, now: pd.Timestamp
) -> str:
    """What accounts of the segment that stayed had done by the next landmark, and this one has not."""
    age = (now - signed).days
    for within in sorted(w for w in targets if w > age):
        for behaviour, typical in targets[within]:
            missing = typical - done.get((account, behaviour, within), 0)
            if missing > 0:
                by = (signed + pd.Timedelta(days=within)).date().isoformat()
                return f"; like those that stayed: {said(behaviour, missing, more=True)} before {by}"
    return ""
