"""The values of the model page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from rind.models.evaluation.drift import LARGE, MODERATE
from rind.reports.formats import HOUSE
from rind.serving.views import model
from rind.serving.views.model import model_values


@pytest.fixture(autouse=True)
def _no_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "facts_of", lambda _: None)


def values(documents: dict[str, Any], psi: dict[str, float]) -> dict[str, Any]:
    drift = pd.DataFrame({"feature": list(psi), "psi": list(psi.values())})
    week: Any = SimpleNamespace(document=documents.get, drift=lambda: drift)
    return model_values(week, HOUSE)


def test_drift_is_read_at_its_two_limits() -> None:
    catalogue = {"features": [{"name": "usage__a__now", "family": "usage", "description": "Uses"}]}
    shown = values({"catalogue": catalogue}, {"usage__a__now": LARGE, "usage__b__now": MODERATE, "usage__c__now": 0.0})
    assert [row["verdict"] for row in shown["drift"]] == ["another population", "moved", "stable"]
    assert [row["words"] for row in shown["drift"]] == ["Uses", "usage__b__now", "usage__c__now"]
    assert (shown["drifted"], shown["features"]) == (1, 3)


def test_renewals_come_before_the_segments_and_an_unmeasured_figure_is_none() -> None:
    part = {"rows": {"accounts": 3}, "model": {"auc": {"value": 0.8, "low": 0.7, "high": 0.9}}}
    shown = values({"metrics": {"segments": {"big": part, "small": {}}, "renewals": part}}, {})
    assert [row["name"] for row in shown["segments"]] == ["term ends inside the horizon", "big", "small"]
    assert shown["segments"][1]["figures"]["auc"].value == 0.8
    assert shown["segments"][2]["figures"]["auc"] is None


def test_a_run_without_documents_shows_nothing() -> None:
    shown = values({}, {})
    assert (shown["segments"], shown["drift"], shown["catalogue"], shown["versions"]) == ([], [], {}, [])
