"""Why a young account has its chance: what it did early that sets it apart from others of its age."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rind.common.facts.adoption import LANDMARK, ShapReason

MOST = 3
LEAST = 0.02
"""Log-odds below which a behaviour is not worth a sentence."""
FEWEST = 10
"""Accounts of a segment at a landmark from which on its median is what is usual; with fewer it is that of all."""
EARLY, SEGMENT = "early__", "start__segment__now"
BAD_NEWS = frozenset({"early__tickets_solved__now"})
"""Behaviours of which more is a worse sign; of all others more is a better one."""


def usual_counts(rows: pd.DataFrame) -> pd.DataFrame:
    """The median of each behaviour at the landmark of a row, in its segment.

    Parameters
    ----------
    rows
        Of `models.adoption.landmarks.landmark_rows`: every account, whatever became of it.

    Returns
    -------
    pandas.DataFrame
        On the index of ``rows``, one column per behaviour, counts; NaN where none is known.
    """
    names = [name for name in rows.columns if name.startswith(EARLY) and name != LANDMARK]
    group = rows.groupby([LANDMARK, SEGMENT])
    own = group[names].transform("median")
    return own.where(group[LANDMARK].transform("size") >= FEWEST, rows.groupby(LANDMARK)[names].transform("median"))


def reasons_of(latest: pd.DataFrame, usual: pd.DataFrame, shap: pd.DataFrame) -> dict[Any, tuple[ShapReason, ...]]:
    """Account -> what moves its chance most, at most `MOST`, strongest first.

    Only behaviours: age, segment, plan and price are known and cannot be changed. A behaviour is a reason where its
    count differs from the usual one in the direction in which it moves the chance; one subject speaks once.

    Parameters
    ----------
    latest
        One row per account, of `models.adoption.landmarks.landmark_rows`.
    usual
        Of `usual_counts`, on the same index.
    shap
        SHAP values on the log-odds of *not* staying, on the same index, one column per feature.
    """
    names = [str(name) for name in shap.columns if name in usual]
    pushes, counts = shap[names].to_numpy("float64"), latest[names].to_numpy("float64")
    medians, places = usual[names].to_numpy("float64"), [_subject(name) for name in names]
    good = np.array([-1.0 if name in BAD_NEWS else 1.0 for name in names])
    fits = (np.abs(pushes) >= LEAST) & (good * (counts - medians) * -pushes > 0)
    landmark, segment = latest[LANDMARK].astype("int64").tolist(), latest[SEGMENT].astype("str").tolist()
    reasons = {}
    for row, account in enumerate(latest["account_id"].tolist()):
        strongest = [n for n in np.argsort(-np.abs(pushes[row])) if fits[row, n]]
        first = {places[n]: n for n in reversed(strongest)}.values()
        chosen = [n for n in strongest if n in set(first)][:MOST]
        reasons[account] = tuple(
            ShapReason(
                names[n], counts[row, n], landmark[row], float(pushes[row, n]), float(medians[row, n]), segment[row]
            )
            for n in chosen
        )
    return reasons


def _subject(feature: str) -> str:
    """What a behaviour is about: ``early__users:reports__now`` and ``early__events:reports__now`` say one thing."""
    behaviour = feature.split("__")[1]
    return behaviour.partition(":")[2] or behaviour
