"""What may become of an account beside churn: each outcome of params.yaml by the same rolling backtest as churn."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from rind.common.errors import HistoryError
from rind.common.facts.outcomes import OutcomeMetrics, OutcomeSummary
from rind.common.facts.run import RegisteredOutcome
from rind.common.results.result import BACKTEST, METRICS
from rind.features.labels import with_times
from rind.features.outcome_settings import OutcomeSpec
from rind.features.outcomes import known_outcomes
from rind.features.storage import load, present
from rind.models.churn.backtest import Rolled
from rind.models.churn.comparables import apart
from rind.models.churn.estimators import Hyperparameters
from rind.models.common.frames import KEYS, SEGMENT
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import Fold, rolling_folds, thin
from rind.models.outcomes.backtest import COLUMNS, OF_OUTCOME, has_skill, measured, roll_outcome
from rind.pipelines import outcome_models, tracking
from rind.pipelines.data import of_date, read, read_dates, read_json, write, write_document, write_lazily
from rind.pipelines.feature_rows import FeatureRows
from rind.pipelines.labels_as_known import seen_until
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.training_inputs import catalogue, directions, estimator, first_reported
from rind.pipelines.workspace import Workspace
from rind.reports.outcome_text import outcome_words
from rind.reports.reasons import outcome_reasons

SCORES = [*KEYS, "outcome", "probability", "usual", "reason_1", "reason_2", "reason_3"]
FEWEST_OF_SEGMENT = 10
MRR = "commercial__mrr__now"


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write outcomes/, outcome_summary.json, outcome_scores.parquet and outcomes_registered.json."""
    shutil.rmtree(space.outcomes, ignore_errors=True)
    space.outcomes.mkdir(parents=True)
    work = _Work(space, params, progress)
    with tracking.store(space, params.tracking) as mlflow:
        made = [work.outcome(mlflow, name, spec) for name, spec in params.outcomes.items()]
    write_document(space.outcome_summary, {"outcomes": [one.summary for one in made]})
    write_document(space.outcomes_registered, [one.registered for one in made if one.registered])
    _write_scores(space, [one.scores for one in made if one.scores is not None])


def fall_back(space: Workspace, params: Params) -> None:
    """Write that nothing is known of any outcome: the list goes on without them."""
    del params
    write_document(space.outcome_summary, {"outcomes": []})
    write_document(space.outcomes_registered, [])
    _write_scores(space, [])


def _write_scores(space: Workspace, scores: list[pd.DataFrame]) -> None:
    texts = dict.fromkeys(("account_id", "outcome", "reason_1", "reason_2", "reason_3"), "str")
    nothing = pd.DataFrame(columns=SCORES).astype({**texts, "as_of": "datetime64[us]"})
    nothing = nothing.astype({"probability": "float64", "usual": "float64"})
    write(pd.concat(scores, ignore_index=True) if scores else nothing, space.outcome_scores)


@dataclass(frozen=True)
class _Made:
    """What was made of one outcome; no scores where it cannot be foreseen, no model where too little happened."""

    summary: OutcomeSummary
    scores: pd.DataFrame | None = None
    registered: RegisteredOutcome | None = None


