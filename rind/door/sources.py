"""A company's tables, opened from Python: checked, and turned into features, labels and a backtest."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import ibis.expr.types as ir
import pandas as pd

from rind.common.errors import UsageError
from rind.door.backtests import Backtest
from rind.features.families import FAMILIES, Family
from rind.features.labels import labels
from rind.features.locations import masked
from rind.features.matrix import available, built_by, join
from rind.features.plugins import load_families
from rind.features.snapshots import spine
from rind.features.storage import load as load_tables
from rind.features.storage import present
from rind.features.tables import TABLES
from rind.models.churn.backtest import roll
from rind.models.churn.estimators import Hyperparameters, MakeEstimator
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.evaluation.metrics import measure
from rind.pipelines import training_inputs
from rind.pipelines.data import read, read_dates, read_json
from rind.pipelines.family_settings import family_settings
from rind.pipelines.flow import STAGES
from rind.pipelines.labels_as_known import outcomes
from rind.pipelines.params import Params, load
from rind.pipelines.workspace import Workspace

Day = date | str
MRR = "commercial__mrr__now"
MODELS = {"model": "churn_probability", "baseline": "logistic_probability"}


class Classifier(Protocol):
    """What scikit-learn's classifiers are: `sklearn.base.clone` must be able to copy it."""

    def fit(self, X: Any, y: Any) -> Any: ...

    def predict_proba(self, X: Any) -> Any: ...

    def get_params(self, deep: bool = ...) -> dict[str, Any]: ...


def open_source(
    url: str | Path,
    *,
    params: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    as_of: Day | None = None,
    data_end: Day | None = None,
) -> Source:
    """Open a folder or a database with the tables of the data contract. Nothing is read yet.

    Parameters
    ----------
    url
        A folder, ``duckdb:///file.db`` or ``postgres://user@host/database``.
    params
        A YAML file with some of the keys of params.yaml.
    settings
        Single parameters, dots for nesting: ``{"labels.horizon_days": 60}``.
    as_of, data_end
        The scoring date (default: the data end), and the last day that the source covers.

    Raises
    ------
    ParamsError
        A parameter does not exist or is out of range.
    """
    days = {"source.as_of": as_of, "source.data_end": data_end}
    name = Path(masked(str(url)).split("@")[-1].split("?")[0]).name
    given = {"source.url": str(url), "source.name": name} | dict(settings or {})
    given |= {key: str(day) for key, day in days.items() if day is not None}
    overrides = [f"{key}={json.dumps(value)}" for key, value in given.items()]
    return Source(load(None if params is None else Path(params), overrides))


