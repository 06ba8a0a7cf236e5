"""The registered model is read as data, from wherever its store lies, and only as it was registered."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from small_registry import NAME, PARAMS, make_store, register, rows, workspace

from rind.common.errors import RindError
from rind.models.churn.scorer import Scorer
from rind.pipelines import tracking
from rind.pipelines.live_scorer import live_scorer
from rind.pipelines.tracking import registry


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("registry") / "out")


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy of the folder, elsewhere; what lies at the old place must not be touched."""
    shutil.copytree(made, tmp_path / "out")
    return tmp_path / "out"


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def loaded(out: Path) -> tracking.Champion | None:
    with tracking.store(workspace(out), PARAMS.tracking) as mlflow:
        return tracking.champion(mlflow, NAME)


def week(version: str = "1") -> Any:
    return SimpleNamespace(document=lambda _: {"scored_by": {"name": NAME, "version": version}})


def one(out: Path, name: str) -> Path:
    [path] = (out / "mlruns").rglob(name)
    return path


def test_the_champion_scores_and_explains_as_the_model_that_was_trained(made: Path) -> None:
    champion, saved, frame = loaded(made), Scorer.load(made.parent / "saved"), rows().tail(30)
    assert champion is not None
    scored = champion.predict(frame, explain=True)
    assert (scored["margin"] == saved.margin(frame)).all()
    assert scored["churn_probability"].to_numpy() == pytest.approx(saved.probability(frame), abs=1e-15)
    shap, base = saved.contributions(frame)
    assert np.allclose(scored[shap.columns], shap, atol=1e-12)
    assert (scored["base_value"] == base).all()


def test_the_code_that_is_stored_with_a_model_imports_nothing_of_this_project(made: Path) -> None:
    lines = one(made, "scorer.py").read_text(encoding="utf-8").splitlines()
    imports = [line for line in lines if line.startswith(("from ", "import "))]
    assert "import lightgbm as lgb" in imports
    assert not [line for line in imports if "rind" in line]
    assert imports.count("from __future__ import annotations") == 1


def test_code_that_is_added_in_the_registry_never_runs(out: Path) -> None:
    script = one(out, "scorer.py")
    script.write_text(f"{script.read_text()}\nPath({str(out / 'ran')!r}).touch()\n")
    assert loaded(out) is not None
    load = live_scorer(workspace(out), PARAMS.tracking)
    scores, _ = load(week()).score(rows().tail(3), explain=False)
    assert scores["churn_probability"].between(0, 1).all()
    assert not (out / "ran").exists()
    import mlflow

    with tracking.store(workspace(out), PARAMS.tracking) as store:  # the same line would have run in MLflow's own way
        mlflow.pyfunc.load_model(f"file://{script.parent}")
        assert store is mlflow
    assert (out / "ran").exists()


