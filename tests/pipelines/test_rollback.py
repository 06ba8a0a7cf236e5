"""An older champion scores again in one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_registry import NAME, PARAMS, register, workspace
from typer.testing import CliRunner

from rind.common.errors import UsageError
from rind.pipelines import tracking
from rind.pipelines.cli.app import app
from rind.pipelines.rollback import RolledBack, roll_back

PARAMS_60 = PARAMS.model_copy(update={"labels": PARAMS.labels.model_copy(update={"horizon_days": 60})})


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of three versions: two that were champion, and a challenger between them."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    space = workspace(tmp_path / "out")
    with tracking.store(space, PARAMS.tracking) as mlflow:
        for alias in ("champion", "challenger", "champion"):
            run_id, version = register(mlflow, space, tmp_path / "saved")
            mlflow.MlflowClient().set_tag(run_id, "alias", alias)
            tracking.set_alias(mlflow, NAME, alias, version)
    return tmp_path / "out"


def champion(out: Path) -> str:
    with tracking.store(workspace(out), PARAMS.tracking) as mlflow:
        return tracking.aliases(mlflow, NAME)["champion"]


def test_the_champion_before_scores_again_and_mlflow_says_who_moved_it(out: Path) -> None:
    assert roll_back(workspace(out), PARAMS_60, None) == (NAME, "3", "1")
    assert champion(out) == "1"
    with tracking.store(workspace(out), PARAMS.tracking) as mlflow:
        tags = mlflow.MlflowClient().get_model_version(NAME, "1").tags
    assert "rind rollback; before: version 3" in tags["rolled_back"]
    with pytest.raises(UsageError, match="no version of churn-60d before 1"):
        roll_back(workspace(out), PARAMS_60, None)


def test_a_version_may_be_named_and_one_that_is_not_there_is_refused(out: Path) -> None:
    assert roll_back(workspace(out), PARAMS_60, 2).now == "2"
    with pytest.raises(UsageError, match="no version 9") as caught:
        roll_back(workspace(out), PARAMS_60, 9)
    assert caught.value.hint == "there are: 1, 2, 3"
    assert champion(out) == "2"


def test_the_words_say_whether_the_champion_has_changed() -> None:
    assert RolledBack(NAME, "3", "1").words == f"{NAME}: version 1 is the champion again (before: 3)"
    assert RolledBack(NAME, "1", "1").words == f"{NAME}: version 1 was the champion already, and stays it"


@pytest.mark.parametrize(("answer", "code"), [("hold", 0), ("look", 10), ("retrain", 11)])
def test_the_monitor_answers_by_its_exit_code(tmp_path: Path, answer: str, code: int) -> None:
    nothing = {"value": None, "low": None, "high": None}
    names = ("seen_auc", "promised_auc", "seen_auc_before", "expected_auc")
    record = {"answer": answer, "why": ["Because."], **dict.fromkeys(names, nothing)}
    (tmp_path / "monitor.json").write_text(json.dumps(record))
    (tmp_path / "run.json").write_text("{}")
    done = CliRunner().invoke(app, ["monitor", "--dir", str(tmp_path)])
    assert (done.exit_code, "Because." in done.output, "not measured" in done.output) == (code, True, True)


def test_a_week_without_a_monitor_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    done = CliRunner().invoke(app, ["monitor", "--dir", str(tmp_path)])
    assert (done.exit_code, "has no monitor.json" in done.output) == (2, True)
