"""Hyper-parameters, searched before the first date that the backtest reports."""

from __future__ import annotations

from dataclasses import asdict, replace

from rind.common.facts.run import SearchRecord
from rind.models.churn.search import inner_folds, search
from rind.pipelines.data import write_document
from rind.pipelines.labels_as_known import weighed_outcomes
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.training_inputs import directions, first_reported, folds, snapshots
from rind.pipelines.workspace import Workspace


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write the chosen parameters and every trial."""
    rows, all_folds = snapshots(space), folds(space, params)
    start = first_reported(all_folds, params, space)
    inner = inner_folds(all_folds, start, params.labels, params.model.search_folds)
    every = params.model.train_every_days
    known, trials = weighed_outcomes(space, rows.outcomes, params.model.intervention_weight), params.model.search_trials
    trials = 0 if params.model.estimator else trials  # it would search parameters of models that take no part
    judged = replace(rows, outcomes=rows.outcomes.assign(churned=known.at(start)))
    chosen, tried = search(
        judged, inner, directions(space), params.model, every, trials, progress, known,
        threads=params.threads, seed=params.seed,
    )  # fmt: skip
    dates = [str(fold.trained_as_of) for fold in inner] if tried else []
    record = SearchRecord(chosen=asdict(chosen), searched_at=dates, trials=tried)
    write_document(space.hyperparameters, record)
