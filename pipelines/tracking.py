"""The only place that knows MLflow: runs, the registered model, its aliases."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from rind.models.churn import scorer as scorer_module
from rind.models.churn.scorer import Scorer
from rind.pipelines.workspace import Workspace

ENTRY = '''

from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class Churn(PythonModel):
    """Features in; churn_probability, margin and base_value out, with params explain=True also SHAP values."""

    def load_context(self, context):
        self.scorer = Scorer.load(Path(context.artifacts["scorer"]))

    def predict(self, context, model_input: pd.DataFrame, params=None):  # without the hint MLflow warns
        margin = self.scorer.margin(model_input)
        out = pd.DataFrame({"churn_probability": 1 / (1 + np.exp(-margin)), "margin": margin}, index=model_input.index)
        if not (params or {}).get("explain"):
            return out
        shap, base = self.scorer.contributions(model_input)
        return pd.concat([out.assign(base_value=base), shap], axis=1)


set_model(Churn())
'''
"""Appended to the text of models/churn/scorer.py: the model carries its own code, none of this project's modules."""


@dataclass(frozen=True)
class Champion:
    """A registered model version that scores."""

    name: str
    version: str
    run_id: str
    model: Any

    @property
    def scorer(self) -> Any:
        """The scorer inside (of the class that was stored with the model)."""
        return self.model.unwrap_python_model().scorer

    def predict(self, frame: pd.DataFrame, explain: bool = False) -> pd.DataFrame:
        """Score rows that hold the model's features; columns that are missing count as unknown."""
        inputs = model_inputs(frame, self.scorer)
        return pd.DataFrame(self.model.predict(inputs, params={"explain": explain})).set_index(frame.index)


def model_inputs(frame: pd.DataFrame, scorer: Any) -> pd.DataFrame:
    """Exactly the columns that a scorer reads: numbers as float64, texts as object with None."""
    numbers = {name: frame.get(name, pd.Series(float("nan"), index=frame.index)) for name in scorer.numeric}
    inputs = pd.DataFrame(numbers, index=frame.index).astype("float64")
    for name in scorer.levels:
        text = frame.get(name, pd.Series(None, index=frame.index, dtype="object")).astype("object")
        inputs[name] = text.where(text.notna(), "")
    return inputs


