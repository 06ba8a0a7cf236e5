from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small_registry import PARAMS, settings, workspace

from rind.common.errors import RindError, UsageError
from rind.pipelines import tracking
from rind.pipelines.workspace import Workspace


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def start(mlflow: Any, space: Workspace, experiment: str = "tests") -> Any:
    return tracking.start_run(mlflow, space, experiment, PARAMS.tracking)


def test_each_folder_has_a_store_of_its_own_with_its_artifacts_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        space = Workspace(tmp_path / name, tmp_path / name / "mlruns")
        with tracking.store(space, PARAMS.tracking) as mlflow, start(mlflow, space):
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
    with tracking.store(Workspace(tmp_path / "one", tmp_path / "one/mlruns"), PARAMS.tracking) as mlflow:
        assert mlflow.get_tracking_uri() == address
    assert os.environ["MLFLOW_TRACKING_URI"] == address
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize("name", ["a?b", "a%20b", "a#b"])
def test_a_folder_that_mlflow_would_mistake_for_another_one_is_refused(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(UsageError, match="rename the folder"),
        tracking.store(workspace(tmp_path / name), PARAMS.tracking),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_figures_are_flat_numbers_with_names_that_mlflow_takes() -> None:
    nested = {"model": {"auc": {"value": 0.7, "low": None}}, "rows": {"dates": 3}, "words": "x", "skill": True}
    assert tracking.flat_metrics(nested) == {"model.auc.value": 0.7, "rows.dates": 3.0}


def log_moments(mlflow: Any, space: Workspace, as_of: str) -> str:
    with start(mlflow, space) as active:
        mlflow.set_tags({"as_of": as_of})
        mlflow.log_dict({"moments": as_of}, "true_north.json")
    run_id: str = active.info.run_id
    return run_id


def test_the_past_is_the_newest_published_run_of_an_earlier_date(tmp_path: Path) -> None:
    space = workspace(tmp_path)

    def past(mlflow: Any) -> Any:
        return tracking.last_document(mlflow, "tests", date(2024, 6, 10), "true_north.json")

    with tracking.store(space, PARAMS.tracking) as mlflow:
        assert past(mlflow) is None
        first = log_moments(mlflow, space, "2024-05-27")
        assert past(mlflow) is None, "its week has not been published"
        tracking.publish(mlflow, [first])
        log_moments(mlflow, space, "2024-06-03")
        assert past(mlflow) == {"moments": "2024-05-27"}, "the later run's week failed"
        older = log_moments(mlflow, space, "2024-06-04")
        mlflow.MlflowClient().delete_tag(older, "published")
        assert past(mlflow) == {"moments": "2024-06-04"}, "a run of before the tag was written counts"
        tracking.publish(mlflow, [log_moments(mlflow, space, "2024-06-10")])
        assert past(mlflow) == {"moments": "2024-06-04"}, "its own date is not the past"


def test_a_failure_within_a_run_ends_it_as_failed(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    with tracking.store(space, PARAMS.tracking) as mlflow:
        with pytest.raises(OSError, match="disk"), start(mlflow, space) as active:
            raise OSError("the disk is full")
        run = mlflow.get_run(active.info.run_id)
    assert (run.info.status, run.data.tags["published"]) == ("FAILED", "false")


@contextmanager
def locked(database: Path, seconds: float) -> Iterator[None]:
    """Hold the file as a writer that excludes readers too, from now on for some seconds."""
    holds = threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("begin exclusive")
        holds.set()
        time.sleep(seconds)
        connection.execute("rollback")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(10)
    try:
        yield
    finally:
        thread.join()


def test_a_lock_of_some_seconds_is_waited_for_wherever_it_comes_and_nothing_is_lost(tmp_path: Path) -> None:
    space, params = workspace(tmp_path), settings(lock_wait_seconds=30)
    database = space.tracking / "mlflow.db"
    with tracking.store(space, params.tracking) as mlflow, start(mlflow, space):
        pass
    with (
        locked(database, 2),
        tracking.store(space, params.tracking) as mlflow,
        start(mlflow, space) as active,
        locked(database, 2),
    ):
        mlflow.log_metrics({"auc": 0.75})
    with tracking.store(space, params.tracking) as mlflow:
        run = mlflow.get_run(active.info.run_id)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"auc": 0.75})


def test_a_lock_that_lasts_longer_is_refused_with_what_to_do(tmp_path: Path) -> None:
    space, params = workspace(tmp_path), settings(lock_wait_seconds=0.5)
    with tracking.store(space, params.tracking) as mlflow, start(mlflow, space):
        pass
    refused = pytest.raises(RindError, match=r"(?s)held MLflow's database.* 0\.5 seconds.*--resume")
    began = time.monotonic()
    with locked(space.tracking / "mlflow.db", 6):
        with refused, tracking.store(space, params.tracking):
            pass
        assert time.monotonic() - began < 4
    with refused, tracking.store(space, params.tracking) as mlflow, locked(space.tracking / "mlflow.db", 3):
        mlflow.MlflowClient().create_experiment("another")


@pytest.mark.parametrize(
    ("root", "address"), [("data", "sqlite:///../mlruns/mlflow.db"), (".rind/work", "sqlite:///mlruns/mlflow.db")]
)
def test_the_own_store_is_written_down_from_the_folder_of_the_results(tmp_path: Path, root: str, address: str) -> None:
    space = Workspace(tmp_path / root, tmp_path / "mlruns")
    with tracking.store(space, PARAMS.tracking) as mlflow:
        recorded = tracking.recorded_address(mlflow, space)
    assert recorded == address
    assert tracking.present_address(space.home, recorded) == f"sqlite:///{tmp_path.resolve()}/mlruns/mlflow.db"


@pytest.mark.parametrize("server", ["https://mlflow.example.com", "sqlite:////srv/mlflow/all.db"])
def test_a_server_keeps_its_address_without_the_password(tmp_path: Path, server: str) -> None:
    given = server.replace("://mlflow", "://me:hunter2@mlflow")

    class Elsewhere:
        @staticmethod
        def get_tracking_uri() -> str:
            return given

    space = workspace(tmp_path)
    recorded = tracking.recorded_address(Elsewhere, space)
    assert "hunter2" not in recorded
    assert tracking.present_address(tmp_path, recorded) == recorded
