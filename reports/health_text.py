"""The proposal for the health score in words: why it is recommended or not, and where SHAP and the fit disagree."""

from __future__ import annotations

from collections.abc import Mapping

from rind.common.facts.health import (
    BandsFound,
    Comparison,
    CurvesFound,
    CurvesRecord,
    HealthRecord,
    Moves,
    Reason,
    Verdict,
    WeightsFound,
    WeightsRecord,
)
from rind.reports.formats import percent

HOUSE_LEVEL = 0.95
"""Of the intervals, unless several questions are judged together."""
AGREE_WITHIN = 0.1
"""Two shares that differ by less (parts of 1) are said to agree."""
WEIGHTS_STAND, THRESHOLDS_STAND = "today's weights stand", "today's thresholds stand"
SMALLEST_GAIN = 0.0005
"""A difference of AUC that rounds to nothing."""
WITHOUT_EVIDENCE = {
    Reason.NO_STRENGTH: "No family's score went with staying in the dates to learn from; today's weights stand.",
    Reason.SAME_AS_TODAY: "The fit comes out at today's weights; they stand.",
    Reason.NO_CLOSER_CURVE: "No curve came clearly closer to what happened; today's thresholds stand.",
}
WEIGHTS_FIRST = "it was judged beside weights for all that are not recommended, so it is not either"


def health_record(
    weights: WeightsFound, bands: BandsFound, curves: CurvesFound, segments: Mapping[str, WeightsFound], moves: Moves
) -> HealthRecord:
    """The content of health_score.json: the facts with their words."""
    return {
        **weights_record(weights),
        "compared": shares_compared(weights["shares"]["fit"], weights["shares"]["shap"]),
        "bands": bands,
        "curves": _curves_record(curves),
        "segments": {name: weights_record(of) for name, of in segments.items()},
        "moves": moves,
    }


def weights_record(proposal: WeightsFound) -> WeightsRecord:
    """A proposal of weights with its verdict in words."""
    return {
        "current": proposal["current"],
        "proposed": proposal["proposed"],
        "evidence": proposal["evidence"],
        "strengths": proposal["strengths"],
        "shares": proposal["shares"],
        "recommend": proposal["verdict"].recommend,
        "words": verdict_words(proposal["verdict"], proposal["evidence"]),
    }


def _curves_record(curves: CurvesFound) -> CurvesRecord:
    return {
        "current": curves["current"],
        "proposed": curves["proposed"],
        "evidence": curves["evidence"],
        "recommend": curves["verdict"].recommend,
        "words": verdict_words(curves["verdict"], curves["evidence"], THRESHOLDS_STAND),
    }


def verdict_words(verdict: Verdict, evidence: Comparison | None, otherwise: str = WEIGHTS_STAND) -> str:
    """Why a proposal is recommended, or not.

    Parameters
    ----------
    evidence
        What the verdict rests on; None where there was too little to judge.
    otherwise
        What holds where the proposal is not recommended.
    """
    if verdict.reason is Reason.TOO_FEW_DEPARTED:
        return (
            f"Too little to judge: {verdict.departed_in_fit} accounts left in the dates to learn from and "
            f"{verdict.departed_in_test} in the later ones to test on; {verdict.needed} of each are needed."
        )
    if evidence is None or verdict.reason in WITHOUT_EVIDENCE:
        return WITHOUT_EVIDENCE[verdict.reason]
    words = f"{_auc_change(evidence)}{_because(verdict.reason, otherwise)}"
    return f"{words.rstrip('.')}; but {WEIGHTS_FIRST}." if verdict.weights_first else words


def _auc_change(evidence: Comparison) -> str:
    difference = evidence["difference"]["auc"]
    gain, low, high = difference["value"] or 0.0, difference["low"] or 0.0, difference["high"] or 0.0
    level = evidence["level"]
    among = "" if level <= HOUSE_LEVEL else f", at {100 * level:.3g} % as one of several questions"
    if abs(gain) < SMALLEST_GAIN:
        return f"On later dates the proposal ranks accounts as well as today's score ({low:+.3f} to {high:+.3f}{among})"
    better, higher = ("better", "higher") if gain > 0 else ("worse", "lower")
    words = f"On later dates the proposal ranks accounts {better}: its AUC is {abs(gain):.3f} {higher}"
    return f"{words} ({low:+.3f} to {high:+.3f}{among})"


def _because(reason: Reason, otherwise: str) -> str:
    if reason is Reason.BETTER:
        return ", which is beyond chance."
    why = {
        Reason.CALENDAR_ONLY: ", but knowing the renewal dates alone gives as much",
        Reason.NO_BETTER_THAN_A_COIN: ", but the new score may rank no better than a coin",
        Reason.CATCHES_FEWER: ", but it catches fewer of the leavers",
        Reason.WORSE: ", which is beyond chance",
        Reason.CHANCE: ", which may be chance",
    }
    return f"{why[reason]}; {otherwise}."


def shares_compared(fit: Mapping[str, float], shap: Mapping[str, float]) -> list[str]:
    """Where SHAP and the fit disagree; SHAP importances are not weights.

    Parameters
    ----------
    fit, shap
        Family -> part of 1; empty where nothing was fitted, or explained.
    """
    if not fit or not shap:
        return ["SHAP had nothing to say before the dates of the evidence." if fit else "Nothing was fitted."]
    sentences = []
    for family in fit:
        gap = shap.get(family, 0.0) - fit[family]
        if abs(gap) < AGREE_WITHIN:
            continue
        facts = f"{family}: {percent(shap.get(family, 0.0))} of what moves the model, {percent(fit[family])} of the fit"
        more = "the model uses more of it than its curves show (other features, or ups and downs that they flatten)"
        less = "its curves alone say much of what the model finds in several families together"
        sentences.append(f"{facts}; {more if gap > 0 else less}.")
    return sentences or [f"SHAP and the fit agree within {percent(AGREE_WITHIN)} on every family."]
