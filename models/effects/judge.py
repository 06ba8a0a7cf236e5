"""What each playbook did, and whether that is shown: overlap, placebo and chance decide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.facts.effects import EffectRecord, MeasuredEffect, Reason, Verdict
from rind.models.common.holm import holm
from rind.models.effects.comparison import UNTREATED
from rind.models.effects.doubly_robust import Estimate, effect_on_treated
from rind.models.effects.nuisances import (
    Bools,
    Floats,
    Learner,
    chance_to_get,
    folds_by_account,
    matrix,
    untreated_outcome,
)
from rind.models.effects.overlap import comparable, overlap_bins
from rind.models.effects.playbook_changes import (
    JUDGED,
    PREFIX,
    change_records,
    corrected_changes,
    nothing_measured,
)
from rind.models.effects.settings import EffectSettings

MRR = "commercial__mrr__now"
PLACEBO = "commercial__mrr_change__91d"
WITNESSES = (
    PLACEBO, "commercial__mrr__91d", "commercial__mrr_change__364d", "commercial__mrr__364d",
    "commercial__expansions__364d", "commercial__contractions__364d", "commercial__since_contraction__ever",
)  # fmt: skip
"""Nobody is made comparable by the past of the mrr, so it can witness whether those compared are alike."""
EXTREME = 0.999


@dataclass(frozen=True)
class Prepared:
    """The rows of all playbooks, with what each would do without any."""

    rows: pd.DataFrame
    learner: Learner
    fold: npt.NDArray[np.intp]
    account: npt.NDArray[np.intp]
    left: Floats
    expected: Floats
    past: Floats
    expected_past: Floats
    changes: dict[str, tuple[Floats, Floats]]


def effects(rows: pd.DataFrame, settings: EffectSettings, threads: int, seed: int) -> list[EffectRecord]:
    """What each playbook did, the most often used first.

    Parameters
    ----------
    rows
        Of `comparison.comparison_rows`, with the features of the snapshot (columns with ``__``) and churn_probability
        by a model that was trained before it.
    """
    counts = rows.loc[rows["playbook"] != UNTREATED, "playbook"].value_counts()
    if counts.empty:
        return []
    prepared = prepare(rows.reset_index(drop=True), settings, threads, seed)
    records = [_judged(prepared, str(name), settings) for name in counts.index]
    return _corrected(records, settings.error_rate)


def prepare(rows: pd.DataFrame, settings: EffectSettings, threads: int, seed: int) -> Prepared:
    """The covariates, and for each row what it would do without an intervention, by models of other accounts."""
    base = log_odds(rows["churn_probability"])
    day = (rows["as_of"] - rows["as_of"].min()).dt.days
    known = rows[[*covariates(rows), "interventions_before"]].assign(score=base, day=day)
    learner = Learner(matrix(known), threads, seed)
    fold = folds_by_account(rows["account_id"], settings.folds, seed)
    untreated = (rows["playbook"] == UNTREATED).to_numpy()
    left = rows["churned"].to_numpy("float64")
    past = _numbers(rows, PLACEBO)
    expected_past = expected_change(learner, past, untreated, fold)
    account = np.asarray(pd.factorize(rows["account_id"])[0], dtype=np.intp)
    expected = untreated_outcome(learner, left, untreated, fold, base)
    changes = {}
    for outcome in JUDGED:
        change = _numbers(rows, PREFIX + outcome.name)
        changes[outcome.name] = (change, expected_change(learner, change, untreated, fold))
    return Prepared(rows, learner, fold, account, left, expected, past, expected_past, changes)


def _numbers(rows: pd.DataFrame, name: str) -> Floats:
    """A column; all unknown where there is none."""
    return rows[name].to_numpy("float64", na_value=np.nan) if name in rows else np.full(len(rows), np.nan)


def covariates(rows: pd.DataFrame) -> list[str]:
    """The features that make accounts comparable."""
    return [str(name) for name in rows if "__" in str(name) and name not in WITNESSES]


def log_odds(probability: pd.Series) -> Floats:
    """Of leaving, never quite sure."""
    score = np.clip(probability.to_numpy("float64"), 1 - EXTREME, EXTREME)
    return np.asarray(np.log(score / (1 - score)), dtype=np.float64)


def expected_change(learner: Learner, change: Floats, untreated: Bools, fold: npt.NDArray[np.intp]) -> Floats:
    """What each row's change would be without an intervention; NaN where too few untreated rows have a known one."""
    known = np.isfinite(change)
    if not known.any() or len(np.unique(fold[known & untreated])) < len(np.unique(fold)):
        return np.full(len(change), np.nan)
    return untreated_outcome(learner, change, untreated & known, fold, None)


