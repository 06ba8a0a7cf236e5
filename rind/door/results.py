"""What a run left in its folder, read from Python."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pandas as pd

from rind.common.errors import RindError
from rind.common.facts.health import HealthRecord
from rind.common.facts.moments import MomentDetail, TrueNorthRecord
from rind.common.facts.run import Metrics, RunRecord, SearchRecord
from rind.common.results import MANIFEST, RESULTS
from rind.common.run_record import run_record
from rind.pipelines import tracking, training_inputs
from rind.pipelines.batch_scoring import score_file
from rind.pipelines.data import read, read_json
from rind.pipelines.params import load
from rind.pipelines.pictures import charts
from rind.pipelines.tracking_settings import TrackingSettings
from rind.pipelines.workspace import Workspace, of_run
from rind.reports import review, shap_pictures


def results(folder: str | Path | None = None, *, params: str | Path | None = None) -> Results:
    """Open the results of a run.

    Parameters
    ----------
    folder
        What `rind run` wrote to. None: the folder that the environment variable RIND_DIR names, else ``data``, where
        the DVC pipeline works. A relative path counts from the working folder or, failing that, one above it.
    params
        A YAML file with some of the keys of params.yaml; only ``tracking`` counts, for the models.

    Raises
    ------
    UsageError
        There are no results.
    """
    wanted = Path(folder or os.environ.get("RIND_DIR") or "data").expanduser()
    here = Path.cwd()
    places = [here / wanted, *(above / wanted for above in here.parents)]
    space = of_run(next((place for place in places if (place / MANIFEST).exists()), places[0]))
    return Results(space, load(None if params is None else Path(params)).tracking)


@dataclass(frozen=True)
class Results:
    """The tables and documents of one run; each is read when it is first asked for."""

    _space: Workspace
    _tracking: TrackingSettings

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self._space.root

    @cached_property
    def run(self) -> RunRecord:
        """run.json: dates, parameters, versions, seconds, what was trained and what scored."""
        return cast("RunRecord", run_record(self._space.run.read_bytes(), self._space.run))

    @cached_property
    def metrics(self) -> Metrics:
        """metrics.json: every figure with its interval, out of sample."""
        metrics: Metrics = self._document("metrics")
        return metrics

    @cached_property
    def hyperparameters(self) -> SearchRecord:
        """hyperparameters.json: what was chosen, and every trial."""
        record: SearchRecord = self._document("hyperparameters")
        return record

    @cached_property
    def true_north(self) -> TrueNorthRecord:
        """true_north.json: the moments after which accounts stay."""
        record: TrueNorthRecord = self._document("true_north")
        return record

    @cached_property
    def moments(self) -> list[MomentDetail]:
        """moments.json: what is drawn of the moments."""
        details: list[MomentDetail] = self._document("moments")
        return details

    @cached_property
    def health_score(self) -> HealthRecord:
        """health_score.json: the weights today and the proposed ones."""
        record: HealthRecord = self._document("health_score")
        return record

    @cached_property
    def catalogue(self) -> pd.DataFrame:
        """One row per feature: name, family, description, unit, direction, sentences."""
        return training_inputs.catalogue(self._space)

    @cached_property
    def risk_list(self) -> pd.DataFrame:
        """One row per account in the cohort of the scoring date, riskiest first."""
        return read(self._there("risk_list"))

    @cached_property
    def backtest(self) -> pd.DataFrame:
        """One row per (account_id, as_of): out-of-sample predictions of the past."""
        return read(self._there("backtest"))

    @cached_property
    def explanations(self) -> pd.DataFrame:
        """One row per account and feature: its value and SHAP value."""
        return read(self._there("explanations"))

    @cached_property
    def adoption(self) -> pd.DataFrame:
        """One row per young account: probability of staying, next step."""
        return read(self._there("adoption"))

    @cached_property
    def features(self) -> pd.DataFrame:
        """One row per (account_id, as_of), all training dates and the scoring date: the features and churned."""
        return training_inputs.published(self._space)

    def charts(self) -> dict[str, Any]:
        """Name -> Altair chart of the backtest's curves; a curve without data has none."""
        return dict(charts(self._space))

    def shap(self) -> Any:
        """The explanations of the list as a `shap.Explanation`, riskiest account first, for SHAP's own plots."""
        return shap_pictures.explanation(review.attributions(self.explanations, self.catalogue))

    def score(self, features: pd.DataFrame) -> pd.DataFrame:
        """Score rows of the feature matrix with the model that made the list: churn_probability, margin.

        Raises
        ------
        RindError
            The registry has that model no more.
        """
        return self.model().predict(features)

    def explain(self, features: pd.DataFrame) -> pd.DataFrame:
        """The same with base_value and one SHAP value (log-odds) per feature: they add up to the margin."""
        return self.model().predict(features, explain=True)

    def score_file(self, features: str | Path, out: str | Path, *, explain: bool = False, threads: int = 2) -> int:
        """The same of a Parquet file, into another, piece by piece: for more rows than the memory holds.

        ``out`` has the rows of ``features`` in their order: account_id and as_of where they are there, then the columns
        of `score` or `explain` (SHAP values as float32).

        Parameters
        ----------
        threads
            Pieces of rows that are scored at once.

        Returns
        -------
        int
            How many rows were scored.
        """
        return score_file(self.model(), Path(features), Path(out), explain, threads=threads)

    def model(self) -> tracking.Champion:
        """The registered model that made the list, loaded."""
        scored_by = self.run["scored_by"]
        with tracking.store(self._space, self._tracking) as mlflow:
            trusted = self._tracking.trusted_packages
            champion = tracking.model_version(mlflow, scored_by["name"], str(scored_by["version"]), trusted)
        if champion is None:
            name = f"{scored_by['name']} version {scored_by['version']}"
            raise RindError(f"the registry has no {name}", "is MLFLOW_TRACKING_URI that of the run?")
        return champion

    def champion(self) -> tracking.Champion | None:
        """The model that is champion now, loaded; None where there is none."""
        with tracking.store(self._space, self._tracking) as mlflow:
            return tracking.champion(mlflow, self.run["mlflow"]["name"], self._tracking.trusted_packages)

    def versions(self) -> pd.DataFrame:
        """One row per version of the model in the registry (index), newest first: trained, aliases, verdict."""
        with tracking.store(self._space, self._tracking) as mlflow:
            return tracking.versions(mlflow, self.run["mlflow"]["name"])

    def _document(self, name: str) -> Any:
        return read_json(self._there(name))

    def _there(self, name: str) -> Path:
        """The place of a result; RindError with the reason where the week does not have it."""
        path: Path = getattr(self._space, name)
        if not path.exists():
            missing = self.run.get("parts_missing") or {}
            reason = missing.get(RESULTS[name].made_by, "the run that made it left it out")
            raise RindError(f"{self.folder} has no {RESULTS[name].path}", reason)
        return path
