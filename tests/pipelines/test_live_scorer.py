from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rind.common.errors import RindError
from rind.pipelines import params as parameters
from rind.pipelines import tracking
from rind.pipelines.live_scorer import live_scorer
from rind.pipelines.workspace import Workspace


def week(version: str) -> Any:
    """A week as far as its model is concerned."""
    return SimpleNamespace(document=lambda _: {"scored_by": {"name": "churn-90d", "version": version}})


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What the registry, which has versions 1 and 2, is asked for."""
    asked: list[tuple[str, ...]] = []

    def model_version(_: Any, name: str, version: str, *_trusted: Any) -> Any:
        asked.append((name, version))
        names = ["usage__events__28d"]
        known = SimpleNamespace(name=name, version=version, scorer=SimpleNamespace(features=names, numeric=names))
        return known if version in "12" else None

    monkeypatch.setattr(tracking, "store", lambda *_: nullcontext())
    monkeypatch.setattr(tracking, "model_version", model_version)
    return asked


def test_each_week_is_scored_by_its_own_model_which_is_loaded_once(
    asked_for: list[tuple[str, ...]], tmp_path: Path
) -> None:
    load = live_scorer(Workspace(tmp_path, tmp_path), parameters.load().tracking)
    assert [load(week(number)).version for number in "112"] == [
        "churn-90d version 1", "churn-90d version 1", "churn-90d version 2",
    ]  # fmt: skip
    assert asked_for == [("churn-90d", "1"), ("churn-90d", "2")]


@pytest.mark.usefixtures("asked_for")
def test_a_model_that_the_registry_does_not_have_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(RindError, match="no model churn-90d version 7 in the registry"):
        live_scorer(Workspace(tmp_path, tmp_path), parameters.load().tracking)(week("7"))
