"""The registered models: their versions, which one scores, and the aliases champion and challenger."""

from __future__ import annotations

import inspect
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from rind.models.churn import scorer as scorer_module
from rind.models.churn import tree_shap
from rind.models.churn.scorer import Scorer
from rind.pipelines.tracking import scoring
from rind.pipelines.tracking.places import run_file
from rind.pipelines.tracking.runs import is_published
from rind.pipelines.tracking.scoring import DIGEST, SCORER, Champion, digest_of, model_inputs

ENTRY = '''

from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class Churn(PythonModel):
    """Features in; churn_probability, margin and base_value out, with params explain=True also SHAP values."""

    def load_context(self, context):
        self.scorer = Scorer.load(Path(context.artifacts["scorer"]), trusted=None)

    def predict(self, context, model_input: pd.DataFrame, params=None):  # without the hint MLflow warns
        margin = self.scorer.margin(model_input)
        out = pd.DataFrame({"churn_probability": 1 / (1 + np.exp(-margin)), "margin": margin}, index=model_input.index)
        if not (params or {}).get("explain"):
            return out
        shap, base = self.scorer.contributions(model_input)
        return pd.concat([out.assign(base_value=base), shap], axis=1)


set_model(Churn())
'''
"""Appended to `scorer_code`: what others serve carries its own code. Rind itself never runs it."""


def scorer_code() -> str:
    """The text of models/churn/scorer.py, with that of tree_shap.py where it is imported."""
    future = "from __future__ import annotations\n"
    imported = "from rind.models.churn.tree_shap import TreeTables, tables_of\n"
    return inspect.getsource(scorer_module).replace(imported, inspect.getsource(tree_shap).replace(future, ""))


def log_model(
    mlflow: Any,
    folder: Path,
    example: pd.DataFrame,
    registered_name: str,
    trusted: Sequence[str] = (),
    answer: str = "churn_probability",
) -> str:
    """Log a saved scorer as a model that carries its own code, register it with a digest, and return the version.

    ``answer``: the name of the column with the probability, for who asks the logged model.
    """
    from mlflow.models import infer_signature

    scorer = scoring.read_scorer(folder, trusted)
    inputs = model_inputs(example, scorer)
    output = pd.DataFrame({answer: scorer.probability(inputs), "margin": scorer.margin(inputs)})
    with tempfile.TemporaryDirectory() as made:
        saved, script = Path(made) / SCORER, Path(made) / "scorer.py"
        shutil.copytree(folder, saved)
        code = scorer_code() + ENTRY.replace("churn_probability", answer)
        script.write_text(code, encoding="utf-8")
        info = mlflow.pyfunc.log_model(
            name="churn",
            python_model=str(script),
            artifacts={SCORER: str(saved)},
            signature=_all_optional(infer_signature(inputs, output, params={"explain": False})),
            input_example=inputs.head(3),
            registered_model_name=registered_name,
            pip_requirements=_requirements(scorer),
        )
        version = str(info.registered_model_version)
        mlflow.MlflowClient().set_model_version_tag(registered_name, version, DIGEST, digest_of(saved))
    return version


def _all_optional(signature: Any) -> Any:
    """The signature without required columns: one that is missing counts as unknown, whichever the example had."""
    from mlflow.types import ColSpec, Schema

    signature.inputs = Schema([ColSpec(c.type, c.name, required=False) for c in signature.inputs.inputs])
    return signature


def champion(mlflow: Any, name: str, trusted: Sequence[str] = ()) -> Champion | None:
    """The model with the alias champion, loaded; None where there is none."""
    number = aliases(mlflow, name).get("champion")
    return None if number is None else model_version(mlflow, name, number, trusted)


