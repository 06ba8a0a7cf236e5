"""The facts of a run, also of an older one that wrote fewer of them down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from result_folders import write_results

from rind.serving.store.folder import FolderStore
from rind.serving.store.protocols import NoResultsError, Week
from rind.serving.views.run_facts import facts_of, health_bands, list_order


def week_of(folder: Path, without: tuple[str, ...] = (), **changed: Any) -> Week:
    """A week whose run.json lacks some parts and has others changed."""
    run = json.loads((write_results(folder) / "run.json").read_text()) | changed
    (folder / "run.json").write_text(json.dumps({name: part for name, part in run.items() if name not in without}))
    return FolderStore(folder, 0).current()


def test_bands_that_the_run_did_not_write_down_are_read_from_its_list(tmp_path: Path) -> None:
    week = week_of(tmp_path, without=("facts", "manifest"))
    facts, listed = facts_of(week), week.risk_list
    lowest = listed.groupby("risk_band")["churn_probability"].min()
    assert (facts.red_from, facts.amber_from) == (lowest["red"], lowest.get("amber", 1.0))
    assert (facts.company, facts.horizon_days, facts.model) == ("The company", 90, "churn-90d version 3")


def test_a_run_without_a_horizon_is_refused_with_what_to_do(tmp_path: Path) -> None:
    week = week_of(tmp_path, parameters={"labels": {}})
    with pytest.raises(NoResultsError, match=r"horizon_days"):
        facts_of(week)


def test_the_bands_of_health_are_those_of_the_run(tmp_path: Path) -> None:
    changed = {"labels": {"horizon_days": 90}, "health": {"amber_from": 30, "green_from": 80.5}}
    assert health_bands(week_of(tmp_path / "a", parameters=changed)) == (30.0, 80.5)
    assert health_bands(week_of(tmp_path / "b")) == (45.0, 65.0)


@pytest.mark.parametrize(
    ("risk", "order"),
    [({"order": "mrr_at_risk"}, "mrr_at_risk"), ({}, "risk"), (None, "risk"), ({"order": "new"}, "risk")],
)
def test_the_order_of_the_list_is_that_of_the_run(tmp_path: Path, risk: Any, order: str) -> None:
    assert list_order(week_of(tmp_path, parameters={"labels": {"horizon_days": 90}, "risk": risk})) == order
