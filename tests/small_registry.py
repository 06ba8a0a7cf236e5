"""A store of MLflow with one small registered model, as a week of `rind run` would leave it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from model_frames import DIRECTIONS, QUICK, SETTINGS, matrix

from rind.models.churn.estimators import fit
from rind.pipelines import tracking
from rind.pipelines.params import Params, load
from rind.pipelines.workspace import Workspace

NAME = "churn-60d"
PARAMS = load()


def settings(**changed: Any) -> Params:
    """The shipped parameters, with other values in the section ``tracking``."""
    return PARAMS.model_copy(update={"tracking": PARAMS.tracking.model_copy(update=changed)})


def workspace(out: Path) -> Workspace:
    """The workspace of a folder of results."""
    return Workspace(out / ".rind/work", out / "mlruns")


def rows() -> pd.DataFrame:
    """What the small model was trained on, and can score."""
    return matrix(accounts=80, weeks=20)


def register(mlflow: Any, space: Workspace, folder: Path, published: bool = True) -> tuple[str, str]:
    """Train, log and register a model in a run of its own; the run's id and the version."""
    frame = rows()
    if not folder.exists():
        fit(frame[frame["churned"].notna()], DIRECTIONS, QUICK, SETTINGS, threads=1, seed=7).save(folder)
    with tracking.start_run(mlflow, space, PARAMS.model.experiment, PARAMS.tracking) as active:
        mlflow.log_dict({"of": active.info.run_id}, "note.json")
        frame.head(5).to_parquet(folder.parent / "backtest.parquet")
        mlflow.log_artifact(str(folder.parent / "backtest.parquet"))
        version = tracking.log_model(mlflow, folder, frame.tail(20), NAME)
    if published:
        tracking.publish(mlflow, [active.info.run_id])
    return active.info.run_id, version


def make_store(out: Path) -> Path:
    """A folder of results whose registry holds one published model, the champion."""
    space = workspace(out)
    with tracking.store(space, PARAMS.tracking) as mlflow:
        _, version = register(mlflow, space, out.parent / "saved")
        tracking.set_alias(mlflow, NAME, "champion", version)
    return out
