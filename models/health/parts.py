"""Curves and segments: the questions that follow the weights of all accounts.

The weights for all are the first question, judged at 95 %. Curves are tried under the proposed weights, and segments
beside what then holds for all. So both are recommended only where those weights hold: they are recommended, or the same
as today's. The later questions are judged together (Bonferroni: each at 1 - 0.05 / questions, with as many times the
bootstrap draws, so that as many lie in its tails). In that order the chance that anything is recommended without need
stays below 5 %. Source: serial gatekeeping, Dmitrienko and Tamhane, Pharmaceutical Statistics 6 (2007).

A segment gets no curves of its own: company-wide ones, with all the departures, gained nothing beyond chance on the
demo companies, and a segment has a third of the departures. A user who knows better writes them under
``health.segments``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from rind.common.facts.health import BandsFound, CurvesFound, Reason, Verdict, WeightsFound
from rind.models.common.resampling import LEVEL
from rind.models.health.curves import propose_curves
from rind.models.health.evidence import compare, departed, verdict
from rind.models.health.fit import families
from rind.models.health.score import HealthSpec, score, weighted
from rind.models.health.spec import Curve
from rind.models.health.weights import Tuning, known_rows, propose


@dataclass(frozen=True)
class LaterQuestions:
    """The questions after the weights for all.

    Parameters
    ----------
    curves
        Feature -> today's curve and the tried one.
    segments
        Those with enough departures, before and in the dates that judge.
    tuning
        With the level and the draws of one of so many questions.
    weights_hold
        The weights for all are recommended, or the same as today's.
    """

    curves: Mapping[str, tuple[Curve, Curve]]
    segments: tuple[str, ...]
    tuning: Tuning
    weights_hold: bool


def later_questions(
    features: pd.DataFrame,
    scored: pd.DataFrame,
    start: pd.Timestamp | None,
    new: HealthSpec,
    weights: WeightsFound,
    tuning: Tuning,
) -> LaterQuestions:
    """The questions after the proposed ``weights`` for all; counted before any answer is known."""
    if not weights["evidence"]:
        return LaterQuestions({}, (), tuning, weights_hold=False)
    fit, _ = tuning.split(features, start)
    tried = propose_curves(fit, new.curve_list, tuning.settings.curve_gain)
    curves = {a.feature: (a, b) for a, b in zip(new.curve_list, tried, strict=True) if a != b}
    segments = _large_enough(scored, start, tuning)
    questions = max(bool(curves) + len(segments), 1)
    each = replace(tuning, level=1 - (1 - LEVEL) / questions, draws=tuning.draws * questions)
    hold = weights["verdict"].recommend or weights["proposed"] == weights["current"]
    return LaterQuestions(curves, segments, each, weights_hold=hold)


def curves(
    features: pd.DataFrame,
    scored: pd.DataFrame,
    start: pd.Timestamp | None,
    new: HealthSpec,
    questions: LaterQuestions,
) -> CurvesFound:
    """Curve thresholds from the dates of the fit, judged on the later ones under the proposed weights."""
    tuning = questions.tuning
    if not questions.curves:
        return no_curves(Verdict(Reason.NO_CLOSER_CURVE))
    _, test = tuning.split(features, start)
    old = weighted(families(scored.loc[test.index], new.weights), new.weights)
    tried = {feature: (curve.bad, curve.good) for feature, (_, curve) in questions.curves.items()}
    bent = score(test, new.changed(curves=new.curves | tried))["health_score"]
    evidence = compare(test, old, bent, new.green_from, tuning.draws, tuning.seed, tuning.level)
    return {
        "current": {f: [a.bad, a.good] for f, (a, _) in questions.curves.items()},
        "proposed": {f: [b.bad, b.good] for f, (_, b) in questions.curves.items()},
        "evidence": evidence,
        "verdict": _gated(verdict(evidence), questions),
    }


def no_curves(why: Verdict) -> CurvesFound:
    """Nothing, where no curve was tried."""
    return {"proposed": {}, "current": {}, "evidence": None, "verdict": why}


def segments(
    scored: pd.DataFrame,
    start: pd.Timestamp | None,
    spec: HealthSpec,
    weights: WeightsFound,
    bands: BandsFound,
    questions: LaterQuestions,
) -> dict[str, WeightsFound]:
    """A proposal for each segment with enough data, beside what would hold for it else, with the bands of that."""
    tuning = questions.tuning.changed(ridge=questions.tuning.settings.segment_ridge)
    rows = known_rows(scored)
    adopt = weights["verdict"].recommend
    general = weights["proposed"] if adopt else spec.weights
    green_from = bands["proposed"]["green_from"] if adopt else spec.green_from
    result = {}
    for name in questions.segments:
        override = spec.segments.get(name)
        current = (override.weights if override and override.weights else None) or general
        own = rows[rows["segment"] == name]
        proposal = propose(own, current, tuning, green_from, start, near=weights["strengths"])
        proposal["verdict"] = _gated(proposal["verdict"], questions)
        result[name] = proposal
    return result


def _large_enough(scored: pd.DataFrame, start: pd.Timestamp | None, tuning: Tuning) -> tuple[str, ...]:
    """The segments of which enough accounts left, in the dates of the fit and of the test."""
    if "segment" not in scored:
        return ()
    parts = tuning.split(scored, start)
    names = sorted(parts[0]["segment"].dropna().unique())
    fewest = {name: min(departed(part[part["segment"] == name]) for part in parts) for name in names}
    return tuple(str(name) for name in names if fewest[name] >= tuning.settings.fewest_departed)


def _gated(answer: Verdict, questions: LaterQuestions) -> Verdict:
    """Nothing is recommended that was judged beside weights for all that do not hold."""
    return answer if questions.weights_hold or not answer.recommend else replace(answer, weights_first=True)
