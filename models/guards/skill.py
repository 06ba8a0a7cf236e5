"""Find a model, or a single feature, that predicts the outcome better than honest data allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from rind.common.facts.figures import NOT_MEASURED
from rind.common.facts.run import Metrics, Part
from rind.common.guards import Finding
from rind.models.common.calendar import TERM_END
from rind.models.common.frames import KEYS
from rind.models.common.resampling import Floats, outcome
from rind.models.common.snapshots import Snapshots
from rind.models.guards.settings import TellingFeature, TooGoodAuc

MOST_ROWS = 60_000
"""Of more rows every so many is looked at: an AUC near 1 is seen on fewer."""


def too_good_auc(metrics: Metrics, limits: TooGoodAuc) -> Finding:
    """Whether the model's AUC out of sample is beyond what the field allows, over all or near term ends.

    Parameters
    ----------
    metrics
        metrics.json: the figures of the model, and those of accounts whose term ends inside the horizon.
    """
    near: Part = metrics.get("renewals") or {}
    places: dict[str, tuple[Metrics | Part, float]] = {
        "over all": (metrics, limits.over_all),
        "among accounts whose term ends in the horizon": (near, limits.near_term_ends),
    }
    measured: dict[str, Any] = {}
    parts = []
    for place, (part, most) in places.items():
        auc = part.get("model", {}).get("auc") or NOT_MEASURED
        churned = _churned_accounts(part)
        measured[place] = {"auc": auc.get("value"), "low": (low := auc.get("low")), "churned_accounts": churned}
        if churned >= limits.fewest_churned and low is not None and low > most:
            parts.append(f"The AUC {place} is {auc['value']:.2f} ({auc['low']:.2f} to {auc['high']:.2f}).")
    left = near["rows"].get("base_rate") if near.get("rows") else None
    measured["left near term ends"] = left
    enough = _churned_accounts(near) >= limits.fewest_churned
    if left is not None and enough and left >= limits.left_near_term_ends:
        parts.append(f"Of those whose term ended in the horizon {left:.0%} left: the date tells who renews.")
    if not parts:
        return Finding("too_good_auc", "too good", limits.answer, measured=measured)
    evidence = f"{' '.join(parts)} No honest model of churn comes by that."
    check = (
        "Which column was filled in after the account had decided? Look at the features that move the scores most, and "
        "at term_ends_on first."
    )
    return Finding("too_good_auc", "too good", limits.answer, True, evidence, check, measured)


def _churned_accounts(part: Metrics | Part) -> int:
    return part["rows"].get("churned_accounts") or 0 if part.get("rows") else 0


def telling_feature(snapshots: Snapshots, limits: TellingFeature) -> Finding:
    """Whether one feature alone tells the outcome, or is there only for those who left.

    Parameters
    ----------
    snapshots
        Those with a known outcome.
    """
    known = snapshots.outcomes
    lost = int(known.loc[outcome(known["churned"]) == 1, "account_id"].nunique())
    if lost < limits.fewest_churned:
        return Finding("telling_feature", "too good", limits.answer, measured={"churned_accounts": lost})
    rows = snapshots.rows(known.iloc[:: max(1, -(-len(known) // MOST_ROWS))])
    best, parts = _best(rows, limits), list(_only_leavers(rows, limits))
    measured = {"churned_accounts": lost, **{f"best {place}": f for place, f in best.items()}}
    parts = [
        *(f"{f['feature']} alone has an AUC of {f['auc']:.2f} {p}" for p, f in best.items() if f["auc"] >= limits.auc),
        *parts,
    ]
    if not parts:
        return Finding("telling_feature", "too good", limits.answer, measured=measured)
    check = "Is it filled in, or changed, once the account has decided? Then it may only count from that time on."
    return Finding("telling_feature", "too good", limits.answer, True, f"{'; '.join(parts)}.", check, measured)


def _best(rows: pd.DataFrame, limits: TellingFeature) -> dict[str, dict[str, Any]]:
    """Place -> the feature with the highest AUC there."""
    places = {"over all": rows}
    if TERM_END in rows:
        places["near term ends"] = rows[rows[TERM_END].to_numpy("float64", na_value=0.0) > 0]
    best_of = {}
    for place, part in places.items():
        churned = outcome(part["churned"])
        if part.loc[churned == 1, "account_id"].nunique() < limits.fewest_churned or churned.min() == 1:
            continue
        aucs = {name: separation(part[name].to_numpy("float64", na_value=np.nan), churned) for name in _numeric(part)}
        if aucs:
            name = max(aucs, key=lambda n: aucs[n])
            best_of[place] = {"feature": name, "auc": round(aucs[name], 4)}
    return best_of


def separation(values: Floats, churned: Floats) -> float:
    """AUC of one feature in its better direction, an empty value counting as the lowest or the highest of all."""
    lost = churned == 1
    pairs = float(lost.sum()) * float((~lost).sum())
    best = 0.5
    for empty in (-np.inf, np.inf):
        ranks = rankdata(np.where(np.isnan(values), empty, values))
        auc = (ranks[lost].sum() - lost.sum() * (lost.sum() + 1) / 2) / pairs
        best = max(best, auc, 1 - auc)
    return float(best)


def _only_leavers(rows: pd.DataFrame, limits: TellingFeature) -> Iterator[str]:
    """Features that hardly anybody has who stayed."""
    lost = outcome(rows["churned"]) == 1
    accounts = rows["account_id"]
    all_lost = accounts[lost].nunique()
    for name in _features(rows):
        filled = rows[name].notna().to_numpy()
        if not filled.any() or filled.mean() > 0.5 or lost[filled].mean() < limits.share_left:
            continue
        share = accounts[filled & lost].nunique() / all_lost
        if share >= limits.share_of_churned:
            yield f"{name} is filled for {share:.0%} of those who left and for hardly anybody else"


def _features(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in (*KEYS, "churned")]


def _numeric(rows: pd.DataFrame) -> list[str]:
    return [name for name in _features(rows) if pd.api.types.is_numeric_dtype(rows[name])]
