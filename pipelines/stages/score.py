"""The champion's scores of the cohort now and one step before, and the SHAP values of every account in the list."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rind.common.errors import RindError
from rind.models.churn.comparables import apart
from rind.models.churn.moves import points_moved
from rind.models.common.frames import KEYS
from rind.pipelines import tracking
from rind.pipelines.data import read, read_dates, read_json, write, write_pieces
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace

ACCOUNTS = 1000
"""Accounts whose explanations are written at a time: some 180,000 rows."""


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write scores.parquet, one row per account and date of both cohorts, and explanations.parquet.

    Both dates are scored by the same model, so that what moved between them are the accounts' own facts.
    """
    dates = read_dates(space.dates)
    rows = read(space.features, days=[dates["as_of"], dates["previous"]])
    registered = read_json(space.registered)
    name = registered["name"]
    with tracking.store(space, params.tracking) as mlflow:
        own, is_best = registered["version"], registered["alias"] == "champion"
        champion = tracking.scoring_model(mlflow, name, dates["as_of"], own, is_best, params.tracking.trusted_packages)
        if champion is None:
            raise RindError(f"{name} version {own} is not in the registry", "register it again: dvc repro -f register")
        progress(f"{len(rows)} accounts with {name} version {champion.version}")
        explained = champion.predict(rows, explain=True)
    scored = explained[["churn_probability", "margin"]].assign(model_version=champion.version)
    write(pd.concat([rows[KEYS], scored], axis=1), space.scores)
    now = rows["as_of"] == pd.Timestamp(dates["as_of"])
    before = explained[~now].set_axis(rows.loc[~now, "account_id"])
    write_pieces(_pieces(rows[now], explained[now], before, params.reasons.fewest_comparable), space.explanations)


def _pieces(
    rows: pd.DataFrame, explained: pd.DataFrame, before: pd.DataFrame, fewest_comparable: int
) -> Iterator[pd.DataFrame]:
    """The explanations of `ACCOUNTS` after the other: all of them, with their texts, would fill the memory."""
    set_apart = apart(explained[_features(explained)], rows, fewest_comparable)
    for start in range(0, max(len(rows), 1), ACCOUNTS):
        some = slice(start, start + ACCOUNTS)
        yield _long(rows.iloc[some], explained.iloc[some], set_apart.iloc[some], before)


def _features(explained: pd.DataFrame) -> list[str]:
    return [c for c in explained.columns if "__" in c]


def _long(rows: pd.DataFrame, explained: pd.DataFrame, set_apart: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """One row per account and feature: value (as text for texts), SHAP values, and the account's base and margin."""
    features = _features(explained)
    count = len(features)
    values = rows.reindex(columns=features)
    as_number = values.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    as_text = values.select_dtypes(exclude="number").astype("object")
    text = pd.DataFrame(None, index=values.index, columns=features, dtype="object")
    text[as_text.columns] = as_text
    moved = points_moved(explained.set_axis(rows["account_id"]), before)
    return pd.DataFrame(
        {
            "account_id": np.repeat(rows["account_id"].to_numpy(), count),
            "as_of": np.repeat(rows["as_of"].to_numpy(), count),
            "feature": np.tile(features, len(rows)),
            "family": np.tile([f.split("__", 1)[0] for f in features], len(rows)),
            "value": as_number.ravel(),
            "value_text": pd.array(text.to_numpy(dtype=object).ravel(), dtype="str"),  # also where no text is used
            "shap_value": explained[features].to_numpy(dtype=np.float64).ravel(),
            "apart": set_apart.to_numpy(dtype=np.float64).ravel(),
            "moved_points": moved.to_numpy(dtype=np.float64).ravel(),
            "base_value": np.repeat(explained["base_value"].to_numpy(), count),
            "margin": np.repeat(explained["margin"].to_numpy(), count),
        }
    )
