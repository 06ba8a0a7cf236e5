"""Drift of inputs by family, and of the scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.common.facts.monitor import FamilyDrift
from rind.models.common.calendar import CALENDAR
from rind.models.common.frames import KEYS
from rind.models.evaluation.drift import BINS, LARGE, psi


def family_drift(past: pd.DataFrame, now: pd.DataFrame, explanations: pd.DataFrame) -> dict[str, FamilyDrift]:
    """Family -> how far its features lie from the past, the furthest first.

    The contract's calendar is left out: whose term ends soon changes every week and is no drift.

    Parameters
    ----------
    past, now
        One row per (account_id, as_of): the numeric features; empty where there is no past.
    explanations
        One row per (account_id, feature) of the scoring date: feature, shap_value.
    """
    if past.empty or now.empty:
        return {}
    sizes = explanations.assign(size=explanations["shap_value"].abs()).groupby("feature", observed=True)["size"].sum()
    part = sizes / sizes.sum() if sizes.sum() else sizes
    names = [n for n in now.columns if n not in (*KEYS, *CALENDAR) and pd.api.types.is_numeric_dtype(now[n])]
    chance = (BINS - 1) * (1 / len(now) + 1 / len(past))
    rows = []
    for name in names:
        before, current = (np.asarray(frame[name], dtype=np.float64) for frame in (past, now))
        rows.append((name.split("__", 1)[0], max(0.0, psi(before, current) - chance), float(part.get(name, 0.0))))
    table = pd.DataFrame(rows, columns=["family", "psi", "share"])
    drift = {str(family): _of(features) for family, features in table.groupby("family")}
    return dict(sorted(drift.items(), key=lambda item: -item[1]["psi"]))


def _of(features: pd.DataFrame) -> FamilyDrift:
    share = float(features["share"].sum())
    weights = features["share"] / share if share else pd.Series(1 / len(features), index=features.index)
    return {
        "psi": float((features["psi"] * weights).sum()),
        "moved": int((features["psi"] >= LARGE).sum()),
        "features": len(features),
        "share_of_shap": share,
    }


def score_drift(past: pd.Series[float], now: pd.Series[float]) -> float | None:
    """Population stability index of the scores, less what chance gives; None without a past."""
    if not len(past) or not len(now):
        return None
    chance = (BINS - 1) * (1 / len(now) + 1 / len(past))
    return max(0.0, psi(np.asarray(past, dtype=np.float64), np.asarray(now, dtype=np.float64)) - chance)