@pytest.mark.parametrize("name", ["booster_0.txt", "logistic_0.json", "scorer.json"])
def test_a_byte_that_differs_from_what_was_registered_is_refused_with_what_to_do(out: Path, name: str) -> None:
    path = one(out, name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(RindError, match=rf"(?s){NAME} version 1 .*not those that were registered.*restore mlruns"):
        loaded(out)
    with pytest.raises(RindError, match="not those that were registered"):
        live_scorer(workspace(out), PARAMS.tracking)(week())


def test_a_file_that_is_added_or_gone_is_refused(out: Path) -> None:
    folder = one(out, "booster_0.txt").parent
    (folder / "more.json").write_text("{}")
    with pytest.raises(RindError, match="not those that were registered"):
        loaded(out)
    shutil.rmtree(folder)
    with pytest.raises(RindError, match="not those that were registered"):
        loaded(out)


def test_a_version_without_a_digest_is_refused(out: Path) -> None:
    with tracking.store(workspace(out), PARAMS.tracking) as mlflow:
        mlflow.MlflowClient().delete_model_version_tag(NAME, "1", "scorer_sha256")
    with pytest.raises(RindError, match="carries no digest"):
        loaded(out)


def test_a_folder_that_moved_is_read_below_its_new_place_and_nothing_is_written(
    made: Path, out: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved to ä place"
    out.rename(moved)
    hidden, before = made.rename(made.with_name("away")), contents(moved)
    try:
        champion = loaded(moved)
        with tracking.store(workspace(moved), PARAMS.tracking) as mlflow:
            backtest = tracking.artifact_of(mlflow, NAME, "1", "backtest.parquet")
        scores, _ = live_scorer(workspace(moved), PARAMS.tracking)(week()).score(rows().tail(3), explain=False)
    finally:
        hidden.rename(made)
    assert champion is not None
    assert backtest is not None
    assert len(backtest) == 5
    assert len(scores) == 3
    assert contents(moved) == before


def test_a_new_run_in_a_copy_writes_below_the_copy_and_leaves_the_original(made: Path, out: Path) -> None:
    before, space = contents(made), workspace(out)
    with tracking.store(space, PARAMS.tracking) as mlflow:
        _, version = register(mlflow, space, made.parent / "saved")
        assert version == "2"
        assert tracking.model_version(mlflow, NAME, "2") is not None
        assert tracking.model_version(mlflow, NAME, "1") is not None
        others = mlflow.pyfunc.load_model(f"models:/{NAME}/1")  # for who serves it in MLflow's own way
        assert len(others.predict(tracking.model_inputs(rows().tail(4), Scorer.load(made.parent / "saved")))) == 4
    assert contents(made) == before
    assert len(list((out / "mlruns").rglob("booster_0.txt"))) == 2


def test_an_artefact_that_is_gone_is_named(out: Path) -> None:
    shutil.rmtree(out / "mlruns/artifacts")
    with pytest.raises(RindError, match=r"(?s)the registry names .*which is not there.*restore"):
        loaded(out)


def test_the_history_tells_the_versions_of_weeks_that_stand_and_the_one_at_work(made: Path, out: Path) -> None:
    space = workspace(out)
    with tracking.store(space, PARAMS.tracking) as mlflow:
        for _ in range(2):
            register(mlflow, space, made.parent / "saved", published=False)
        assert list(tracking.versions(mlflow, NAME, own="3").index) == [3, 1]
        history = tracking.versions(mlflow, NAME)
    assert history["aliases"].to_dict() == {1: "champion"}


def test_the_champion_that_is_loaded_is_the_version_that_is_told_though_the_alias_moves_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    class Client:
        def get_registered_model(self, name: str) -> Any:
            asked.append(name)
            return SimpleNamespace(aliases={"champion": 6 + len(asked)})

        def get_model_version(self, name: str, number: str) -> Any:
            return f"{name} {number}"

    monkeypatch.setattr(registry.scoring, "load", lambda _, version, *_others: version)
    assert tracking.champion(SimpleNamespace(MlflowClient=Client), NAME) == f"{NAME} 7"


@pytest.mark.parametrize(
    ("trained", "own_is_best", "version"),
    [("2024-06-03", False, "7"), ("2024-06-04", False, "9"), ("2024-06-03", True, "9")],
)
def test_the_champion_scores_unless_it_knows_the_future_or_is_about_to_be_followed(
    monkeypatch: pytest.MonkeyPatch, trained: str, own_is_best: bool, version: str
) -> None:
    def load(_: Any, name: str, number: str, *_trusted: Any) -> Any:
        scorer: Any = SimpleNamespace(notes={"trained_as_of": trained})
        return tracking.Champion(name, number, f"run of {number}", scorer)

    monkeypatch.setattr(registry, "model_version", load)
    monkeypatch.setattr(registry, "aliases", lambda *_: {"champion": "7"})
    best = tracking.scoring_model(None, NAME, date(2024, 6, 3), "9", own_is_best)
    assert best is not None
    assert best.version == version


def test_what_is_saved_of_a_model_is_numbers_and_texts(made: Path) -> None:
    folder = one(made, "booster_0.txt").parent
    numbers = json.loads((folder / "logistic_0.json").read_text())
    assert {type(value) for values in numbers.values() for value in np.ravel(values).tolist()} <= {int, float}
