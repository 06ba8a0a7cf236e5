"""The cohorts of the scoring date and of the date before, as the model scored them."""

from __future__ import annotations

from datetime import date

import pandas as pd

from rind.features.account_snapshot import standing
from rind.features.storage import load
from rind.models.common.frames import KEYS
from rind.models.watermelons.flags import Rule, flag_on
from rind.pipelines import tracking
from rind.pipelines.data import of_date, read, read_json
from rind.pipelines.family_settings import family_settings
from rind.pipelines.labels_as_known import outcomes
from rind.pipelines.params import Params
from rind.pipelines.tracking_settings import TrackingSettings
from rind.pipelines.workspace import Workspace


def scored_cohorts(space: Workspace, params: Params, dates: dict[str, date]) -> pd.DataFrame:
    """One row per account and date of both cohorts: who it is, its probability, its health, the watermelon flag."""
    scores, health, history = read(space.scores), read(space.health), own_history(space, params.tracking)
    healthy, known = scores.merge(health, on=KEYS, how="left"), outcomes(space, history)
    both = (dates["previous"], dates["as_of"])
    rule = Rule(params.watermelons, params.labels, params.metrics.bootstrap_draws, params.seed)
    flagged = [
        flag_on(day, healthy[healthy["as_of"] == pd.Timestamp(day)], history.assign(churned=known.at(day)), rule)
        for day in both
    ]
    tables = load(space.tables)
    spine = tables["usage"].get_backend().read_parquet(str(space.snapshots))
    spine = spine.semi_join(of_date(list(both), "as_of"), "as_of")
    who: pd.DataFrame = standing(spine, tables, family_settings(params)).to_pandas()
    who = who.sort_values(KEYS)  # an engine keeps no order
    who["as_of"] = pd.to_datetime(who["as_of"]).astype(scores["as_of"].dtype)
    scored: pd.DataFrame = who.merge(pd.concat(flagged), on=KEYS, validate="one_to_one")
    return scored


def own_history(space: Workspace, settings: TrackingSettings) -> pd.DataFrame:
    """The backtest of the model that scored: a threshold holds for the probabilities that it was chosen on."""
    registered, version = read_json(space.registered), scoring_version(space)
    if version == registered["version"]:
        return read(space.backtest)
    with tracking.store(space, settings) as mlflow:
        theirs = tracking.artifact_of(mlflow, registered["name"], version, space.backtest.name)
    return read(space.backtest) if theirs is None else theirs.assign(as_of=pd.to_datetime(theirs["as_of"]))


def scoring_version(space: Workspace) -> str:
    """The version of the model that made the list."""
    return str(read(space.scores, ["model_version"])["model_version"].iloc[0])
