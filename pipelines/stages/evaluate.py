"""What the model is worth: metrics.json and the data of the plots."""

from __future__ import annotations

import pandas as pd

from rind.common.facts.figures import NOT_MEASURED
from rind.common.facts.run import Extent, Measured, Metrics, Part, UnderIntervention
from rind.features.storage import load
from rind.models.churn.training_sample import sample_of
from rind.models.common.calendar import TERM_END
from rind.models.common.frames import KEYS
from rind.models.common.resampling import complete_dates
from rind.models.evaluation.calibration import calibration
from rind.models.evaluation.curves import gains, over_folds, reliability
from rind.models.evaluation.metrics import METRICS, auc, average_precision, measure
from rind.models.evaluation.worth import kept_by_order
from rind.models.watermelons.curves import lead_times, recall_within, trade_off
from rind.pipelines.data import read, read_json, write_curve, write_document
from rind.pipelines.labels_as_known import seen_until
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace
from rind.reports.watermelon_charts import labelled_lead_times

MODELS = {"model": "churn_probability", "boosting": "boosting_probability", "baseline": "logistic_probability"}
SEGMENT = "commercial__segment__now"
RANKING = {"auc": auc, "average_precision": average_precision}


def run(space: Workspace, params: Params, progress: Progress) -> None:
    """Measure the reported past where every outcome of a date is known."""
    history = read(space.backtest).merge(read(space.features, ["account_id", "as_of", SEGMENT, TERM_END]), on=KEYS)
    known = history[complete_dates(history)]
    draws, seed = params.metrics.bootstrap_draws, params.seed
    progress(f"{len(known)} rows")
    watermelons, renewing = read_json(space.watermelons), known[known[TERM_END] > 0]
    figures = measure(known, MODELS, draws, seed) if len(known) else _unmeasured()
    metrics = Metrics(
        model=figures["model"],
        boosting=figures["boosting"],
        baseline=figures["baseline"],
        model_minus_baseline=figures["model_minus_baseline"],
        segments=_by_segment(known, draws, seed),
        renewals=_part(renewing, draws, seed) if len(renewing) else {},
        rows=_extent(known),
        watermelons=watermelons,
        orders=kept_by_order(_with_csm(space, known), params.worth, params.capacity.per_csm, draws, seed),
        under_intervention=_under_intervention(space, params, known),
        calibration=calibration(
            known, known[SEGMENT], MODELS["model"], params.labels.horizon_days, params.metrics.fewest_expected
        ),
    )
    if sample := sample_of(read_json(space.model / "scorer.json")["notes"]):
        metrics["training_sample"] = sample
    write_document(space.metrics, metrics)
    curves = {"reliability": reliability, "gains": gains, "folds": over_folds}
    tables = {name: curve(known, MODELS, draws, seed) for name, curve in curves.items()}
    tables["melon_recall"] = recall_within(watermelons)
    if space.green_churn.exists():  # the watermelons may be missing this week
        steps = lead_times(read(space.green_churn), params.labels.horizon_days)
        tables["melon_lead"] = labelled_lead_times(steps)
    tables["melon_trade_off"] = trade_off(known, watermelons, draws, seed)
    for name, table in tables.items():
        write_curve(table, space.plots / f"{name}.csv")


def _under_intervention(space: Workspace, params: Params, known: pd.DataFrame) -> UnderIntervention:
    """How many of the rows an intervention may have turned, and how well the model ranks them and the others."""
    acted = read(space.under_intervention)
    acted = acted[acted["known_from"] <= pd.Timestamp(seen_until(space))]
    marked = known[KEYS].merge(acted[KEYS], on=KEYS, how="left", indicator=True, validate="one_to_one")
    is_acted = (marked["_merge"] == "both").to_numpy()
    these, others = known[is_acted], known[~is_acted]
    draws, seed = params.metrics.bootstrap_draws, params.seed
    return UnderIntervention(
        weight=params.model.intervention_weight,
        rows=len(these),
        accounts=int(these["account_id"].nunique()),
        share=len(these) / len(known) if len(known) else None,
        base_rate=_extent(these)["base_rate"],
        base_rate_of_others=_extent(others)["base_rate"],
        these=_ranking(these, draws, seed),
        others=_ranking(others, draws, seed),
    )


def _ranking(rows: pd.DataFrame, draws: int, seed: int) -> Measured:
    if rows["churned"].nunique() < 2:
        return dict.fromkeys(RANKING, NOT_MEASURED)
    return measure(rows, {"model": MODELS["model"]}, draws, seed, RANKING)["model"]


def _with_csm(space: Workspace, history: pd.DataFrame) -> pd.DataFrame:
    """The rows with the CSM who looks after the account today: the table keeps no history of it."""
    owners = load(space.tables)["accounts"].select("account_id", "csm").to_pandas()
    return history.drop(columns="csm", errors="ignore").merge(owners, on="account_id", how="left")


def _by_segment(known: pd.DataFrame, draws: int, seed: int) -> dict[str, Part]:
    groups = known.groupby(SEGMENT, observed=True)
    return {str(segment): _part(rows, draws, seed) for segment, rows in groups}


def _part(rows: pd.DataFrame, draws: int, seed: int) -> Part:
    """Every figure of a part of the rows, for the model and the baseline."""
    names = {"model": MODELS["model"], "baseline": MODELS["baseline"]}
    figures = measure(rows, names, draws, seed)
    difference = figures["model_minus_baseline"]
    return Part(
        model=figures["model"], baseline=figures["baseline"], model_minus_baseline=difference, rows=_extent(rows)
    )


def _unmeasured() -> dict[str, Measured]:
    """The same keys with nothing in them: no past date has all its outcomes yet."""
    nothing = dict.fromkeys(METRICS, NOT_MEASURED)
    return {name: dict(nothing) for name in (*MODELS, "model_minus_baseline")}


def _extent(rows: pd.DataFrame) -> Extent:
    lost = rows[rows["churned"] == 1]
    return {
        "rows": len(rows),
        "accounts": int(rows["account_id"].nunique()),
        "churned_accounts": int(lost["account_id"].nunique()),
        "dates": int(rows["as_of"].nunique()),
        "base_rate": float(rows["churned"].mean()) if len(rows) else None,
    }
