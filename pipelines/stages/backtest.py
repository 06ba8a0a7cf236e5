"""Every past date scored by the model that could have existed then; and the model of the scoring date."""

from __future__ import annotations

import shutil

import pandas as pd

from rind.models.churn.backtest import roll
from rind.models.churn.estimators import Hyperparameters
from rind.pipelines.data import read_json, write
from rind.pipelines.labels_as_known import weighed_outcomes
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.training_inputs import directions, estimator, first_reported, folds, snapshots
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write the out-of-sample predictions of every fold, what drove some of them, and the final model.

    ``reported`` marks the rows from the first reported date on; earlier ones only help to choose thresholds.
    """
    all_folds = folds(space, params)
    hyper = Hyperparameters(**read_json(space.hyperparameters)["chosen"])
    every = params.model.train_every_days
    rows = snapshots(space)
    known = weighed_outcomes(space, rows.outcomes, params.model.intervention_weight)
    rolled = roll(
        rows, all_folds, directions(space), hyper, params.model, every, progress, known,
        explain=True, estimator=estimator(params), threads=params.threads, seed=params.seed,
    )  # fmt: skip
    start = pd.Timestamp(first_reported(all_folds, params, space))
    reported = rolled.predictions["trained_as_of"] >= start
    write(rolled.predictions.assign(reported=reported), space.predictions)
    write(rolled.explained, space.family_shap)
    shutil.rmtree(space.model, ignore_errors=True)
    rolled.final.save(space.model)
