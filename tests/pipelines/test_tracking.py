from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rind.pipelines import tracking
from rind.pipelines.workspace import Workspace


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_each_folder_has_a_store_of_its_own_with_its_artifacts_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        space = Workspace(tmp_path / name, tmp_path / name / "mlruns")
        with tracking.store(space) as mlflow, tracking.start_run(mlflow, space, "tests"):
            mlflow.log_dict({"of": name}, "note.json")
        assert (space.tracking / "mlflow.db").exists()
        assert len(list(space.tracking.rglob("note.json"))) == 1
        assert "MLFLOW_TRACKING_URI" not in os.environ
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]


def test_a_server_that_the_environment_names_is_used_and_stays_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path / 'server.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with tracking.store(Workspace(tmp_path / "one", tmp_path / "one/mlruns")) as mlflow:
        assert mlflow.get_tracking_uri() == address
    assert os.environ["MLFLOW_TRACKING_URI"] == address
    assert not (tmp_path / "one").exists()


def test_the_champion_that_is_loaded_is_the_version_that_is_told_though_the_alias_moves_meanwhile() -> None:
    asked: list[str] = []

    class Client:
        def get_registered_model(self, name: str) -> Any:
            asked.append(name)
            return SimpleNamespace(aliases={"champion": 6 + len(asked)})

        def get_model_version(self, name: str, number: str) -> Any:
            return SimpleNamespace(version=number, run_id=f"run of {name} {number}")

    registry = SimpleNamespace(MlflowClient=Client, pyfunc=SimpleNamespace(load_model=lambda address: address))
    found = tracking.champion(registry, "churn-90d")
    assert found == tracking.Champion("churn-90d", "7", "run of churn-90d 7", "models:/churn-90d/7")


def test_figures_are_flat_numbers_with_names_that_mlflow_takes() -> None:
    nested = {"model": {"auc": {"value": 0.7, "low": None}}, "rows": {"dates": 3}, "words": "x", "skill": True}
    assert tracking.flat_metrics(nested) == {"model.auc.value": 0.7, "rows.dates": 3.0}


@pytest.mark.parametrize(
    ("trained", "own_is_best", "version"),
    [("2024-06-03", False, "7"), ("2024-06-04", False, "9"), ("2024-06-03", True, "9")],
)
def test_the_champion_scores_unless_it_knows_the_future_or_is_about_to_be_followed(
    monkeypatch: pytest.MonkeyPatch, trained: str, own_is_best: bool, version: str
) -> None:
    def loaded(by: str) -> Any:
        scorer = SimpleNamespace(notes={"trained_as_of": trained})
        return SimpleNamespace(by=by, unwrap_python_model=lambda: SimpleNamespace(scorer=scorer))

    best = tracking.Champion("churn-90d", "7", "run", loaded("alias"))
    monkeypatch.setattr(tracking, "champion", lambda *_: best)
    client = SimpleNamespace(get_model_version=lambda *_: SimpleNamespace(run_id="own"))
    registry = SimpleNamespace(MlflowClient=lambda: client, pyfunc=SimpleNamespace(load_model=loaded))
    assert tracking.scoring_model(registry, "churn-90d", date(2024, 6, 3), "9", own_is_best).version == version