class _Work:
    """The inputs that all outcomes share."""

    def __init__(self, space: Workspace, params: Params, progress: Progress) -> None:
        self.space, self.params, self.progress = space, params, progress
        self.dates = read_dates(space.dates)
        self.present = present(space.tables)
        self.hyper = Hyperparameters(**read_json(space.hyperparameters)["chosen"])

    @cached_property
    def days(self) -> list[date]:
        """The dates of the backtest, the last of which is the scoring date."""
        days = read(self.space.features, ["as_of"])["as_of"].drop_duplicates().dt.date
        return thin(days, self.params.outcome_models.every_days)

    @cached_property
    def snapshots(self) -> Snapshots:
        """On these dates, without any outcome yet."""
        keys = read(self.space.features, KEYS)
        kept = keys[keys["as_of"].isin(pd.to_datetime(self.days))]
        return Snapshots(kept.assign(churned=np.nan), FeatureRows(self.space.features))

    @cached_property
    def now(self) -> pd.DataFrame:
        """The features of the scoring date."""
        return read(self.space.features, days=[self.dates["as_of"]])

    @cached_property
    def folds(self) -> list[Fold]:
        """Training dates; as close as those of churn where the history is too short for wider ones."""
        fold_of = partial(
            rolling_folds, self.days, self.params.labels, min_train_dates=self.params.backtest.min_train_dates
        )
        try:
            return fold_of(refit_every_days=self.params.outcome_models.refit_every_days)
        except HistoryError:
            return fold_of(refit_every_days=self.params.backtest.refit_every_days)

    def outcome(self, mlflow: Any, name: str, spec: OutcomeSpec) -> _Made:
        """Label, backtest, register and score one outcome."""
        if spec.table is not None and spec.table not in self.present:
            return _Made(self._summary(name, spec, "no_table"))
        self.progress(name)
        known = self._known(name, spec)
        rolled = self._rolled(name, spec, known)
        if rolled is None:
            return _Made(self._summary(name, spec, "too_few", known))
        history, metrics = self._measured(name, rolled)
        folder = self.space.outcomes / name
        rolled.final.save(folder / "model")
        registered = outcome_models.register(
            mlflow, self.space, self.params, name, spec, folder, history, known, self.now, metrics
        )
        shutil.rmtree(folder / "model")
        if not has_skill(metrics):
            return _Made(self._summary(name, spec, "no_skill", known, metrics, registered), None, registered)
        scores, version = self._scores(mlflow, name, spec, registered)
        scored_by = RegisteredOutcome(**{**registered, "version": version})
        return _Made(self._summary(name, spec, "shown", known, metrics, scored_by), scores, registered)

    def _known(self, name: str, spec: OutcomeSpec) -> pd.DataFrame:
        """Write and read what was known of the outcome when."""
        tables, path = load(self.space.tables), self.space.outcomes / name / "known.parquet"
        snapshots = tables["subscriptions"].get_backend().read_parquet(str(self.space.snapshots))
        snapshots = snapshots.semi_join(of_date(self.days, "as_of"), "as_of")
        labels, currency = self.params.labels, self.params.money.currency
        answers = known_outcomes(
            snapshots, tables, spec, self.dates["data_end"], labels.horizon_days, labels.grace_days, currency
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        write_lazily(with_times(answers).order_by("as_of", "account_id", "known_from"), path)
        return read(path)

    def _rolled(self, name: str, spec: OutcomeSpec, known: pd.DataFrame) -> Rolled | None:
        params = self.params
        turned = -1 if spec.when == "mrr_rises" else 1  # what raises the risk of leaving never helps to grow
        of_outcome = {feature: turned * sign for feature, sign in directions(self.space).items()}
        return roll_outcome(
            self.snapshots, known, self.folds, seen_until(self.space), of_outcome, self.hyper, params.model,
            params.outcome_models,
            lambda text: self.progress(f"{name}: {text}"), estimator(params), read(self.space.under_intervention),
            threads=params.threads, seed=params.seed,
        )  # fmt: skip

    def _measured(self, name: str, rolled: Rolled) -> tuple[pd.DataFrame, OutcomeMetrics]:
        """Write the backtest and its figures; the backtest comes back with mrr."""
        start = pd.Timestamp(first_reported(self.folds, self.params, self.space))
        reported = rolled.predictions["trained_as_of"] >= start
        backtest = rolled.predictions[reported].rename(columns=OF_OUTCOME)[COLUMNS]
        write(backtest, self.space.outcomes / name / BACKTEST)
        mrr = read(self.space.features, [*KEYS, MRR], self.days).rename(columns={MRR: "mrr"})
        history = backtest.merge(mrr, on=KEYS, validate="one_to_one")
        metrics = measured(history, self.params.metrics.bootstrap_draws, self.params.seed)
        write_document(self.space.outcomes / name / METRICS, metrics)
        return history, metrics

    def _scores(
        self, mlflow: Any, name: str, spec: OutcomeSpec, registered: RegisteredOutcome
    ) -> tuple[pd.DataFrame, str]:
        """`SCORES` of the cohort, and the version of the model that made them."""
        model = outcome_models.scoring(mlflow, self.space, self.params, registered)
        explained = model.predict(self.now, explain=True)
        shap = explained[[c for c in explained.columns if "__" in c]]
        beyond = apart(shap, self.now, self.params.reasons.fewest_comparable)
        rows = self.now.set_index("account_id")
        segment = rows[SEGMENT] if SEGMENT in rows else pd.Series("", index=rows.index)
        long = beyond.set_axis(rows.index).rename_axis("account_id").reset_index()
        long = long.melt("account_id", var_name="feature", value_name="apart")
        wanted = spec.when == "mrr_rises"
        reasons = outcome_reasons(catalogue(self.space), rows, long, segment, self.params.reasons, wanted)
        scored = self.now[KEYS].assign(outcome=name, probability=explained["churn_probability"])
        scored["usual"] = _usual(scored["probability"], segment.to_numpy())
        return scored.join(reasons, on="account_id")[SCORES], model.version

    def _summary(
        self,
        name: str,
        spec: OutcomeSpec,
        state: str,
        known: pd.DataFrame | None = None,
        metrics: OutcomeMetrics | None = None,
        registered: RegisteredOutcome | None = None,
    ) -> OutcomeSummary:
        happened = _happened(known, pd.Timestamp(self.dates["as_of"])) if known is not None else None
        changes = happened["mrr_change"].dropna() if happened is not None else pd.Series(dtype="float64")
        summary = OutcomeSummary(
            name=name, when=spec.when, share=spec.share, state=state,
            happened_accounts=0 if happened is None else int(happened["account_id"].nunique()),
            base_rate=metrics["rows"]["base_rate"] if metrics else None,
            mean_change=float(changes.mean()) if len(changes) else None,
            auc=metrics["model"]["auc"] if metrics else None,
            model=f"{registered['name']} version {registered['version']}" if registered else None,
            words="",
        )  # fmt: skip
        horizon, fewest = self.params.labels.horizon_days, self.params.outcome_models.fewest_accounts
        return {**summary, "words": outcome_words(summary, horizon, fewest)}


def _happened(known: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The snapshots of which it was known at a day that it happened."""
    valid = (known["known_from"] <= day) & ~(known["known_until"] <= day)
    return known[valid & (known["happened"] == 1)]


def _usual(probability: pd.Series, segment: Any) -> pd.Series:
    """The median of each account's segment; of all accounts where it has fewer than ten, or none."""
    groups = probability.groupby(pd.Series(segment, index=probability.index).astype("object").fillna(""))
    large = groups.transform("size") >= FEWEST_OF_SEGMENT
    return groups.transform("median").where(large, probability.median())
