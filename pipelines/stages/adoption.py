"""The adoption model: trained, tracked and registered like the churn model, and the accounts in launch scored by it."""

from __future__ import annotations

import shutil
from datetime import date
from functools import partial
from typing import Any

import pandas as pd

from rind.common.facts.adoption import AdoptionFigures
from rind.common.facts.run import Registered
from rind.models.adoption.landmarks import Launch
from rind.models.adoption.model import Young, measured, predict, train
from rind.models.churn.backtest import Rolled
from rind.models.churn.promotion import judge
from rind.models.common.frames import KEYS
from rind.pipelines import tracking
from rind.pipelines.data import read, read_dates, read_json, write, write_document
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.adoption_text import adoption_table
from rind.reports.promotion_text import verdict_words

EXAMPLES = 50
BACKTEST = "adoption_backtest.parquet"


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write adoption.parquet, adoption_metrics.json and adoption_registered.json ({} where no model could be made)."""
    early, cohorts, past = read(space.early), read(space.cohorts), read(space.past_cohorts)
    launch = _launch(read_dates(space.dates)["as_of"], params)
    rows, known, rolled = train(
        early, cohorts, past, launch, params.model, progress, threads=params.threads, seed=params.seed
    )
    draws = params.metrics.bootstrap_draws
    figures: AdoptionFigures = measured(rolled, rows, known, draws, params.seed) if rolled else {}
    write_document(space.adoption_metrics, figures)
    shutil.rmtree(space.adoption_model, ignore_errors=True)
    moments = read_json(space.true_north)["moments"]
    if rolled is None:
        write_document(space.adoption_registered, {})
        write(_table(predict(early, cohorts, launch, moments)), space.adoption)
        return
    rolled.final.save(space.adoption_model)
    name = f"{params.model.name}-adoption-{launch.success.retention_days}d"
    with tracking.store(space, params.tracking) as mlflow:
        progress("registering the model")
        record = _register(mlflow, space, params, name, rolled, rows, figures)
        own, best = record["version"], record["alias"] == "champion"
        champion = tracking.scoring_model(mlflow, name, launch.as_of, own, best)
        assert champion is not None, "the version that was just registered is there"
        score = partial(champion.predict, explain=True)
        write(_table(predict(early, cohorts, launch, moments, score)), space.adoption)
    write_document(space.adoption_registered, record)


def _table(young: Young) -> pd.DataFrame:
    return adoption_table(young.accounts, young.steps, young.reasons)


def _launch(as_of: date, params: Params) -> Launch:
    """The question to the adoption model, from the sections that own its parts."""
    first_days = params.true_north
    return Launch(
        as_of=as_of,
        windows=[d for d in first_days.within_days if d <= first_days.launch_days],
        launch_days=first_days.launch_days,
        success=first_days,
        grace_days=params.labels.grace_days,
        refit_every_days=params.backtest.refit_every_days,
        settings=params.adoption,
    )


def _register(
    mlflow: Any,
    space: Workspace,
    params: Params,
    name: str,
    rolled: Rolled,
    rows: pd.DataFrame,
    figures: AdoptionFigures,
) -> Registered:
    """Log and register the model; the alias that it earned against the champion, which `promote` gives it."""
    mrr = rows[["account_id", "as_of", "mrr"]]
    backtest = rolled.predictions.merge(mrr, on=KEYS, validate="one_to_one")
    path = space.root / BACKTEST
    write(backtest, path)
    against = tracking.aliases(mlflow, name).get("champion")
    former = tracking.artifact_of(mlflow, name, against, BACKTEST)
    if former is not None:
        former["as_of"] = pd.to_datetime(former["as_of"]).astype(backtest["as_of"].dtype)
    as_of = read_dates(space.dates)["as_of"]
    fewest, draws = params.promotion.fewest_churned, params.metrics.bootstrap_draws
    verdict = judge(backtest, former, as_of, fewest, draws, params.seed)
    alias, words = "champion" if verdict.promote else "challenger", verdict_words(verdict)
    with tracking.start_run(mlflow, space, params.model.experiment, params.tracking) as active:
        mlflow.log_params({f"true_north.{k}": v for k, v in params.true_north.model_dump(mode="json").items()})
        mlflow.log_metrics(tracking.flat_metrics(figures))
        mlflow.set_tags({"verdict": words, "alias": alias, "git_commit": tracking.git_commit()})
        mlflow.log_artifact(str(path))
        version = tracking.log_model(mlflow, space.adoption_model, rows.tail(EXAMPLES), name)
        run_id = active.info.run_id
    path.unlink()
    return Registered(name=name, run_id=run_id, version=version, alias=alias, verdict=words, judged_against=against)
