"""The whole proposal for the health score: weights, curve thresholds, bands, segments, and who would move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from rind.common.facts.health import Bands, BandsFound, CurvesFound, Move, Moves, WeightsFound
from rind.common.families import FAMILIES
from rind.models.churn import family_shap
from rind.models.common.calendar import CELL
from rind.models.common.frames import KEYS, SEGMENT, datetimes
from rind.models.common.resampling import number
from rind.models.health.evidence import band_rates
from rind.models.health.fit import families
from rind.models.health.parts import curves, later_questions, no_curves, segments
from rind.models.health.score import HealthSpec, Override, score, weighted
from rind.models.health.weights import Tuning, known_rows, propose

__all__ = ["HealthProposal", "Tuning", "adopted", "moves", "moves_record", "tune"]


@dataclass(frozen=True)
class HealthProposal:
    """Everything that is proposed for the health score.

    Parameters
    ----------
    weights
        For all accounts, with SHAP's share.
    bands
        Limits, and on the later dates the churn rate of each band; the proposed limits call as many accounts red and
        green as today's, on the dates of the fit.
    curves
        The proposed thresholds that differ, with their own evidence beside the proposed weights alone.
    segments
        Segment -> a proposal of its own, beside what would hold else.
    moves
        One row per account of the last date: both scores and bands, largest move first, with the proposed weights
        whether recommended or not, and of the rest what is recommended.
    """

    weights: WeightsFound
    bands: BandsFound
    curves: CurvesFound
    segments: dict[str, WeightsFound]
    moves: pd.DataFrame


def tune(features: pd.DataFrame, explained: pd.DataFrame, spec: HealthSpec, tuning: Tuning) -> HealthProposal:
    """Propose weights, bands, curves and segments; `models.health.parts` says in which order, and at which level.

    Parameters
    ----------
    features
        One row per (account_id, as_of): the features of the curves, ``commercial__segment__now``?, ``calendar``? (see
        `models.common.calendar.cells`), churned (1/0, null = unknown). The moves are those of the last date.
    explained
        Of `models.churn.family_shap.explain`: out-of-sample SHAP totals; may be empty.
    spec
        Today's definition.
    """
    features = features.sort_values(KEYS).reset_index(drop=True)
    plain = spec.changed(segments={}, fit_usage_factor={})
    scored = _scored(features, plain)
    start = _start(scored, explained, tuning)
    weights = propose(scored, spec.weights, tuning, spec.green_from, start, _shap(explained, start, tuning))
    new = _same_bands(scored, start, plain, plain.changed(weights=weights["proposed"]), tuning)
    bands = _bands(scored, start, plain, new, tuning)
    questions = later_questions(features, scored, start, new, weights, tuning)
    curves_found = no_curves(weights["verdict"])
    if weights["evidence"]:
        curves_found = curves(features, scored, start, new, questions)
    of_segments = segments(scored, start, spec, weights, bands, questions)
    proposal = HealthProposal(weights, bands, curves_found, of_segments, pd.DataFrame())
    last = features[features["as_of"] == features["as_of"].max()]
    return replace(proposal, moves=moves(last, spec, adopted(spec, proposal, weights_too=True)))


def adopted(
    spec: HealthSpec, proposal: HealthProposal, weights_too: bool = False, all_of_it: bool = False
) -> HealthSpec:
    """The definition with what is recommended.

    Parameters
    ----------
    weights_too
        Take the weights for all, with their bands, whether recommended or not.
    all_of_it
        Take everything that was proposed, recommended or not.
    """
    changes: dict[str, Any] = {}
    if all_of_it or weights_too or proposal.weights["verdict"].recommend:
        limits = proposal.bands["proposed"]
        changes = {"weights": proposal.weights["proposed"]}
        changes |= {"amber_from": limits["amber_from"], "green_from": limits["green_from"]}
    if all_of_it or proposal.curves["verdict"].recommend:
        tried = {feature: (bad, good) for feature, (bad, good) in proposal.curves["proposed"].items()}
        changes["curves"] = spec.curves | tried
    own = {
        name: Override(weights=of["proposed"], curves=spec.segments.get(name, Override()).curves)
        for name, of in proposal.segments.items()
        if all_of_it or of["verdict"].recommend
    }
    return spec.changed(**changes, segments=spec.segments | own)


def moves(rows: pd.DataFrame, old: HealthSpec, new: HealthSpec) -> pd.DataFrame:
    """Both scores of the accounts of one date.

    Returns
    -------
    pandas.DataFrame
        One row per account, largest move first: account_id, current, proposed (0-100), move, current_band,
        proposed_band; accounts without a score are left out.
    """
    before, after = score(rows, old), score(rows, new)
    scores = pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "current": before["health_score"].round(1),
            "proposed": after["health_score"].round(1),
            "current_band": before["health_band"],
            "proposed_band": after["health_band"],
        }
    ).dropna(subset=["current", "proposed"])
    scores["move"] = (scores["proposed"] - scores["current"]).round(1)
    order = scores.assign(_size=scores["move"].abs()).sort_values(["_size", "account_id"], ascending=[False, True])
    return order.drop(columns="_size").reset_index(drop=True)


def _scored(features: pd.DataFrame, spec: HealthSpec) -> pd.DataFrame:
    more = {name: features[name] for name in ("churned", CELL) if name in features}
    if SEGMENT in features:
        more["segment"] = features[SEGMENT]
    return score(features, spec).assign(**more)


def _start(scored: pd.DataFrame, explained: pd.DataFrame, tuning: Tuning) -> pd.Timestamp | None:
    """The first date of the evidence: the start of the fold nearest to where the share of dates begins."""
    if not len(scored) or not len(explained):
        return None
    dates = np.sort(datetimes(known_rows(scored)["as_of"]).unique())
    if len(dates) < 2:
        return None
    wanted = pd.Timestamp(dates[min(int(len(dates) * (1 - tuning.settings.test_share)), len(dates) - 1)])
    starts = datetimes(explained.groupby("fold")["as_of"].min())
    starts = starts[starts <= dates[-1]]
    return pd.Timestamp(starts.iloc[(starts - wanted).abs().argmin()]) if len(starts) else None


def _shap(explained: pd.DataFrame, start: pd.Timestamp | None, tuning: Tuning) -> dict[str, float]:
    """SHAP's shares on the dates before the evidence, out of sample."""
    if start is None or not len(explained):
        return {}
    early = datetimes(explained["as_of"]) < start - pd.Timedelta(days=tuning.embargo_days)
    return family_shap.shares(explained[early & explained["sampled"]], FAMILIES)


