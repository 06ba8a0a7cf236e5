"""How much of what could be known does the model know? Printed by `python -m benchmarks.companies`.

The AUC of the planted probabilities is the best that anybody could do
(AUC*); reach = (AUC - 0.5) / (AUC* - 0.5) of the backtest's out-of-sample predictions on the same rows, and the
same share of the average precision, for the blend, its two parts, LightGBM with its defaults and tuned by hand,
CatBoost, FLAML and Featuretools with LightGBM where they are installed (`make bench-models` installs them; the last one
scores every fourth week alone, and is judged on these), and naive rules: the mean over the
seeds, and the lowest and highest, with the seconds of all fits. "Taught the truth" is LightGBM that learns the planted
probabilities themselves, not who left: what these features can tell of them, had a company no chance and no end of
customers.
All on the same features and folds.
In the null company only the calendar can be known: there the AUC among accounts whose term ends as
soon (inside the horizon or not) is printed instead, with its interval by account, which must hold 0.5.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from rich.table import Table
from scipy.special import logit
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks import automl, featuretools_line
from rind.models.churn.backtest import training_rows
from rind.models.churn.estimators import choose_columns
from rind.models.churn.scorer import Scorer
from rind.models.common.resampling import account_draws, complete_dates, drawn_auc, interval
from rind.pipelines.data import read
from rind.pipelines.params import Params
from rind.pipelines.training_inputs import first_reported, folds, snapshots
from rind.pipelines.workspace import Workspace

TERM_END, TERM_LENGTH = "commercial__days_to_term_end__now", "commercial__term_days__now"
NAIVE = {
    "recency of use": ("usage__last_use__now", 1),
    "nearest term end": (TERM_END, -1),
    "last NPS": ("surveys__nps_last__ever", -1),
    "low use per seat": ("usage__active_users_per_seat__28d", -1),
}
MODELS = {
    "blend": "churn_probability",
    "boosting": "boosting_probability",
    "logistic": "logistic_probability",
    "LightGBM defaults": "defaults",
    "LightGBM tuned": "tuned",
    "CatBoost": "catboost",
    "FLAML": "flaml",
    "Featuretools and LightGBM, every fourth week": featuretools_line.COLUMN,
    "taught the truth": "taught",
}
QUIET: dict[str, Any] = {"n_jobs": 1, "verbosity": -1}
TUNED: dict[str, Any] = {"num_leaves": 8, "learning_rate": 0.03, "n_estimators": 300, "colsample_bytree": 0.3}
CATBOOST = "catboost"  # in the extra `bench` only
SECONDS: dict[str, float] = defaultdict(float)
"""Name -> seconds of all its fits so far."""
DRAWS = 200


def rows(space: Workspace, params: Params, truth: Path) -> pd.DataFrame:
    """The backtest's judged rows of one company: predictions, naive features and the planted p_90."""
    keys = ["account_id", "as_of"]
    every = snapshots(space)
    features = every.rows(every.outcomes)
    planted = read(truth / "churn_probability.parquet", [*keys, "p_90"])
    planted["as_of"] = planted["as_of"].astype(features["as_of"].dtype)
    history = read(space.predictions).merge(_beside(features.merge(planted, on=keys), space, params), on=keys)
    judged = history[complete_dates(history)]
    naive = features[[*keys, TERM_LENGTH, *(column for column, _ in NAIVE.values())]]
    rows = judged.merge(naive, on=keys).merge(planted, on=keys)
    begun = time.perf_counter()
    further = featuretools_line.predictions(
        features, Path(params.source.url), folds(space, params), {**QUIET, **TUNED, "random_state": params.seed}
    )
    if further is None:
        return rows
    SECONDS[featuretools_line.COLUMN] += time.perf_counter() - begun
    return rows.merge(further, on=keys, how="left")


def _beside(features: pd.DataFrame, space: Workspace, params: Params) -> pd.DataFrame:
    """The competitors, and LightGBM taught the truth, on the same folds; one row per account and date."""
    every = folds(space, params)
    start, parts = first_reported(every, params, space), []
    for fold in every:
        test = features[fold.rows_to_test(features["as_of"])]
        if fold.trained_as_of < start or test.empty:
            continue
        train = training_rows(features, fold, params.model.train_every_days)
        blank = Scorer(*choose_columns(train, params.model), (), (), weight=0.0)
        known, encoded = blank.encode(train), blank.encode(test)
        columns = {}
        for name, model in _competitors(train["account_id"], params.seed).items():
            target = logit(train["p_90"].clip(1e-5, 1 - 1e-5)) if name == "taught" else train["churned"].astype(int)
            begun = time.perf_counter()
            model.fit(known, target)
            SECONDS[name] += time.perf_counter() - begun
            columns[name] = model.predict(encoded) if name == "taught" else model.predict_proba(encoded)[:, 1]
        parts.append(test[["account_id", "as_of"]].assign(**columns))
    return pd.concat(parts, ignore_index=True)


