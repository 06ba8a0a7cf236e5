"""The forecast and its record in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rind.reports.formats import percent

BETTER = {
    "model": "This forecast was nearer to what came than last year's rates alone, beyond chance",
    "naive": "Last year's rates alone were nearer to what came than this forecast, beyond chance",
    "cannot_tell": "Whether this forecast or last year's rates alone are nearer cannot be told from so few quarters",
}


def record_sentences(record: Mapping[str, Any]) -> list[str]:
    """What the past forecasts were worth; one sentence that says so where no quarter is over."""
    quarters = int(record.get("quarters") or 0)
    if not quarters:
        return ["No quarter that was forecast is over yet, so the forecast has no record."]
    sentences = [
        f"Over {_quarters(quarters)} the forecast missed what was still there at the end by "
        f"{_share(record['error'])} of the ARR on average{_bias(record.get('bias'))}.",
        f"In {record['covered']} of {_quarters(quarters)} what came lay inside the 80 % interval.",
    ]
    if record.get("compared"):
        sentences.append(
            f"Over the {_quarters(record['compared'])} that both forecast, this forecast missed by "
            f"{_share(record['compared_error'])} and last year's rates by segment by {_share(record['naive_error'])}. "
            f"{BETTER[str(record['better'])]}."
        )
    if record.get("months"):
        sentences.append(
            f"Single months, forecast up to three months ahead, were missed by {_share(record['months_error'])} on "
            f"average; in {record['months_covered']} of {record['months']} what came lay inside the interval."
        )
    return sentences


def _quarters(count: int) -> str:
    return "1 quarter" if count == 1 else f"{count} quarters"


def _share(value: Any) -> str:
    return percent(value, 1)


def _bias(value: Any) -> str:
    if value is None or abs(value) < 0.0005:
        return ""
    return f", {_share(abs(value))} too {'much' if value > 0 else 'little'} on balance"


FORECAST_NOTES = (
    "Only who paid on the day of the forecast is counted, no new customers.",
    "Who leaves by then is what the model of that day said, along its curve of leaving over the year where it has one; "
    "else its probability is brought from its horizon to the end of the period.",
    "This forecast combines the model with last year's rates. Who leaves is what the model says; how many leave in all "
    "lies halfway between both before any forecast was judged, and each quarter that is over moves it to what came. "
    "Where both are far apart and few quarters are over, the interval is wider. Where last year's rates are not known "
    "yet, it is the model's forecast alone.",
    "Those that stay shrink and grow as the models of contraction and expansion said on that day, by as much as such "
    "accounts did in the last quarters that were known; where no model tells it, as those of their segment did.",
    "At risk is what is expected to be lost, by leaving and by paying less; gross retention counts that alone, net "
    "retention the growth of those that stay, too.",
    "The interval holds 80 of 100 outcomes: chance, and a good or bad quarter that hits all accounts at once, as large "
    "as past quarters were.",
    "Last year's rates: the share of each segment's ARR that stayed in the last quarters that were known, applied to "
    "today's.",
)
