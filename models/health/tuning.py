"""The whole proposal for the health score: weights, curve thresholds, bands, segments, and who would move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from rind.models.churn import family_shap
from rind.models.common.frames import KEYS, SEGMENT, datetimes
from rind.models.common.resampling import number
from rind.models.health.evidence import CELL, band_rates
from rind.models.health.fit import families
from rind.models.health.parts import curves, later, no_curves, segments
from rind.models.health.score import FAMILIES, HealthSpec, Override, score, weighted
from rind.models.health.weights import TuneSettings, known_rows, propose, split

CLEARLY = 0.1  # parts of 1: closer than this two shares are said to agree


def tune(features: pd.DataFrame, explained: pd.DataFrame, spec: HealthSpec, settings: TuneSettings) -> dict[str, Any]:
    """The content of ``health_score.json``.

    Parameters
    ----------
    features
        One row per (account_id, as_of): the features of the curves, ``commercial__segment__now``?, ``calendar``? (see
        `models.common.calendar.cells`), churned (1/0, null = unknown). The last date is the one whose moves are told.
    explained
        Of `models.churn.family_shap.explain`: out-of-sample SHAP totals; may be empty.
    spec
        Today's definition.

    Returns
    -------
    dict
        What `models.health.weights.propose` says, with SHAP's share and the fit's ``compared`` in words, and

        - ``bands``: ``current`` and ``proposed``: amber_from, green_from, and on the later dates the churn rate of
          each band; the proposed limits call as many accounts red and green as today's, on the dates of the fit
        - ``curves``: the proposed thresholds that differ, with their own evidence beside the proposed weights alone
        - ``segments``: segment -> a proposal of its own, beside what would hold else
        - ``moves``: one entry per account of the last date: both scores and bands, largest move first, with the
          proposed weights whether recommended or not, and of the rest what is recommended

        At which level each is judged, and in which order, says `models.health.parts`.
    """
    features = features.sort_values(KEYS).reset_index(drop=True)
    plain = replace(spec, segments={}, fit_usage_factor={})
    scored = _scored(features, plain)
    start = _start(scored, explained, settings)
    shap = _shap(explained, start, settings)
    found = propose(scored, spec.weights, settings, spec.green_from, start, shap)
    new = replace(plain, weights=found["proposed"])
    new = _same_bands(scored, start, plain, new, settings)
    found["compared"] = compared(found["shares"]["fit"], shap)
    found["bands"] = _bands(scored, start, plain, new, settings)
    asked = later(features, scored, start, new, found, settings)
    found["curves"] = curves(features, scored, start, new, asked) if found["evidence"] else no_curves(found["words"])
    found["segments"] = segments(scored, start, spec, found, asked)
    with_weights = adopted(spec, found | {"recommend": True})
    found["moves"] = moves(features[features["as_of"] == features["as_of"].max()], spec, with_weights)
    return found


def adopted(spec: HealthSpec, found: Mapping[str, Any], all_of_it: bool = False) -> HealthSpec:
    """The definition with what is recommended; or with everything that was proposed, recommended or not."""

    def taken(proposal: Mapping[str, Any]) -> bool:
        return all_of_it or bool(proposal["recommend"])

    weights, limits = dict(spec.weights), (spec.amber_from, spec.green_from)
    curves = {c.feature: c for c in spec.curves}
    if taken(found):
        weights = found["proposed"]
        limits = (found["bands"]["proposed"]["amber_from"], found["bands"]["proposed"]["green_from"])
    if taken(found["curves"]):
        for feature, (bad, good) in found["curves"]["proposed"].items():
            curves[feature] = replace(curves[feature], bad=bad, good=good)
    segments = dict(spec.segments)
    for name, of in found["segments"].items():
        if taken(of):
            segments[name] = Override(of["proposed"], segments.get(name, Override()).curves)
    return HealthSpec(weights, tuple(curves.values()), *limits, segments, spec.fit_usage_factor)


def compared(fit: Mapping[str, float], shap: Mapping[str, float]) -> list[str]:
    """Where SHAP and the fit disagree, in words; SHAP importances are not weights."""
    if not fit or not shap:
        return ["SHAP had nothing to say before the dates of the evidence." if fit else "Nothing was fitted."]
    said = []
    for family in fit:
        theirs, gap = shap.get(family, 0.0), shap.get(family, 0.0) - fit[family]
        if abs(gap) < CLEARLY:
            continue
        facts = f"{family}: {theirs:.0%} of what moves the model, {fit[family]:.0%} of the fit"
        more = "the model uses more of it than its curves show (other features, or ups and downs that they flatten)"
        less = "its curves alone say much of what the model finds in several families together"
        said.append(f"{facts}; {more if gap > 0 else less}.")
    return said or [f"SHAP and the fit agree within {CLEARLY:.0%} on every family."]


def moves(rows: pd.DataFrame, old: HealthSpec, new: HealthSpec) -> pd.DataFrame:
    """Both scores of the accounts of one date.

    Returns
    -------
    pandas.DataFrame
        One row per account, largest move first: account_id, current, proposed (0-100), move, current_band,
        proposed_band; accounts without a score are left out.
    """
    before, after = score(rows, old), score(rows, new)
    found = pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "current": before["health_score"].round(1),
            "proposed": after["health_score"].round(1),
            "current_band": before["health_band"],
            "proposed_band": after["health_band"],
        }
    ).dropna(subset=["current", "proposed"])
    found["move"] = (found["proposed"] - found["current"]).round(1)
    order = found.assign(_size=found["move"].abs()).sort_values(["_size", "account_id"], ascending=[False, True])
    return order.drop(columns="_size").reset_index(drop=True)


def _scored(features: pd.DataFrame, spec: HealthSpec) -> pd.DataFrame:
    more = {name: features[name] for name in ("churned", CELL) if name in features}
    if SEGMENT in features:
        more["segment"] = features[SEGMENT]
    return score(features, spec).assign(**more)


def _start(scored: pd.DataFrame, explained: pd.DataFrame, settings: TuneSettings) -> pd.Timestamp | None:
    """The first date of the evidence: the start of the fold nearest to where the share of dates begins."""
    if not len(scored) or not len(explained):
        return None
    dates = np.sort(datetimes(known_rows(scored)["as_of"]).unique())
    if len(dates) < 2:
        return None
    wanted = pd.Timestamp(dates[min(int(len(dates) * (1 - settings.test_share)), len(dates) - 1)])
    starts = datetimes(explained.groupby("fold")["as_of"].min())
    starts = starts[starts <= dates[-1]]
    return pd.Timestamp(starts.iloc[(starts - wanted).abs().argmin()]) if len(starts) else None


def _shap(explained: pd.DataFrame, start: pd.Timestamp | None, settings: TuneSettings) -> dict[str, float]:
    """SHAP's shares on the dates before the evidence, out of sample."""
    if start is None or not len(explained):
        return {}
    early = datetimes(explained["as_of"]) < start - pd.Timedelta(days=settings.embargo_days)
    return family_shap.shares(explained[early & explained["sampled"]], FAMILIES)


