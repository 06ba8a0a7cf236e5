"""The model that scores: read as data only, after its files were compared with what was registered."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rind.common.errors import RindError
from rind.common.files import sha256
from rind.models.churn.scorer import Scorer
from rind.pipelines.tracking.places import model_folder

SCORER = "scorer"
"""Name of the saved scorer's folder among a model's artefacts."""

DIGEST = "scorer_sha256"
"""Tag of a model version: the digest of that folder, as it was registered."""


@dataclass(frozen=True)
class Champion:
    """A registered model version that scores."""

    name: str
    version: str
    run_id: str
    scorer: Scorer

    def predict(self, frame: pd.DataFrame, explain: bool = False) -> pd.DataFrame:
        """Score rows that hold the model's features; columns that are missing count as unknown.

        Columns: churn_probability, margin (log-odds); with ``explain`` also base_value and one SHAP value a feature.
        """
        inputs = model_inputs(frame, self.scorer)
        margin = self.scorer.margin(inputs)
        scored = pd.DataFrame({"churn_probability": 1 / (1 + np.exp(-margin)), "margin": margin}, index=frame.index)
        if not explain:
            return scored
        shap, base = self.scorer.contributions(inputs)
        return pd.concat([scored.assign(base_value=base), shap], axis=1)


def model_inputs(frame: pd.DataFrame, scorer: Scorer) -> pd.DataFrame:
    """Exactly the columns that a scorer reads: numbers as float64, texts as object, "" where there is none."""
    numbers = {name: frame.get(name, pd.Series(float("nan"), index=frame.index)) for name in scorer.numeric}
    inputs = pd.DataFrame(numbers, index=frame.index).astype("float64")
    for name in scorer.levels:
        text = frame.get(name, pd.Series(None, index=frame.index, dtype="object")).astype("object")
        inputs[name] = text.where(text.notna(), "")
    return inputs


def digest_of(folder: Path) -> str:
    """One SHA-256, in hex, over the names and contents of all files below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def load(mlflow: Any, version: Any, trusted: Sequence[str] = ()) -> Champion:
    """A model version, loaded: LightGBM's text, coefficients and JSON; no code that lies in the registry runs.

    Raises
    ------
    RindError
        Its files are not those that were registered, or it was registered without a digest.
    """
    what = f"{version.name} version {version.version}"
    with tempfile.TemporaryDirectory() as made:  # what was compared is what is read, whoever writes there meanwhile
        folder = Path(made) / SCORER
        source = model_folder(mlflow, version) / "artifacts" / SCORER
        if source.is_dir():
            shutil.copytree(source, folder)
        registered = version.tags.get(DIGEST)
        if registered is None or digest_of(folder) != registered:
            raise _not_as_registered(what, source, registered is None)
        return Champion(version.name, str(version.version), str(version.run_id), read_scorer(folder, trusted))


def read_scorer(folder: Path, trusted: Sequence[str]) -> Scorer:
    """A saved scorer.

    Raises
    ------
    RindError
        Its classifier holds classes of packages that are not trusted.
    """
    try:
        return Scorer.load(folder, trusted)
    except ValueError as error:
        hint = "name the packages in tracking.trusted_packages if you know where the model comes from"
        raise RindError(str(error), hint) from error


def _not_as_registered(what: str, source: Path, without_digest: bool) -> RindError:
    if without_digest:
        problem = f"{what} carries no digest of its files: an older Rind, or a run that was killed, registered it"
    else:
        problem = f"the files of {what} in {source} are not those that were registered"
    return RindError(problem, "restore mlruns from a backup; or move it away, and the next `rind run` trains anew")