def _same_bands(
    scored: pd.DataFrame, start: pd.Timestamp | None, old: HealthSpec, new: HealthSpec, tuning: Tuning
) -> HealthSpec:
    """The new definition with limits, whole numbers, that call as many rows of the fit red and green as today's."""
    fit, _ = tuning.split(scored, start)
    if not len(fit) or new.weights == old.weights:
        return new
    points = families(fit, old.weights)
    before, after = weighted(points, old.weights).dropna(), weighted(points, new.weights).dropna()
    if not len(before):
        return new
    amber, green = (float(np.quantile(after, float((before < f).mean()))) for f in (old.amber_from, old.green_from))
    return new.changed(amber_from=float(round(amber)), green_from=float(max(round(green), round(amber))))


def _bands(
    scored: pd.DataFrame, start: pd.Timestamp | None, old: HealthSpec, new: HealthSpec, tuning: Tuning
) -> BandsFound:
    """Both definitions' limits and the churn rates of their bands on the later dates."""
    _, test = tuning.split(scored, start)
    points = families(test, old.weights)

    def of(spec: HealthSpec) -> Bands:
        rates = band_rates(test, weighted(points, spec.weights), spec, tuning.draws, tuning.seed)
        return {"amber_from": spec.amber_from, "green_from": spec.green_from, "churn": rates}

    return {"current": of(old), "proposed": of(new)}


def moves_record(table: pd.DataFrame, names: Mapping[Any, str], top: int = 20) -> Moves:
    """Of the moves (`moves`) the counts, who changes band, and the ``top`` accounts."""
    changed = table[table["current_band"] != table["proposed_band"]]

    def entries(rows: pd.DataFrame) -> list[Move]:
        return [
            {"account_id": r["account_id"], "name": names.get(r["account_id"], ""), "current": number(r["current"]),
             "proposed": number(r["proposed"]), "current_band": r["current_band"], "proposed_band": r["proposed_band"]}
            for r in rows.to_dict("records")
        ]  # fmt: skip

    return {
        "accounts": len(table),
        "change_band": len(changed),
        "who": changed["account_id"].tolist(),
        "changed": entries(changed),
        "most": entries(table.head(top)),
    }
