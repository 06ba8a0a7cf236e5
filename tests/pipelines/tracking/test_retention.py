"""What a long line of runs leaves in MLflow, and what `sweep` makes of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from small_registry import NAME, PARAMS, make_store, register, settings, workspace

from rind.pipelines import tracking

EXPERIMENT = PARAMS.model.experiment


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1 the champion, then 2 to 4; then seven plain runs."""
    out = make_store(tmp_path_factory.mktemp("line") / "out")
    space = workspace(out)
    with tracking.store(space, PARAMS.tracking) as mlflow:
        for _ in range(3):
            register(mlflow, space, out.parent / "saved")
        for number in range(7):
            with tracking.start_run(mlflow, space, EXPERIMENT, PARAMS.tracking) as active:
                mlflow.log_dict({"number": number}, "note.json")
            tracking.publish(mlflow, [active.info.run_id])
    return out


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "out")
    return tmp_path / "out"


def versions(mlflow: Any) -> list[str]:
    return sorted(str(version.version) for version in mlflow.MlflowClient().search_model_versions(f"name = '{NAME}'"))


def runs(mlflow: Any, view: int = 3) -> int:
    """How many there are; also those that are only marked as deleted."""
    return len(mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list", run_view_type=view))


def test_a_folder_without_a_store_gets_none(tmp_path: Path) -> None:
    tracking.sweep(workspace(tmp_path), PARAMS)
    assert list(tmp_path.iterdir()) == []


def test_runs_of_dead_processes_are_ended_as_killed_and_others_stay_as_they_ended(out: Path) -> None:
    space = workspace(out)
    with tracking.store(space, PARAMS.tracking) as mlflow:
        client, number = mlflow.MlflowClient(), mlflow.get_experiment_by_name(EXPERIMENT).experiment_id
        dead, failed = (client.create_run(number).info.run_id for _ in range(2))
        client.set_terminated(failed, "FAILED")
    tracking.sweep(space, PARAMS)
    with tracking.store(space, PARAMS.tracking) as mlflow:
        assert mlflow.get_run(dead).info.status == "KILLED"
        assert mlflow.get_run(failed).info.status == "FAILED"


def test_older_runs_and_versions_are_deleted_with_their_files_but_what_an_alias_or_the_week_names(out: Path) -> None:
    space = workspace(out)
    (out / "run.json").write_text(json.dumps({"mlflow": {}, "scored_by": {"name": NAME, "version": "3"}}))
    with tracking.store(space, PARAMS.tracking) as mlflow:
        assert (versions(mlflow), runs(mlflow)) == (["1", "2", "3", "4"], 11)
    tracking.sweep(space, settings(keep_runs=7))
    with tracking.store(space, PARAMS.tracking) as mlflow:
        assert versions(mlflow) == ["1", "3"], "1 is the champion, 3 scored the week"
        assert runs(mlflow) == 9
        for version in "13":
            assert tracking.model_version(mlflow, NAME, version) is not None
            assert tracking.artifact_of(mlflow, NAME, version, "backtest.parquet") is not None
    left = [path.name for path in (out / "mlruns/artifacts").iterdir()]
    assert len(left) == 9 + 1, "a folder a run, and that of the models"
    assert len(list((out / "mlruns/artifacts/models").iterdir())) == 2


def test_a_second_sweep_deletes_nothing_more_and_null_keeps_all(out: Path) -> None:
    space = workspace(out)
    tracking.sweep(space, settings(keep_runs=7))
    tracking.sweep(space, settings(keep_runs=7))
    tracking.sweep(space, PARAMS)
    tracking.sweep(space, settings(keep_runs=None))
    with tracking.store(space, PARAMS.tracking) as mlflow:
        assert runs(mlflow) == 8


def test_runs_that_were_never_published_push_out_none_that_was(out: Path) -> None:
    space = workspace(out)
    with tracking.store(space, PARAMS.tracking) as mlflow:
        for _ in range(6):
            with tracking.start_run(mlflow, space, EXPERIMENT, PARAMS.tracking):
                pass
    tracking.sweep(space, settings(keep_runs=5))
    with tracking.store(space, PARAMS.tracking) as mlflow:
        found = mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list")
    tags = [run.data.tags["published"] for run in found]
    assert (tags.count("true"), tags.count("false")) == (5 + 1, 5), "the newest, and the champion's"


def test_on_a_server_old_runs_are_only_marked_as_deleted_and_none_is_ended(
    out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{out / 'mlruns/mlflow.db'}")
    space = workspace(tmp_path / "elsewhere")
    with tracking.store(space, PARAMS.tracking) as mlflow:
        number = mlflow.get_experiment_by_name(EXPERIMENT).experiment_id
        alive = mlflow.MlflowClient().create_run(number).info.run_id
    tracking.sweep(space, settings(keep_runs=7))
    with tracking.store(space, PARAMS.tracking) as mlflow:
        assert mlflow.get_run(alive).info.status == "RUNNING", "another machine may be at work"
        assert (runs(mlflow, 1), runs(mlflow)) == (8, 12), "the newest seven, and the champion's"
    assert len(list(out.rglob("booster_0.txt"))) == 4
