"""Is the model still good? Drift of inputs and scores, performance on labels as they come due, and before they do."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.facts.monitor import MonitorRecord, Rules
from rind.common.guards import of_records
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.common.splits import thin
from rind.models.monitor.answer import answer_of, signs
from rind.models.monitor.drift import family_drift, score_drift
from rind.models.monitor.performance import departures, expected_auc, seen_auc, seen_rate
from rind.pipelines.data import read, read_dates, read_json, write_document
from rind.pipelines.labels_as_known import labels_at, seen_until
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.monitor_text import reasons

REFERENCE_EVERY_DAYS = 28


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Write monitor.json."""
    as_of = read_dates(space.dates)["as_of"]
    progress("inputs")
    past, now = _inputs(space, params, as_of)
    drift = family_drift(past, now, read(space.explanations, ["feature", "shap_value"], repeated=["feature"]))
    progress("performance")
    history = read(space.backtest, [*KEYS, "churn_probability"])
    known = history.merge(labels_at(space, seen_until(space))[[*KEYS, "churned"]], on=KEYS, how="left")
    known = known[complete_dates(known)]
    recent, before = _recent(known, params.monitor.recent_days)
    scores = read(space.scores, ["churn_probability"], [as_of])["churn_probability"]
    draws, seed = params.metrics.bootstrap_draws, params.seed
    year = history[history["as_of"] >= pd.Timestamp(as_of - timedelta(days=params.monitor.reference_days))]
    record = MonitorRecord(
        answer="hold", why=[],
        drift=drift, scores_psi=score_drift(year["churn_probability"], scores),
        base_rate=seen_rate(recent, draws, seed), base_rate_before=seen_rate(before, draws, seed),
        expected_auc=expected_auc(scores.to_numpy("float64"), draws, seed),
        promised_auc=expected_auc(_of_last_date(recent), draws, seed),
        seen_auc=seen_auc(recent, draws, seed), seen_auc_before=seen_auc(before, draws, seed),
        departures=departures(recent, draws, seed),
        rules=_rules(space), recent_from=_day(recent["as_of"].min()), recent_until=_day(recent["as_of"].max()),
    )  # fmt: skip
    noticed = signs(
        record["drift"], record["scores_psi"], record["promised_auc"], record["seen_auc"], record["base_rate"],
        record["base_rate_before"], record["departures"], record["rules"]["fired"], params.monitor,
    )  # fmt: skip
    write_document(space.monitor, record | {"answer": answer_of(noticed), "why": reasons(noticed, record)})


def _rules(space: Workspace) -> Rules:
    """What the guard measured of the rules."""
    guards = read_json(space.guards)
    measured: Rules = guards["measured"]["rules_changed"]
    words = [finding.words for finding in of_records(guards["fired"]) if finding.guard == "rules_changed"]
    return measured | {"fired": bool(words), "words": " ".join(words)}


def _inputs(space: Workspace, params: Params, as_of: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The features of the reference dates, four weeks apart, and of the scoring date."""
    days = read(space.labels, ["as_of"])["as_of"].drop_duplicates().dt.date
    first = as_of - timedelta(days=params.monitor.reference_days)
    reference = thin([day for day in days if first <= day < as_of], REFERENCE_EVERY_DAYS)
    now = read(space.features, days=[as_of])
    return (read(space.features, days=reference) if reference else now.iloc[:0]), now


def _recent(known: pd.DataFrame, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The latest dates with known outcomes, and those before."""
    latest = known["as_of"] > known["as_of"].max() - pd.Timedelta(days=days)
    return known[latest], known[~latest]


def _of_last_date(recent: pd.DataFrame) -> npt.NDArray[np.float64]:
    return np.asarray(recent.loc[recent["as_of"] == recent["as_of"].max(), "churn_probability"], dtype=np.float64)


def _day(stamp: pd.Timestamp) -> str | None:
    return None if pd.isna(stamp) else str(stamp.date())