def scoring_model(
    mlflow: Any, name: str, as_of: date, own_version: str, own_is_best: bool, trusted: Sequence[str] = ()
) -> Champion | None:
    """The model that scores as_of: the champion, or this run's own version.

    Its own where it is about to become the champion (the alias moves last, see `pipelines.stages.promote`), where
    there is none, and where the champion was trained after as_of and so has seen its future. None where the
    registry does not hold it any more.
    """
    best = None if own_is_best else champion(mlflow, name, trusted)
    if best is not None and best.scorer.notes.get("trained_as_of", "9999") <= as_of.isoformat():
        return best
    return model_version(mlflow, name, own_version, trusted)


def model_version(mlflow: Any, name: str, number: str, trusted: Sequence[str] = ()) -> Champion | None:
    """One version of a registered model, loaded as data; None where the registry does not hold it.

    Parameters
    ----------
    trusted
        Packages whose classes it may hold (``tracking.trusted_packages``).

    Raises
    ------
    RindError
        Its files are not those that were registered.
    """
    version = _version(mlflow, name, number)
    return None if version is None else scoring.load(mlflow, version, trusted)


def versions(mlflow: Any, name: str, own: str = "") -> pd.DataFrame:
    """The history of a registered model: one row per version (index) whose week stands, and ``own``; newest first.

    Columns: trained (UTC), aliases, auc and average_precision (out of sample, on that training's own rows), verdict.
    """
    client = mlflow.MlflowClient()
    given = aliases(mlflow, name)
    rows = []
    for version in client.search_model_versions(f"name = '{name}'"):
        run = client.get_run(version.run_id)
        if str(version.version) != own and not is_published(run):
            continue
        figures = {metric: run.data.metrics.get(f"model.{metric}.value") for metric in ("auc", "average_precision")}
        about = {
            "version": int(version.version),
            "trained": pd.Timestamp(version.creation_timestamp, unit="ms").floor("s"),
            "aliases": ", ".join(alias for alias, number in given.items() if number == str(version.version)),
        }
        rows.append({**about, **figures, "verdict": run.data.tags.get("verdict", "")})
    columns = ["version", "trained", "aliases", "auc", "average_precision", "verdict"]
    return pd.DataFrame(rows, columns=columns).set_index("version").sort_index(ascending=False)


def earned_aliases(mlflow: Any, name: str) -> dict[str, str]:
    """Version -> the alias that it earned when it was trained, of every version whose week stands."""
    client = mlflow.MlflowClient()
    runs = {str(v.version): client.get_run(v.run_id) for v in client.search_model_versions(f"name = '{name}'")}
    return {number: run.data.tags.get("alias", "") for number, run in runs.items() if is_published(run)}


def artifact_of(mlflow: Any, name: str, number: str | None, artifact: str) -> pd.DataFrame | None:
    """A Parquet file that was logged with the run of a version; None where there is no such version."""
    version = None if number is None else _version(mlflow, name, number)
    if version is None:
        return None
    return pd.read_parquet(run_file(mlflow, mlflow.get_run(version.run_id), artifact))


def aliases(mlflow: Any, name: str) -> dict[str, str]:
    """Alias -> version; empty where the model is not registered."""
    model = _if_there(lambda: mlflow.MlflowClient().get_registered_model(name))
    return {alias: str(version) for alias, version in model.aliases.items()} if model else {}


def set_alias(mlflow: Any, name: str, alias: str, version: str) -> None:
    """Point an alias at a version; a challenger that becomes champion is challenger no more."""
    client = mlflow.MlflowClient()
    if alias == "champion" and "challenger" in aliases(mlflow, name):
        client.delete_registered_model_alias(name, "challenger")
    client.set_registered_model_alias(name, alias, version)


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


def _requirements(scorer: Scorer) -> list[str]:
    """What loading the model needs; the package of a classifier of one's own must be there besides."""
    from importlib.metadata import version

    own = ("shap", "skops", "threadpoolctl") if scorer.own is not None else ()
    return [f"{name}=={version(name)}" for name in ("lightgbm", "numpy", "pandas", "scikit-learn", *own)]
