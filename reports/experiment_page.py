"""What a change at a date did, as one page that can be sent."""

from __future__ import annotations

from typing import Any

from rind.common.facts.experiment import ExperimentDocument, OutcomeEffect
from rind.reports.experiment_text import OUTCOMES, title_of, verdict_of
from rind.reports.templating import environment


def render_experiment(document: ExperimentDocument, company: str) -> str:
    """One HTML document that needs nothing else: no script, no address, no name of an account or a person."""
    return environment().get_template("experiment.html.j2").render(
        company=company,
        document=document,
        rows=[_row(record, document["horizon_days"]) for record in document["outcomes"]],
        overlap=[_bin(part) for part in document["overlap"] if part["treated"] or part["comparable"]],
    )  # fmt: skip


def _row(record: OutcomeEffect, horizon_days: int) -> dict[str, Any]:
    text, measured = OUTCOMES[record["outcome"]], record["effect"] is not None
    signed = record["outcome"] != "churn"
    return {
        "title": title_of(record, horizon_days),
        "own": text.number(record["own"], signed),
        "without": text.number(record["without"], signed),
        "effect": text.interval(record),
        "expected": text.number(record["expected"]),
        "raw": text.number(record["raw"]),
        "placebo": text.number(record["placebo"]),
        "placebo_p": record["placebo_p"],
        "accounts": record["accounts"] if measured else None,
        "comparable": record["comparable"] if measured else None,
        "verdict": verdict_of(record),
        "shown": record["direction"] in ("up", "down"),
    }


def _bin(part: Any) -> dict[str, Any]:
    high = "more" if part["high"] is None else f"{part['high']:g}"
    return {"times": f"{part['low']:g} to {high}", "changed": part["treated"], "others": part["comparable"]}