@contextmanager
def store(space: Workspace) -> Iterator[Any]:
    """MLflow on the server of MLFLOW_TRACKING_URI, else on SQLite and local artifacts in the workspace."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import logging

    import mlflow

    for name in ("alembic", "mlflow.store", "mlflow.tracking", "mlflow.utils", "mlflow.models", "mlflow.pyfunc"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # MLflow writes the address that it is given into the same variable: look before, and put it back after.
    before = os.environ.get("MLFLOW_TRACKING_URI")
    if not before:
        space.tracking.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(before or _own_address(space))
    try:
        yield mlflow
    finally:
        reset: Any = mlflow.set_tracking_uri  # takes None, whatever its annotation says
        reset(before or None)


def _own_address(space: Workspace) -> str:
    return f"sqlite:///{space.tracking.resolve() / 'mlflow.db'}"


def start_run(mlflow: Any, space: Workspace, experiment: str) -> Any:
    """Open a run in the experiment, which is made, with local artifacts, where it does not exist."""
    if mlflow.get_experiment_by_name(experiment) is None:
        ours = mlflow.get_tracking_uri() == _own_address(space)
        location = (space.tracking.resolve() / "artifacts").as_uri() if ours else None
        mlflow.create_experiment(experiment, artifact_location=location)
    mlflow.set_experiment(experiment)
    return mlflow.start_run()


def log_model(mlflow: Any, folder: Path, example: pd.DataFrame, registered_name: str) -> str:
    """Log a saved scorer as a model that carries its own code, register it, and return the version."""
    from mlflow.models import infer_signature

    scorer = Scorer.load(folder)
    inputs = model_inputs(example, scorer)
    output = pd.DataFrame({"churn_probability": scorer.probability(inputs), "margin": scorer.margin(inputs)})
    with tempfile.TemporaryDirectory() as made:
        script = Path(made) / "scorer.py"
        script.write_text(inspect.getsource(scorer_module) + ENTRY, encoding="utf-8")
        info = mlflow.pyfunc.log_model(
            name="churn",
            python_model=str(script),
            artifacts={"scorer": str(folder)},
            signature=_all_optional(infer_signature(inputs, output, params={"explain": False})),
            input_example=inputs.head(3),
            registered_model_name=registered_name,
            pip_requirements=_requirements(),
        )
    return str(info.registered_model_version)


def _all_optional(signature: Any) -> Any:
    """The signature without required columns: one that is missing counts as unknown, whichever the example had."""
    from mlflow.types import ColSpec, Schema

    signature.inputs = Schema([ColSpec(c.type, c.name, required=False) for c in signature.inputs.inputs])
    return signature


def champion(mlflow: Any, name: str) -> Champion | None:
    """The model with the alias champion, loaded; None where there is none."""
    number = aliases(mlflow, name).get("champion")
    return None if number is None else model_version(mlflow, name, number)


def scoring_model(mlflow: Any, name: str, as_of: date, own_version: str, own_is_best: bool) -> Champion | None:
    """The model that scores as_of: the champion, or this run's own version.

    Its own where it is about to become the champion (the alias moves last, see `pipelines.stages.promote`), where
    there is none, and where the champion was trained after as_of and so has seen its future. None where the
    registry does not hold it any more.
    """
    best = None if own_is_best else champion(mlflow, name)
    if best is not None and best.scorer.notes.get("trained_as_of", "9999") <= as_of.isoformat():
        return best
    return model_version(mlflow, name, own_version)


def model_version(mlflow: Any, name: str, number: str) -> Champion | None:
    """One version of a registered model, loaded; None where the registry does not hold it."""
    version = _version(mlflow, name, number)
    if version is None:
        return None
    return Champion(name, number, str(version.run_id), mlflow.pyfunc.load_model(f"models:/{name}/{number}"))


def versions(mlflow: Any, name: str) -> pd.DataFrame:
    """The history of a registered model: one row per version (index), the newest first.

    Columns: trained (UTC), aliases, auc and average_precision (out of sample, on that training's own rows), verdict.
    """
    client = mlflow.MlflowClient()
    names: dict[str, list[str]] = {}
    for alias, number in aliases(mlflow, name).items():
        names.setdefault(number, []).append(alias)
    found = []
    for version in client.search_model_versions(f"name = '{name}'"):
        data = client.get_run(version.run_id).data
        figures = {metric: data.metrics.get(f"model.{metric}.value") for metric in ("auc", "average_precision")}
        about = {
            "version": int(version.version),
            "trained": pd.Timestamp(version.creation_timestamp, unit="ms").floor("s"),
        }
        named = ", ".join(names.get(str(version.version), []))
        found.append({**about, "aliases": named, **figures, "verdict": data.tags.get("verdict", "")})
    return pd.DataFrame(found).set_index("version").sort_index(ascending=False)


def artifact_of(mlflow: Any, name: str, number: str | None, artifact: str) -> pd.DataFrame | None:
    """A Parquet file that was logged with the run of a version; None where there is no such version."""
    version = None if number is None else _version(mlflow, name, number)
    if version is None:
        return None
    path = mlflow.artifacts.download_artifacts(run_id=version.run_id, artifact_path=artifact)
    return pd.read_parquet(path)


def aliases(mlflow: Any, name: str) -> dict[str, str]:
    """Alias -> version; empty where the model is not registered."""
    model = _if_there(lambda: mlflow.MlflowClient().get_registered_model(name))
    return {alias: str(version) for alias, version in model.aliases.items()} if model else {}


def last_document(mlflow: Any, experiment: str, as_of: date, name: str) -> Any:
    """A JSON artifact of the newest finished run for an earlier date than as_of; None where there is none."""
    if mlflow.get_experiment_by_name(experiment) is None:
        return None
    runs = mlflow.search_runs(experiment_names=[experiment], output_format="list", order_by=["start_time DESC"])
    earlier = [r for r in runs if r.info.status == "FINISHED" and r.data.tags.get("as_of", "9999") < as_of.isoformat()]
    if not earlier:
        return None
    newest = max(earlier, key=lambda r: r.data.tags["as_of"])  # of equal dates the run started last comes first
    path = mlflow.artifacts.download_artifacts(run_id=newest.info.run_id, artifact_path=name)
    return json.loads(Path(path).read_text(encoding="utf-8"))


def set_alias(mlflow: Any, name: str, alias: str, version: str) -> None:
    """Point an alias at a version; a challenger that becomes champion is challenger no more."""
    client = mlflow.MlflowClient()
    if alias == "champion" and "challenger" in aliases(mlflow, name):
        client.delete_registered_model_alias(name, "challenger")
    client.set_registered_model_alias(name, alias, version)


def flat_metrics(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested figures as ``model.auc.low``: what MLflow can keep."""
    found: dict[str, float] = {}
    for key, value in metrics.items():
        name = f"{prefix}{str(key).replace(' ', '_')}"
        if isinstance(value, Mapping):
            found |= flat_metrics(value, f"{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = float(value)
    return found


def git_commit() -> str:
    """The commit of the working folder, "" outside git."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(mlflow: Any, name: str, number: str) -> Any:
    return _if_there(lambda: mlflow.MlflowClient().get_model_version(name, number))


def _if_there(ask: Callable[[], Any]) -> Any:
    """What the registry answers, None where it has no such thing."""
    from mlflow.exceptions import MlflowException

    try:
        return ask()
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise


def _requirements() -> list[str]:
    from importlib.metadata import version

    return [f"{p}=={version(p)}" for p in ("lightgbm", "numpy", "pandas", "scikit-learn", "skops")]