def _same_bands(
    scored: pd.DataFrame, start: pd.Timestamp | None, old: HealthSpec, new: HealthSpec, settings: TuneSettings
) -> HealthSpec:
    """The new definition with limits, whole numbers, that call as many rows of the fit red and green as today's."""
    fit, _ = split(known_rows(scored), start, settings.test_share, settings.embargo_days)
    if not len(fit) or new.weights == old.weights:
        return new
    points = families(fit, old.weights)
    before, after = weighted(points, old.weights).dropna(), weighted(points, new.weights).dropna()
    if not len(before):
        return new
    amber, green = (float(np.quantile(after, float((before < f).mean()))) for f in (old.amber_from, old.green_from))
    return replace(new, amber_from=float(round(amber)), green_from=float(max(round(green), round(amber))))


def _bands(
    scored: pd.DataFrame, start: pd.Timestamp | None, old: HealthSpec, new: HealthSpec, settings: TuneSettings
) -> dict[str, Any]:
    _, test = split(known_rows(scored), start, settings.test_share, settings.embargo_days)
    points = families(test, old.weights)
    found = {}
    for name, spec in (("current", old), ("proposed", new)):
        rates = band_rates(test, weighted(points, spec.weights), spec, settings.draws, settings.seed)
        found[name] = {"amber_from": spec.amber_from, "green_from": spec.green_from, "churn": rates}
    return found


def told(found: Mapping[str, Any], names: Mapping[Any, str], top: int = 20) -> dict[str, Any]:
    """The proposal as plain values: of the moves the counts, who changes band, and the ``top`` accounts."""
    table: pd.DataFrame = found["moves"]
    changed = table[table["current_band"] != table["proposed_band"]]

    def entries(rows: pd.DataFrame) -> list[dict[str, Any]]:
        return [
            {"account_id": r["account_id"], "name": names.get(r["account_id"], ""), "current": number(r["current"]),
             "proposed": number(r["proposed"]), "current_band": r["current_band"], "proposed_band": r["proposed_band"]}
            for r in rows.to_dict("records")
        ]  # fmt: skip

    moved = {
        "accounts": len(table),
        "change_band": len(changed),
        "who": changed["account_id"].tolist(),
        "changed": entries(changed),
        "most": entries(table.head(top)),
    }
    return {**found, "moves": moved}


__all__ = ["TuneSettings", "adopted", "compared", "moves", "told", "tune"]