class Source:
    """An opened source; a context manager that removes its working folder.

    What is costly is done once, when it is first asked for.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        self._folder = tempfile.TemporaryDirectory(prefix="rind-source-")
        self._space = Workspace(Path(self._folder.name), Path(self._folder.name) / "mlruns")
        self._ended: set[str] = set()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the working folder; tables and expressions of this source cannot be read after it."""
        self._folder.cleanup()

    def validate(self) -> dict[str, Any]:
        """Check the source against the data contract; return rows, notes, absent tables, data_end and as_of.

        Raises
        ------
        SourceError
            It cannot be opened or read.
        ValidationError, HistoryError
            It breaks rules, or has too little history: the whole report.
        """
        self._run("validate")
        facts: dict[str, Any] = read_json(self._space.validation)
        return facts

    @property
    def tables(self) -> dict[str, ir.Table]:
        """The tables of the data contract in their types, as Ibis tables on DuckDB; absent ones are empty."""
        self._run("validate")
        return load_tables(self._space.tables)

    def profile(self) -> pd.DataFrame:
        """One row per table that the source has (index): rows, first and last day, share of accounts with a row."""
        tables = self.tables
        accounts = max(int(tables["accounts"].count().to_pyarrow().as_py()), 1)
        there = [name for name in TABLES if name in present(self._space.tables)]
        return pd.DataFrame({name: _profile(name, tables[name], accounts) for name in there}).T.rename_axis("table")

    def snapshots(self, dates: Iterable[Day]) -> ir.Table:
        """The cohort of some dates: one row per (account_id, as_of), accounts active on it without notice."""
        days = sorted({date.fromisoformat(str(day)[:10]) for day in dates})
        if not days:
            raise UsageError("there are no dates", "give at least one, such as 2026-06-01")
        return spine(self.tables["subscriptions"], days)

    def features(self, dates: Iterable[Day], families: Sequence[str] | None = None) -> ir.Table:
        """The feature matrix of some dates: one row per (account_id, as_of), as an Ibis expression.

        ``.to_pandas()`` computes it. Only what was known before as_of 00:00 UTC counts.

        Parameters
        ----------
        families
            Which ones; None: all that the tables allow, those of ``plugins.families`` too.
        """
        snapshots, tables, known = self.snapshots(dates), self.tables, self._families()
        unknown = sorted(set(families or ()) - set(known))
        if unknown:
            raise UsageError(f"there is no family {', '.join(unknown)}", f"one of {', '.join(known)}")
        built, missing = available(present(self._space.tables), known)
        if gaps := [f"{name} ({', '.join(missing[name])})" for name in families or () if name in missing]:
            raise UsageError(f"tables are missing for {', '.join(gaps)}", "leave these families out")
        settings = family_settings(self.params)
        chosen = [name for name in built if families is None or name in families]
        return join(snapshots, {name: built_by(known[name], snapshots, tables, settings) for name in chosen})

    def labels(self, dates: Iterable[Day]) -> ir.Table:
        """The outcome of some dates: one row per (account_id, as_of): churned 1/0/null, days_to_churn.

        Null where the data end before the horizon and the grace are over: unknown is not 0.
        """
        data_end = date.fromisoformat(self.validate()["data_end"])
        window = self.params.labels
        return labels(
            self.snapshots(dates), self.tables["subscriptions"], data_end, window.horizon_days, window.grace_days
        )

    def backtest(self, estimator: Classifier | None = None) -> Backtest:
        """Score every past date out of sample, by the folds of `rind run`.

        Parameters
        ----------
        estimator
            A classifier in place of ours, copied and fitted anew for each fold. It gets a float matrix, NaN where a
            value is unknown; its probabilities are calibrated as ours are. None: what `rind run` trains, which is our
            own models unless ``model.estimator`` names another.
        """
        built = [name for name in STAGES if name.startswith("features_")]
        self._run("validate", "snapshots", *built, "matrix", "labels")
        make = training_inputs.estimator(self.params) if estimator is None else _copies(estimator)
        if make is None:
            self._run("search")
        return self._rolled(make)

    def _rolled(self, make: MakeEstimator | None) -> Backtest:
        space, params = self._space, self.params
        chosen = {} if make is not None else read_json(space.hyperparameters)["chosen"]
        rows, folds = training_inputs.snapshots(space), training_inputs.folds(space, params)
        rolled = roll(
            rows,
            folds,
            training_inputs.directions(space),
            Hyperparameters(**chosen),
            params.model,
            params.model.train_every_days,
            outcomes=outcomes(space, rows.outcomes),
            threads=params.threads,
            seed=params.seed,
            estimator=make,
        )
        start = pd.Timestamp(training_inputs.first_reported(folds, params, space))
        reported = rolled.predictions[rolled.predictions["trained_as_of"] >= start].reset_index(drop=True)
        reported = reported.merge(read(space.features, [*KEYS, MRR]).rename(columns={MRR: "mrr"}), on=KEYS)
        known = reported[complete_dates(reported)]
        metrics = measure(known, MODELS, params.metrics.bootstrap_draws, params.seed) if len(known) else {}
        kept = [*KEYS, "fold", "trained_as_of", "churned", "mrr", *MODELS.values()]
        predictions = reported[kept].rename(columns={"logistic_probability": "baseline_probability"})
        return Backtest(predictions, metrics, training_inputs.catalogue(space), rolled.final)

    @property
    def as_of(self) -> date:
        """The scoring date."""
        return date.fromisoformat(self.validate()["as_of"])

    @property
    def dates(self) -> list[date]:
        """The dates of the history, on which models are trained and tested; the scoring date is the last."""
        self._run("validate", "snapshots")
        days = pd.read_parquet(self._space.snapshots, columns=["as_of"])["as_of"].drop_duplicates()
        return sorted({*pd.to_datetime(days).dt.date, read_dates(self._space.dates)["as_of"]})

    def _families(self) -> dict[str, Family]:
        return {**FAMILIES, **load_families(self.params.plugins.families)}

    def _run(self, *stages: str) -> None:
        for name in stages:
            if name not in self._ended:
                STAGES[name].run(self._space, self.params, lambda _: None)
                self._ended.add(name)


def _copies(estimator: Classifier) -> MakeEstimator:
    from sklearn.base import clone

    return lambda: clone(estimator)


def _profile(name: str, table: ir.Table, accounts: int) -> dict[str, Any]:
    happened = [table[column].cast("date") for column in TABLES[name].happened]
    figures: dict[str, Any] = {"rows": table.count()}
    if happened:
        figures |= {"first": happened[0].min(), "last": happened[0].max()}
    if "account_id" in table.columns:
        figures["accounts"] = table.account_id.nunique()
    row = table.aggregate(**figures).to_pyarrow().to_pylist()[0]
    share = {"share_of_accounts": row.pop("accounts") / accounts} if "accounts" in row else {}
    return {"rows": row["rows"], "first": row.get("first"), "last": row.get("last"), **share}
