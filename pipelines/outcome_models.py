"""The model of one outcome in MLflow: tracked, registered and judged as that of churn, and the one that scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from rind.common.facts.outcomes import OutcomeMetrics
from rind.common.facts.run import RegisteredOutcome
from rind.common.results.result import BACKTEST
from rind.features.outcome_settings import OutcomeSpec
from rind.models.churn.promotion import judge
from rind.models.common.known_outcomes import KnownOutcomes
from rind.models.outcomes.backtest import AS_CHURN
from rind.pipelines import tracking
from rind.pipelines.data import read_dates
from rind.pipelines.params import Params
from rind.pipelines.workspace import Workspace
from rind.reports.promotion_text import verdict_words

EXAMPLES = 50


def registered_name(params: Params, outcome: str) -> str:
    """<outcome>-<horizon>d; where the churn model has another name than churn, that name comes first."""
    company = "" if params.model.name == "churn" else f"{params.model.name}-"
    return f"{company}{outcome}-{params.labels.horizon_days}d"


def register(
    mlflow: Any,
    space: Workspace,
    params: Params,
    outcome: str,
    spec: OutcomeSpec,
    folder: Path,
    history: pd.DataFrame,
    known: pd.DataFrame,
    example: pd.DataFrame,
    metrics: OutcomeMetrics,
) -> RegisteredOutcome:
    """Log and register the model in ``folder``/model, judged against the champion by what was known then.

    Parameters
    ----------
    folder
        outcomes/<name> of the workspace, with its model and backtest.
    history
        The backtest with mrr.
    known
        What was known of the outcome when.
    """
    name, as_of = registered_name(params, outcome), read_dates(space.dates)["as_of"]
    backtest = history.rename(columns=AS_CHURN)
    answers = KnownOutcomes.of(backtest, known.rename(columns=AS_CHURN)).at(as_of)
    against = tracking.aliases(mlflow, name).get("champion")
    former = tracking.artifact_of(mlflow, name, against, BACKTEST)
    if former is not None:
        former = former.rename(columns=AS_CHURN)
        for day in ("as_of", "trained_as_of"):
            former[day] = pd.to_datetime(former[day]).astype(backtest["as_of"].dtype)
    fewest, draws = params.promotion.fewest_churned, params.metrics.bootstrap_draws
    verdict = judge(backtest.assign(churned=answers), former, as_of, fewest, draws, params.seed)
    alias, words = "champion" if verdict.promote else "challenger", verdict_words(verdict)
    with tracking.start_run(
        mlflow, space, tracking.outcomes_experiment(params.model.experiment), params.tracking
    ) as active:
        mlflow.log_params({f"{outcome}.{key}": value for key, value in spec.model_dump().items()})
        mlflow.log_metrics(tracking.flat_metrics(metrics))
        mlflow.set_tags({"verdict": words, "alias": alias, "git_commit": tracking.git_commit()})
        mlflow.log_artifact(str(folder / BACKTEST))
        trusted = params.tracking.trusted_packages
        version = tracking.log_model(mlflow, folder / "model", example.tail(EXAMPLES), name, trusted, "probability")
        run_id = active.info.run_id
    return RegisteredOutcome(
        outcome=outcome, name=name, run_id=run_id, version=version, alias=alias, verdict=words, judged_against=against
    )


def scoring(mlflow: Any, space: Workspace, params: Params, registered: RegisteredOutcome) -> tracking.Champion:
    """The model that scores, as for churn: the champion, or this run's own."""
    own, best = registered["version"], registered["alias"] == "champion"
    as_of, trusted = read_dates(space.dates)["as_of"], params.tracking.trusted_packages
    model = tracking.scoring_model(mlflow, registered["name"], as_of, own, best, trusted)
    assert model is not None, "the version that was just registered is there"
    return model
