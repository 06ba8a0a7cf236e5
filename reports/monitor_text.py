"""Whether the model is still good, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from rind.common.facts.figures import Figure
from rind.common.facts.monitor import MonitorRecord, Sign
from rind.reports.formats import percent

ANSWERS = {
    "hold": "Hold: the model is as good as it promised.",
    "look": "Look: what goes into the model has moved.",
    "retrain": "Retrain: the scores have been wrong beyond chance.",
}


def reasons(noticed: Sequence[Sign], measured: MonitorRecord) -> list[str]:
    """Why the monitor answers as it does: one sentence a sign, or that nothing speaks against holding."""
    return [_sentence(sign, measured) for sign in noticed] or ["Ranking, departures and inputs are as they were."]


def lines(record: MonitorRecord) -> list[str]:
    """The answer, its reasons and the figures behind them, one line each."""
    figures = (
        ("AUC seen on the latest dates", record["seen_auc"]),
        ("AUC that their scores promised", record["promised_auc"]),
        ("AUC seen before", record["seen_auc_before"]),
        ("AUC to expect of today's scores", record["expected_auc"]),
    )  # fmt: skip
    measured = [f"{title}: {_figure(figure)}" for title, figure in figures]
    return [ANSWERS[record["answer"]], *record["why"], "", *measured]


def _figure(figure: Figure) -> str:
    if figure["value"] is None:
        return "not measured"
    if figure["low"] is None or figure["high"] is None:
        return f"{figure['value']:.3f}"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _sentence(sign: Sign, measured: MonitorRecord) -> str:
    if sign.kind == "family_moved":
        family = measured["drift"][sign.family]
        return (
            f"{sign.family.capitalize()} lies elsewhere than in the past: index {family['psi']:.2f} (0.25 is another "
            f"population), {family['moved']} of {family['features']} features; "
            f"it makes {percent(family['share_of_shap'])} of what moves today's scores."
        )
    if sign.kind == "scores_moved":
        return (
            f"Today's scores lie elsewhere than in the past: index {measured['scores_psi']:.2f}; below 0.25 is usual."
        )
    if sign.kind == "rate_moved":
        now, before = measured["base_rate"]["value"], measured["base_rate_before"]["value"]
        return (
            f"{percent(now, 1)} of the accounts left within the horizon on the latest dates, {percent(before, 1)} on "
            "those before."
        )
    if sign.kind == "ranks_worse":
        measured_auc, promised = measured["seen_auc"]["value"], measured["promised_auc"]["value"]
        return f"On the latest dates the scores ranked with an AUC of {measured_auc:.3f}; they promised {promised:.3f}."
    departures = measured["departures"]
    if sign.kind == "too_few":
        return f"{departures['accounts']} accounts left on the latest dates: too few to judge the ranking."
    more = "more" if sign.kind == "more_left" else "fewer"
    return (
        f"{departures['seen']:.0f} accounts left within the horizon of a date, {more} than the "
        f"{departures['expected']:.0f} that the scores expected."
    )
