"""Track the training in MLflow, register the model, and judge whether it earns to be champion."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from rind.common.facts.run import Registered
from rind.models.churn.promotion import judge
from rind.pipelines import tracking
from rind.pipelines.data import read, read_dates, read_json, write_document
from rind.pipelines.labels_as_known import outcomes
from rind.pipelines.model_pictures import draw_model
from rind.pipelines.params import Params
from rind.pipelines.pictures import draw
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.promotion_text import verdict_words

EXAMPLES = 50
VERSIONS = 20


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write registered.json: run, version, the alias that it earned, why; `promote` gives it the alias in the end."""
    name = f"{params.model.name}-{params.labels.horizon_days}d"
    tracking.sweep(space, params)
    backtest, metrics = read(space.backtest), read_json(space.metrics)
    with tracking.store(space, params.tracking) as mlflow:
        against = tracking.aliases(mlflow, name).get("champion")
        champion = tracking.artifact_of(mlflow, name, against, space.backtest.name)
        if champion is not None:
            champion["as_of"] = pd.to_datetime(champion["as_of"]).astype(backtest["as_of"].dtype)
        # What happens on the scoring date or is recorded later may not choose the model that scores it.
        as_of = read_dates(space.dates)["as_of"]
        known = outcomes(space, backtest).at(as_of)
        fewest, draws = params.promotion.fewest_churned, params.metrics.bootstrap_draws
        verdict = judge(backtest.assign(churned=known), champion, as_of, fewest, draws, params.seed)
        alias, words = "champion" if verdict.promote else "challenger", verdict_words(verdict)
        with tracking.start_run(mlflow, space, params.model.experiment, params.tracking) as active:
            progress("logging")
            mlflow.log_params(_flat({k: v for k, v in params.record().items() if k != "playbooks"}))
            mlflow.log_params({f"chosen.{k}": v for k, v in read_json(space.hyperparameters)["chosen"].items()})
            mlflow.log_metrics(tracking.flat_metrics({k: v for k, v in metrics.items() if k != "segments"}))
            mlflow.set_tags({"data_fingerprint": _fingerprint(space), "git_commit": tracking.git_commit()})
            mlflow.set_tags({"verdict": words, "alias": alias})
            for path in (space.metrics, space.catalogue, space.backtest, space.validation):
                mlflow.log_artifact(str(path))
            with TemporaryDirectory() as drawn:  # those in the workspace are the export's
                for picture in (*draw(space, Path(drawn)), *draw_model(space, Path(drawn))):
                    mlflow.log_artifact(str(picture), artifact_path="plots")
            progress("registering the model")
            examples, trusted = _examples(space), params.tracking.trusted_packages
            version = tracking.log_model(mlflow, space.model, examples, name, trusted)
            run_id = active.info.run_id
            address = tracking.recorded_address(mlflow, space)
        history = tracking.versions(mlflow, name, version).head(VERSIONS).drop(columns="aliases").reset_index()
        versions = [  # for who looks at the results without the registry
            {str(key): None if pd.isna(value) else value for key, value in row.items()}
            for row in history.to_dict("records")
        ]
    registered = Registered(
        name=name, run_id=run_id, version=version, alias=alias, verdict=words, judged_against=against,
        versions=versions, difference=verdict.difference, store=address,
    )  # fmt: skip
    write_document(space.registered, registered)


def _examples(space: Workspace) -> pd.DataFrame:
    """The last rows of the features."""
    days = read(space.features, ["as_of"]).tail(EXAMPLES)["as_of"].dt.date.unique()
    return read(space.features, days=days).tail(EXAMPLES)


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _fingerprint(space: Workspace) -> str:
    """One hash over features and labels: the same data give the same."""
    digest = hashlib.sha256()
    for path in (space.features, space.labels):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
