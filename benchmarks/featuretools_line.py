"""LightGBM on the features that Featuretools makes by itself, where it has an environment of its own.

`make bench-models` makes .venv/featuretools (Featuretools does not run on pandas 3); FEATURETOOLS_PYTHON names another
interpreter. Every fourth week alone is learned from and scored: at each cutoff time Featuretools goes through all rows.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from rind.models.common.frames import KEYS
from rind.models.common.splits import Fold, thin

SCRIPT = Path(__file__).with_name("featuretools_features.py")
EVERY_DAYS = 28
COLUMN = "featuretools"


def interpreter() -> Path | None:
    """The Python that has Featuretools; None where there is none."""
    own = Path(__file__).parents[1] / ".venv" / "featuretools" / "bin" / "python"
    python = Path(os.environ.get("FEATURETOOLS_PYTHON", own))
    return python if python.exists() else None


def predictions(
    labelled: pd.DataFrame, source: Path, folds: Sequence[Fold], settings: Mapping[str, Any]
) -> pd.DataFrame | None:
    """Out-of-sample probabilities on every fourth week; None without an interpreter.

    Parameters
    ----------
    labelled
        One row per (account_id, as_of): churned 1/0/NaN.
    settings
        Of LightGBM.
    """
    python = interpreter()
    if python is None:
        return None
    some = labelled[labelled["as_of"].isin(thin(labelled["as_of"].drop_duplicates(), EVERY_DAYS))]
    made = some[[*KEYS, "churned"]].merge(_features(python, source, some[KEYS]), on=KEYS, validate="one_to_one")
    columns = [name for name in made if name not in (*KEYS, "churned")]
    parts = []
    for fold in folds:
        train = made[fold.rows_to_train(made["as_of"]) & made["churned"].notna().to_numpy()]
        test = made[fold.rows_to_test(made["as_of"])]
        if train["churned"].nunique() == 2 and len(test):
            model = lgb.LGBMClassifier(**settings)
            model.fit(train[columns].to_numpy("float64"), train["churned"].astype(int))
            chance = np.asarray(model.predict_proba(test[columns].to_numpy("float64")))[:, 1]
            parts.append(test[KEYS].assign(**{COLUMN: chance}))
    return pd.concat(parts, ignore_index=True) if parts else None


def _features(python: Path, source: Path, keys: pd.DataFrame) -> pd.DataFrame:
    """One row per row of ``keys``, made by the script in its own environment."""
    with tempfile.TemporaryDirectory() as made:
        cutoffs, out = Path(made, "cutoffs.parquet"), Path(made, "features.parquet")
        keys.to_parquet(cutoffs, index=False)
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run([python, "-W", "ignore", SCRIPT, source, cutoffs, out], check=True, env=clean)
        table = pd.read_parquet(out)
    return table.assign(as_of=table["as_of"].astype(keys["as_of"].dtype))
