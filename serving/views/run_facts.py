"""What pages and downloads say about the run behind the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rind.common.bands import AMBER, RED
from rind.reports.facts import RunFacts, measures
from rind.serving.store.protocols import Week
from rind.serving.store.run_document import horizon_days
from rind.serving.views.week_cache import WeekCache

AMBER_FROM, GREEN_FROM = 45, 65
"""Where the bands of health begin for a run that did not write its limits down."""

ORDERS = {
    "risk": ("Most likely to leave", "their risk of leaving within {days} days"),
    "mrr_at_risk": ("Save this much first", "the ARR at risk within {days} days"),
    "expected_value": ("Most to keep by acting", "what acting on them is expected to keep"),
}
"""Value of ``risk.order`` -> the switch to that order, and what follows "accounts, by"."""


def _facts(week: Week) -> RunFacts:
    run, metrics = week.document("run") or {}, week.document("metrics") or {}
    facts: Mapping[str, Any] = run.get("facts") or {}
    scored_by = run.get("scored_by") or {}
    return RunFacts(
        company=str(facts.get("company") or "The company"),
        as_of=week.as_of,
        data_end=date.fromisoformat(str(run.get("data_end") or week.as_of)),
        horizon_days=horizon_days(run),
        red_from=float(facts.get("red_from") or _lowest_probability(week, RED)),
        amber_from=float(facts.get("amber_from") or _lowest_probability(week, AMBER)),
        measures=measures(metrics.get("model") or {}, metrics.get("baseline") or {}),
        model=str(facts.get("model") or f"{scored_by.get('name', '')} version {scored_by.get('version', '')}"),
        left_out=run.get("families_left_out") or {},
        notes=tuple(facts.get("notes") or ()),
        withheld=str(facts.get("withheld") or ""),
        too_good=str(facts.get("too_good") or ""),
        currency=str(facts.get("currency") or ""),
    )


_CACHE = WeekCache(_facts)


def facts_of(week: Week) -> RunFacts:
    """The facts of a week's run; where an older run did not write its bands down, they are read from its list."""
    return _CACHE.of(week)


def list_order(week: Week) -> str:
    """What the list is sorted by: the run's ``risk.order``; that of an older run is the risk."""
    order = str((run_parameters(week).get("risk") or {}).get("order") or "risk")
    return order if order in ORDERS else "risk"


def capacity(week: Week) -> int | None:
    """How many accounts a CSM is expected to manage in a week; None where the run did not write it down."""
    per_csm = (run_parameters(week).get("capacity") or {}).get("per_csm")
    return None if per_csm is None else int(per_csm)


def run_parameters(week: Week) -> Mapping[str, Any]:
    """The parameters of the run, section by section."""
    return (week.document("run") or {}).get("parameters") or {}


def health_params(week: Week) -> dict[str, Any]:
    """The section ``health`` of the run's parameters."""
    return dict(run_parameters(week).get("health") or {})


def health_bands(week: Week) -> tuple[float, float]:
    """Where amber and green begin."""
    params = health_params(week)
    return _number(params.get("amber_from"), AMBER_FROM), _number(params.get("green_from"), GREEN_FROM)


def _number(value: Any, otherwise: float) -> float:
    """A number of a document; what is null is as absent."""
    return float(otherwise if value is None else value)


def _lowest_probability(week: Week, band: str) -> float:
    """The lowest probability of a band in this week's list; 1 where no account is in the band."""
    inside = week.risk_list.loc[week.risk_list["risk_band"] == band, "churn_probability"]
    return float(inside.min()) if len(inside) else 1.0
