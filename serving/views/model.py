"""The values of the model page: measures, segments, drift, versions, the feature catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rind.models.evaluation.drift import LARGE, MODERATE
from rind.reports.facts import Interval
from rind.reports.formats import Format
from rind.reports.monitor_text import ANSWERS, rules_sentence
from rind.serving.store.protocols import Week
from rind.serving.views.calibration import calibration_lines
from rind.serving.views.documents import mapping_of
from rind.serving.views.horizons import FIGURES, horizon_figures
from rind.serving.views.orders import orders_of
from rind.serving.views.outcomes import outcome_figures
from rind.serving.views.run_facts import facts_of

MOST_DRIFTED = 12
BY_SEGMENT = {
    "auc": "Ranking (AUC)",
    "average_precision": "Precision, averaged",
    "recall_at_10pct": "Recall in the top 10\u00a0%",
}


def model_values(week: Week, fmt: Format) -> dict[str, Any]:
    """The values of ``model.html.j2``."""
    metrics, run = week.document("metrics") or {}, week.document("run") or {}
    catalogue = (week.document("catalogue") or {}).get("features") or []
    features = {feature["name"]: feature for feature in catalogue}
    return {
        "facts": facts_of(week),
        "extent": metrics.get("rows") or {},
        "segments": _segments(metrics),
        "measures": BY_SEGMENT,
        "monitor": week.document("monitor") or {}, "monitor_answers": ANSWERS,
        "rules": rules_sentence(mapping_of(week.document("monitor"), "rules")),
        "horizons": horizon_figures(week), "horizon_measures": FIGURES,
        "calibration": calibration_lines(week),
        "outcomes": outcome_figures(week),
        "orders": orders_of(week, fmt),
        "acted": _under_intervention(metrics.get("under_intervention") or {}),
        "sample": metrics.get("training_sample") or {},
        "drift": [_drift_row(row, features) for row in week.drift().head(MOST_DRIFTED).to_dict("records")],
        "drifted": int((week.drift()["psi"] >= LARGE).sum()) if len(week.drift()) else 0,
        "features": len(week.drift()),
        "moderate": MODERATE, "large": LARGE,
        "scored_by": run.get("scored_by") or {}, "trained": run.get("mlflow") or {},
        "versions": (run.get("mlflow") or {}).get("versions") or [],
        "packages": run.get("versions") or {},
        "catalogue": _by_family(catalogue),
        "left_out": run.get("families_left_out") or {},
    }  # fmt: skip


def _under_intervention(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What interventions mean for the measured past; empty where no row was under one."""
    if not figures.get("rows"):
        return {}
    intervals = {
        name: {key: Interval.of((figures.get(name) or {}).get(key)) for key in ("auc", "average_precision")}
        for name in ("these", "others")
    }
    return {**figures, **intervals}


def _segments(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts = dict(metrics.get("segments") or {})
    if (metrics.get("renewals") or {}).get("model"):
        parts = {"term ends inside the horizon": metrics["renewals"], **parts}
    rows = []
    for name, part in parts.items():
        figures = {key: Interval.of((part.get("model") or {}).get(key)) for key in BY_SEGMENT}
        rows.append({"name": name, "extent": part.get("rows") or {}, "figures": figures})
    return rows


def _drift_row(row: Mapping[Any, Any], features: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    psi = float(row["psi"])
    feature = features.get(row["feature"], {})
    verdict = "another population" if psi >= LARGE else "moved" if psi >= MODERATE else "stable"
    family = str(row["feature"]).split("__", 1)[0]
    return {"words": feature.get("description") or row["feature"], "family": family, "psi": psi, "verdict": verdict}


def _by_family(catalogue: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    families: dict[str, list[dict[str, Any]]] = {}
    for feature in catalogue:
        families.setdefault(str(feature["family"]), []).append(feature)
    return families
