"""Curves and segments: what is asked of the health score only after the weights of all accounts.

The weights for all are the first question, judged at 95 %. Curves are tried under the proposed weights, and segments
beside what then holds for all; so both are recommended only where those weights stand: recommended, or the same as
today's. These later questions are judged together (Bonferroni: each at 1 - 0.05 / questions, with as many times the
bootstrap draws, so that its tails hold as many). In that order the chance that anything is recommended without need
stays below 5 %. Source: serial gatekeeping, Dmitrienko and Tamhane, Pharmaceutical Statistics 6 (2007).

Curves of a segment's own are not proposed: company-wide ones, with all the departures, gained nothing beyond chance on
the demo companies, and a segment has a third of them. Who knows better writes them under ``health.segments``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from rind.models.common.resampling import LEVEL
from rind.models.health.curves import propose_curves
from rind.models.health.evidence import compare, departed, verdict
from rind.models.health.fit import families
from rind.models.health.score import HealthSpec, score, weighted
from rind.models.health.spec import Curve
from rind.models.health.weights import TuneSettings, known_rows, propose, split

FIRST = "it was judged beside weights for all that are not recommended, so it is not either"


@dataclass(frozen=True)
class Later:
    """The questions after the first.

    Parameters
    ----------
    curves
        Feature -> today's curve and the tried one.
    segments
        Those with enough departures, before and in the dates that judge.
    settings
        With the level and the draws of one of so many questions.
    asked
        The weights for all stand.
    """

    curves: Mapping[str, tuple[Curve, Curve]]
    segments: tuple[str, ...]
    settings: TuneSettings
    asked: bool


def later(
    features: pd.DataFrame,
    scored: pd.DataFrame,
    start: pd.Timestamp | None,
    new: HealthSpec,
    found: Mapping[str, Any],
    settings: TuneSettings,
) -> Later:
    """What is asked after the weights for all (``found``); counted before any answer is known."""
    if not found["evidence"]:
        return Later({}, (), settings, asked=False)
    fit, _ = split(known_rows(features), start, settings.test_share, settings.embargo_days)
    tried = propose_curves(fit, new.curves, settings.curves)
    curves = {a.feature: (a, b) for a, b in zip(new.curves, tried, strict=True) if a != b}
    segments = _carried(scored, start, settings)
    questions = max(bool(curves) + len(segments), 1)
    each = replace(settings, level=1 - (1 - LEVEL) / questions, draws=settings.draws * questions)
    stands = found["recommend"] or found["proposed"] == found["current"]
    return Later(curves, segments, each, asked=bool(stands))


def curves(
    features: pd.DataFrame, scored: pd.DataFrame, start: pd.Timestamp | None, new: HealthSpec, asked: Later
) -> dict[str, Any]:
    """Curve thresholds from the dates of the fit, judged on the later ones under the proposed weights."""
    settings = asked.settings
    if not asked.curves:
        return no_curves("No curve came clearly closer to what happened; today's thresholds stand.")
    _, test = split(known_rows(features), start, settings.test_share, settings.embargo_days)
    old = weighted(families(scored.loc[test.index], new.weights), new.weights)
    tried = tuple(asked.curves[c.feature][1] if c.feature in asked.curves else c for c in new.curves)
    bent = score(test, replace(new, curves=tried))["health_score"]
    evidence = compare(test, old, bent, new.green_from, settings.draws, settings.seed, settings.level)
    return {
        "current": {f: [a.bad, a.good] for f, (a, _) in asked.curves.items()},
        "proposed": {f: [b.bad, b.good] for f, (_, b) in asked.curves.items()},
        "evidence": evidence,
        **_gated(verdict(evidence, "today's thresholds stand"), asked),
    }


def no_curves(words: str) -> dict[str, Any]:
    """What is said of curves where none was tried."""
    return {"proposed": {}, "current": {}, "evidence": None, "recommend": False, "words": words}


def segments(
    scored: pd.DataFrame, start: pd.Timestamp | None, spec: HealthSpec, found: Mapping[str, Any], asked: Later
) -> dict[str, Any]:
    """A proposal for each segment that the data carry, beside what would hold for it else, with the bands of that."""
    held = replace(asked.settings, ridge=asked.settings.segment_ridge)
    rows = known_rows(scored)
    general = found["proposed"] if found["recommend"] else spec.weights
    green_from = found["bands"]["proposed"]["green_from"] if found["recommend"] else spec.green_from
    result = {}
    for name in asked.segments:
        override = spec.segments.get(name)
        current = (override.weights if override and override.weights else None) or general
        own = rows[rows["segment"] == name]
        proposal = propose(own, current, held, green_from, start, near=found["strengths"])
        result[name] = _gated(proposal, asked)
    return result


def _carried(scored: pd.DataFrame, start: pd.Timestamp | None, settings: TuneSettings) -> tuple[str, ...]:
    if "segment" not in scored:
        return ()
    parts = split(known_rows(scored), start, settings.test_share, settings.embargo_days)
    names = sorted(parts[0]["segment"].dropna().unique())
    fewest = {name: min(departed(part[part["segment"] == name]) for part in parts) for name in names}
    return tuple(str(name) for name in names if fewest[name] >= settings.fewest_departed)


def _gated(answer: dict[str, Any], asked: Later) -> dict[str, Any]:
    if asked.asked or not answer["recommend"]:
        return answer
    return answer | {"recommend": False, "words": f"{answer['words'].rstrip('.')}; but {FIRST}."}
