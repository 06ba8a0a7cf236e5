"""What several modelling stages need from the workspace and the parameters."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from rind.common.errors import UsageError
from rind.common.plugins import load
from rind.models.churn.estimators import MakeEstimator, takes_weights
from rind.models.common.frames import KEYS
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import Fold, rolling_folds
from rind.pipelines.data import read, read_dates, read_json
from rind.pipelines.feature_rows import FeatureRows
from rind.pipelines.labels_as_known import labels_at, seen_until
from rind.pipelines.params import Params
from rind.pipelines.workspace import Workspace


def snapshots(space: Workspace) -> Snapshots:
    """Every snapshot, with churned (1/0/NaN) as far as this run may know it; its features are read from the disk."""
    keys, known = read(space.features, KEYS), labels_at(space, seen_until(space))
    placed = keys.merge(known, on=KEYS, how="left", validate="one_to_one")
    return Snapshots(keys.assign(churned=placed["churned"].to_numpy()), FeatureRows(space.features))


def published(space: Workspace) -> pd.DataFrame:
    """One row per snapshot: the features and the label as the run published it, in a folder of results too."""
    return read(space.features).merge(read(space.labels, [*KEYS, "churned"]), on=KEYS, validate="one_to_one")


def folds(space: Workspace, params: Params) -> list[Fold]:
    """All training dates that the history allows."""
    days = read(space.labels, ["as_of"])["as_of"].drop_duplicates().dt.date.sort_values().tolist()
    return rolling_folds(days, params.labels, params.backtest.refit_every_days, params.backtest.min_train_dates)


def first_reported(all_folds: list[Fold], params: Params, space: Workspace) -> date:
    """The first training date whose predictions are reported: backtest.days ago, else the first there is."""
    wanted = read_dates(space.dates)["as_of"] - timedelta(days=params.backtest.days)
    return min((f.trained_as_of for f in all_folds if f.trained_as_of >= wanted), default=all_folds[0].trained_as_of)


def estimator(params: Params) -> MakeEstimator | None:
    """What makes the classifier that ``model.estimator`` names; None: our own models.

    Raises
    ------
    UsageError
        Nothing has that name, or rows are to teach by weight and its ``fit`` takes none.
    """
    name, weight = params.model.estimator, params.model.intervention_weight
    make: MakeEstimator | None = load(name, "rind.estimators") if name else None
    if 0 < weight < 1 and not takes_weights(make):
        raise UsageError(
            f"the classifier {name} takes no sample_weight, which model.intervention_weight: {weight:g} needs",
            "set model.intervention_weight to 1 (every row teaches alike) or 0 (such rows are left out)",
        )
    return make


def catalogue(space: Workspace) -> pd.DataFrame:
    """One row per feature: name, family, description, unit, direction and its sentences."""
    return pd.DataFrame(read_json(space.catalogue)["features"])


def directions(space: Workspace) -> dict[str, int]:
    """Feature -> the catalogue's direction."""
    return {f["name"]: int(f["direction"]) for f in read_json(space.catalogue)["features"]}