def _judged(prepared: Prepared, playbook: str, settings: EffectSettings) -> EffectRecord:
    rows = prepared.rows
    own = (rows["playbook"] == playbook).to_numpy()
    same_dates = rows["as_of"].isin(rows.loc[own, "as_of"]).to_numpy()
    compared = own | ((rows["playbook"] == UNTREATED).to_numpy() & same_dates)
    record = _described(rows[own], rows[compared & ~own], playbook)
    left_accounts = rows.loc[compared & (prepared.left > 0), "account_id"].nunique()
    if rows.loc[own, "account_id"].nunique() < settings.fewest_accounts or left_accounts < settings.fewest_left:
        return record
    if not (compared & ~own).any() or not np.isfinite(prepared.expected[compared]).all():
        return record
    chance = chance_to_get(prepared.learner, own, compared, prepared.fold)
    kept = comparable(chance, own, compared, settings)
    dropped = 1 - float((kept & own).sum() / own.sum())
    record |= {"dropped": dropped, "overlap": overlap_bins(chance, own, compared)}
    if dropped > settings.most_dropped or not (kept & ~own).any():
        return record | {"reason": "no_overlap"}
    record = {**record, **_measured(prepared, kept, own, chance)}
    record["changes"] = change_records(prepared.changes, kept, own, chance, prepared.account, settings.fewest_accounts)
    placebo = _placebo(prepared, kept, own, chance)
    if placebo is None:
        return record | {"reason": "no_placebo"}
    fails = placebo.p_value < settings.least_placebo_p
    reason: Reason = "placebo_fails" if fails else ""
    return record | {"placebo": placebo.effect, "placebo_p": placebo.p_value, "reason": reason}


def _described(own: pd.DataFrame, untreated: pd.DataFrame, playbook: str) -> EffectRecord:
    """What is known before anything is estimated."""
    rates = [float(part["churned"].mean()) if len(part) else None for part in (own, untreated)]
    raw = None if rates[0] is None or rates[1] is None else rates[0] - rates[1]
    return EffectRecord(
        playbook=playbook, accounts=own["account_id"].nunique(), starts=len(own),
        comparable=untreated["account_id"].nunique(), effect=None, low=None, high=None, p_value=None,
        rate=rates[0], rate_expected=None, raw=raw, rate_untreated=rates[1],
        risk=float(own["churn_probability"].mean()),
        risk_untreated=float(untreated["churn_probability"].mean()) if len(untreated) else None,
        dropped=None, overlap=[], placebo=None, placebo_p=None, verdict="cannot_tell", reason="too_few",
        mrr_saved=None, mrr_saved_low=None, mrr_saved_high=None, cost=_cost(own), roi=None,
        changes=nothing_measured("too_few"),
    )  # fmt: skip


def _cost(own: pd.DataFrame) -> float | None:
    return float(own["cost"].sum()) if own["cost"].notna().any() else None


def _measured(prepared: Prepared, kept: Bools, own: Bools, chance: Floats) -> MeasuredEffect:
    """The effect on the starts that are kept, and what it is worth."""
    rows = prepared.rows
    estimate = _estimate(prepared.left, prepared.expected, prepared, kept, own, chance)
    low, high = estimate.interval()
    treated = rows[kept & own]
    mrr = float(treated[MRR].astype("float64").sum()) if MRR in treated else None
    saved, saved_low, saved_high = (None if mrr is None else -mrr * x for x in (estimate.effect, high, low))
    cost = _cost(treated)
    rate = float(treated["churned"].mean())
    return MeasuredEffect(
        accounts=treated["account_id"].nunique(), starts=len(treated),
        comparable=rows.loc[kept & ~own, "account_id"].nunique(),
        effect=estimate.effect, low=low, high=high, p_value=estimate.p_value,
        rate=rate, rate_expected=rate - estimate.effect,
        mrr_saved=saved, mrr_saved_low=saved_low, mrr_saved_high=saved_high,
        cost=cost, roi=None if saved is None or not cost else (12 * saved - cost) / cost,
    )  # fmt: skip


def _placebo(prepared: Prepared, kept: Bools, own: Bools, chance: Floats) -> Estimate | None:
    """The same estimator on what had happened before the start; None where the past is not known."""
    known = kept & np.isfinite(prepared.past) & np.isfinite(prepared.expected_past)
    if not (known & own).any() or not (known & ~own).any():
        return None
    return _estimate(prepared.past, prepared.expected_past, prepared, known, own, chance)


def _estimate(
    outcome: Floats, expected: Floats, prepared: Prepared, kept: Bools, own: Bools, chance: Floats
) -> Estimate:
    return effect_on_treated(outcome[kept], own[kept], expected[kept], chance[kept], prepared.account[kept])


def _corrected(records: list[EffectRecord], error_rate: float) -> list[EffectRecord]:
    """P-values corrected for the number of playbooks, and the verdict that follows."""
    measured = [record for record in records if record["p_value"] is not None]
    corrected = holm([record["p_value"] or 0.0 for record in measured])
    for record, p_value in zip(measured, corrected, strict=True):
        record["p_value"] = float(p_value)
        record["verdict"] = _verdict(record, bool(p_value <= error_rate))
    corrected_changes(records, error_rate)
    return records


def _verdict(record: EffectRecord, shown: bool) -> Verdict:
    if record["reason"]:
        return "cannot_tell"
    if not shown:
        return "none_shown"
    return "helps" if (record["effect"] or 0.0) < 0 else "harms"
