"""What pages and downloads say about the run behind the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rind.common.bands import AMBER, RED
from rind.reports.facts import RunFacts, measures
from rind.serving.store.protocols import Week
from rind.serving.views.risk_lists import PerWeek

AMBER_FROM, GREEN_FROM = 45, 65
"""What the bands of health were before a run wrote them down."""


def _facts(week: Week) -> RunFacts:
    run, metrics = week.document("run") or {}, week.document("metrics") or {}
    told: Mapping[str, Any] = run.get("facts") or {}
    labels = (run.get("parameters") or {}).get("labels") or {}
    scored_by = run.get("scored_by") or {}
    return RunFacts(
        company=str(told.get("company") or "The company"),
        as_of=week.as_of,
        data_end=date.fromisoformat(str(run.get("data_end", week.as_of))),
        horizon_days=int(told.get("horizon_days") or labels.get("horizon_days") or 90),
        red_from=float(told.get("red_from") or _lowest(week, RED)),
        amber_from=float(told.get("amber_from") or _lowest(week, AMBER)),
        measures=measures(metrics.get("model") or {}, metrics.get("baseline") or {}),
        model=str(told.get("model") or f"{scored_by.get('name', '')} version {scored_by.get('version', '')}"),
        left_out=run.get("families_left_out") or {},
        notes=tuple(told.get("notes") or ()),
        withheld=str(told.get("withheld") or ""),
        too_good=str(told.get("too_good") or ""),
    )


_KEPT = PerWeek(_facts)


def facts_of(week: Week) -> RunFacts:
    """The facts of a week's run; what an older run did not write down is read from its list."""
    return _KEPT.of(week)


def health_params(week: Week) -> dict[str, Any]:
    """The section ``health`` of the run's parameters."""
    run = week.document("run") or {}
    return dict((run.get("parameters") or {}).get("health") or {})


def health_bands(week: Week) -> tuple[float, float]:
    """Where amber and green begin."""
    params = health_params(week)
    return float(params.get("amber_from", AMBER_FROM)), float(params.get("green_from", GREEN_FROM))


def _lowest(week: Week, band: str) -> float:
    """Where a band begins, as far as this week's accounts tell."""
    inside = week.risk_list.loc[week.risk_list["risk_band"] == band, "churn_probability"]
    return float(inside.min()) if len(inside) else 1.0
