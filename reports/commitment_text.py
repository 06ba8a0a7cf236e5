"""The commitments of CSMs in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rind.common.facts.commitments import CATEGORIES, NONE
from rind.reports.formats import percent

TITLES: Mapping[str, str] = {
    "commit": "Commit",
    "best_case": "Best case",
    "at_risk": "At risk",
    NONE: "No commitment",
}
MEANINGS: Mapping[str, str] = {
    "commit": "it will still be paid",
    "best_case": "it may still be paid",
    "at_risk": "it may well be lost",
}
KEPT: Mapping[str, str] = {
    "commit": "Of the ARR that CSMs had committed, {share} was still paid at the end{model}.",
    "best_case": "Of the ARR that CSMs had called best case, {share} was still paid{model}.",
    "at_risk": "Of the ARR that CSMs had called at risk, {share} was still paid{model}.",
}


def commitment_text(category: str | None, quarter: str) -> str:
    """A commitment as an event: "Q3 2026: at risk, it may well be lost"."""
    known = str(category)
    meaning = MEANINGS.get(known, "")
    return f"{quarter}: {TITLES.get(known, TITLES[NONE]).lower()}{f', {meaning}' if meaning else ''}"


def commitment_sentences(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """What past commitments were worth; none where no quarter with commitments is over.

    Parameters
    ----------
    records
        `common.facts.commitments.CommitmentRecord`, those of one CSM or of the company.
    """
    quarters = {record.get("quarter") for record in records}
    if not quarters:
        return []
    past = "a past quarter" if len(quarters) == 1 else f"{len(quarters)} past quarters"
    sentences = [f"The commitments of {past} are judged, each as it stood when its quarter began."]
    for category in CATEGORIES:
        own = [record for record in records if record.get("category") == category]
        share, model = _mean(own, "kept"), _mean(own, "kept_by_model")
        if share is not None:
            beside = f"; the model had expected {percent(model)}" if model is not None else ""
            sentences.append(KEPT[category].format(share=percent(share), model=beside))
    return sentences


def _mean(records: Sequence[Mapping[str, Any]], name: str) -> float | None:
    """The mean of a share, weighted by the ARR; None where there is none."""
    known = [(record["arr"], record[name]) for record in records if record.get("arr") and record.get(name) is not None]
    whole = sum(arr for arr, _ in known)
    return sum(arr * share for arr, share in known) / whole if whole else None
