"""Whether the model is still good, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
    rules = rules_sentence(record.get("rules") or {})
    further = [rules] if rules and rules not in record["why"] else []
    return [ANSWERS[record["answer"]], *record["why"], *further, "", *measured]


def rules_sentence(rules: Mapping[str, Any]) -> str:
    """Whether other facts go with leaving than before, and what to do then; "" where nothing is known of it."""
    if not rules:
        return ""
    if rules.get("fired"):
        return str(rules.get("words") or "The rules have changed.")
    p_value = rules.get("p_value")
    if p_value is None:
        return f"Too few accounts left ({rules.get('churned_accounts') or 0}) to tell whether the rules have changed."
    return (
        f"No change of the rules is shown: on the dates from {rules.get('recent_from')} to {rules.get('recent_until')} "
        f"the facts went with leaving as before, within chance (p = {p_value:.2f})."
    )


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
    if sign.kind == "rules_changed":
        return rules_sentence(measured["rules"])
    departures = measured["departures"]
    if sign.kind == "too_few":
        return f"{departures['accounts']} accounts left on the latest dates: too few to judge the ranking."
    more = "more" if sign.kind == "more_left" else "fewer"
    return (
        f"{departures['seen']:.0f} accounts left within the horizon of a date, {more} than the "
        f"{departures['expected']:.0f} that the scores expected."
    )
