"""The backtest of the contract: predictions beside the health score of the day, and the watermelon flags."""

from __future__ import annotations

import pandas as pd

from rind.models.common.calendar import CELL, DAYS_TO_TERM_END, TERM_DAYS, cells
from rind.models.common.frames import KEYS, SEGMENT
from rind.models.watermelons.evaluation import flag_figures
from rind.models.watermelons.flags import Rule, flag, flag_history
from rind.models.watermelons.green_churn import post_mortem
from rind.pipelines.data import read, write, write_document
from rind.pipelines.labels_as_known import labels_at, outcomes, seen_until
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.watermelon_text import with_words


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write backtest.parquet, one row per (account_id, as_of) of the reported past, and what the flags were worth.

    And green_churn.parquet, one row per account that left while its health score was green.
    """
    history = _history(space)
    progress("flags")
    rule = Rule(params.watermelons, params.labels, params.metrics.bootstrap_draws, params.seed)
    flagged = flag_history(history, rule, outcomes(space, history))
    flagged = flagged[flagged.pop("reported")]
    write(flagged, space.backtest)
    write(post_mortem(flagged, read(space.family_shap), params.watermelons.told_from), space.green_churn)
    draws, horizon = params.metrics.bootstrap_draws, params.labels.horizon_days
    write_document(space.watermelons, with_words(flag_figures(flagged, draws, params.seed, horizon)))


def fall_back(space: Workspace, params: Params) -> None:
    """Write the backtest without flags: the list needs the probabilities of the past, whatever became of the flags."""
    history = _history(space)
    history = history[history.pop("reported")]
    flagless = flag(history, float("nan")).assign(watermelon_candidate=False, watermelon_withheld=True)
    write(flagless, space.backtest)
    draws, horizon = params.metrics.bootstrap_draws, params.labels.horizon_days
    write_document(space.watermelons, with_words(flag_figures(flagless, draws, params.seed, horizon)))


def _history(space: Workspace) -> pd.DataFrame:
    """One row per (account_id, as_of) of the past: predictions, health and labels as they stood, mrr, the calendar."""
    history = read(space.predictions).merge(read(space.health), on=KEYS, how="left", validate="one_to_one")
    known = labels_at(space, seen_until(space)).drop(columns="churned")
    history = history.merge(known, on=KEYS, validate="one_to_one")
    more = read(space.features, [*KEYS, "commercial__mrr__now", SEGMENT, DAYS_TO_TERM_END, TERM_DAYS])
    more[CELL] = cells(more.pop(DAYS_TO_TERM_END), more.pop(TERM_DAYS))
    return history.merge(
        more.rename(columns={"commercial__mrr__now": "mrr", SEGMENT: "segment"}), on=KEYS, validate="one_to_one"
    )