def _competitors(accounts: pd.Series[str], seed: int) -> dict[str, Any]:
    """Column -> a new model, each on one core; ``accounts``: of the training rows."""
    quiet: dict[str, Any] = {**QUIET, "random_state": seed}
    models: dict[str, Any] = {
        "defaults": lgb.LGBMClassifier(**quiet),
        "tuned": lgb.LGBMClassifier(**quiet, **TUNED),
        "taught": lgb.LGBMRegressor(**quiet),
    }
    if find_spec(CATBOOST):
        make = import_module(CATBOOST).CatBoostClassifier
        models["catboost"] = make(random_seed=seed, thread_count=1, verbose=False, allow_writing_files=False)
    if automl.installed():
        models["flaml"] = automl.Flaml(accounts, seed)
    return models


def scores(judged: pd.DataFrame) -> dict[str, pd.Series[float]]:
    """Name -> the score of every model and naive rule, higher is riskier; unknown counts as the median."""
    columns = {name: judged[column].astype(float) for name, column in MODELS.items() if column in judged}
    for name, (column, sign) in NAIVE.items():
        known = sign * judged[column].astype(float)
        columns[name] = known.fillna(known.median() if known.notna().any() else 0.0)
    return columns


def reach(judged: pd.DataFrame) -> Iterator[tuple[str, float, float]]:
    """(name, share of the truth's AUC reach, share of its average precision) of every model and naive rule.

    Each on the rows that it scored, the truth on the same rows.
    """
    for name, score in scores(judged).items():
        known = score.notna()
        left, planted = judged.loc[known, "churned"].astype(int), judged.loc[known, "p_90"]
        best, precise = roc_auc_score(left, planted) - 0.5, average_precision_score(left, planted)
        of_auc = (roc_auc_score(left, score[known]) - 0.5) / best
        yield name, of_auc, average_precision_score(left, score[known]) / precise


def within_terms(judged: pd.DataFrame, score: pd.Series[float], seed: int) -> tuple[float, float, float]:
    """AUC, and its 95 % interval by account, among rows whose term ends in the same week and is as long.

    Ranks inside those groups alone are compared, so that knowing the calendar is worth nothing.
    """
    week = (judged[TERM_END] // 7).fillna(-1)
    months = (judged[TERM_LENGTH] / 30.4375).round()
    rank = score.groupby([week, months]).rank(pct=True)
    rank = rank.where((week >= 0) & (week < 13))
    ranked = rank.notna()
    codes, accounts = pd.factorize(judged.loc[ranked, "account_id"])
    left = judged.loc[ranked, "churned"].to_numpy("float64")
    risk = rank[ranked].to_numpy("float64")
    drawn = drawn_auc(np.asarray(risk, dtype=np.float64), left, account_draws(len(accounts), DRAWS, seed), codes)
    between = interval(drawn) or {"low": np.nan, "high": np.nan}
    return float(roc_auc_score(left, risk)), between["low"], between["high"]


def reached(companies_judged: Sequence[tuple[str, int, pd.DataFrame]]) -> tuple[Table, Table]:
    """The reach in companies with something to know, and what was ranked in those without: (scenario, seed, rows)."""
    lines = (*MODELS, *NAIVE)
    table = Table("scenario", "AUC*", "base", *lines, title="reach of AUC* / of AP*")
    null = Table("seed", "AUC, same term length and week of its end", "interval", title="null company: nothing to know")
    for scenario in dict.fromkeys(scenario for scenario, _, _ in companies_judged):
        companies = [(seed, judged) for name, seed, judged in companies_judged if name == scenario]
        if scenario == "null":
            for seed, judged in companies:
                middle, low, high = within_terms(judged, scores(judged)["blend"], seed)
                null.add_row(str(seed), f"{middle:.3f}", f"{low:.3f} to {high:.3f}")
            continue
        best = np.mean([roc_auc_score(judged["churned"].astype(int), judged["p_90"]) for _, judged in companies])
        base = np.mean([judged["churned"].mean() for _, judged in companies])
        values: dict[str, list[tuple[float, float]]] = {}
        for _, judged in companies:
            for name, of_auc, of_ap in reach(judged):
                values.setdefault(name, []).append((of_auc, of_ap))
        table.add_row(scenario, f"{best:.3f}", f"{base:.3f}", *(_cell(values.get(name, [])) for name in lines))
    return table, null


def halfway(companies_judged: Sequence[tuple[str, int, pd.DataFrame]]) -> Table:
    """How much of the way from the tuned LightGBM to the one taught the truth the blend has gone, by company."""
    title = "of the way from the tuned LightGBM to taught the truth (goal: half); below 0: worse than the tuned one"
    table = Table("company", "reach", "average precision", title=title)
    for scenario, seed, judged in companies_judged:
        if scenario == "null":
            continue
        of = {name: np.array([auc, ap]) for name, auc, ap in reach(judged)}
        tuned = of["LightGBM tuned"]
        way = (of["blend"] - tuned) / (of["taught the truth"] - tuned)
        table.add_row(f"{scenario} {seed}", *(f"{share:+.2f}" for share in way))
    return table


def _cell(values: list[tuple[float, float]]) -> str:
    """Mean of both reaches, and below them the lowest and highest seed's."""
    if not values:
        return "not installed"
    means, low, high = (how(values, axis=0) for how in (np.mean, np.min, np.max))
    return f"{means[0]:.2f} / {means[1]:.2f}\n({low[0]:.2f}-{high[0]:.2f} / {low[1]:.2f}-{high[1]:.2f})"
