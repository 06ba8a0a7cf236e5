"""The review of a training as tables: figures with intervals, segments, trials of the search, SHAP values to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.facts.run import Measured, Metrics, SearchRecord
from rind.reports.facts import MEASURES, Interval, interval_words


def figures(metrics: Mapping[str, Measured], models: Sequence[str] = ("model", "boosting", "baseline")) -> pd.DataFrame:
    """Every measure of metrics.json in words: one row per measure, one column per model and one for the difference."""
    shown = [*models, f"{models[0]}_minus_{models[-1]}"]
    names = list(metrics[models[0]])
    titles = [MEASURES[n][0] if n in MEASURES else n.replace("_", " ").replace("pct", " %") for n in names]
    columns = {m.replace("_", " "): [_figure_words(metrics[m].get(n)) for n in names] for m in shown if m in metrics}
    return pd.DataFrame(columns, index=pd.Index(titles, name="measure"))


def by_segment(metrics: Metrics) -> pd.DataFrame:
    """The segments of metrics.json: one row per segment: accounts, churned accounts, base rate, the model's figures."""
    rows = {}
    for segment, figures_of in metrics["segments"].items():
        extent = figures_of["rows"]
        about: dict[str, int | str] = {"accounts": extent["accounts"], "churned accounts": extent["churned_accounts"]}
        about["base rate"] = f"{extent['base_rate']:.1%}"
        rows[segment] = about | {
            n.replace("_", " ").replace("pct", " %"): _figure_words(v) for n, v in figures_of["model"].items()
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("segment")


def folds(backtest: pd.DataFrame) -> pd.DataFrame:
    """Which past was scored by which model.

    Returns
    -------
    pandas.DataFrame
        One row per fold (index): trained_as_of, test_from and test_to (first and last as_of scored), accounts, rows,
        known (rows whose outcome is known), churned_accounts.
    """
    lost = backtest["account_id"].where(backtest["churned"] == 1)
    return backtest.assign(lost=lost).groupby("fold").agg(
        trained_as_of=("trained_as_of", "first"),
        test_from=("as_of", "min"),
        test_to=("as_of", "max"),
        accounts=("account_id", "nunique"),
        rows=("account_id", "size"),
        known=("churned", "count"),
        churned_accounts=("lost", "nunique"),
    )  # fmt: skip


def trials(hyperparameters: SearchRecord) -> pd.DataFrame:
    """The trials of hyperparameters.json, best first: trial, log_loss, the parameters; empty without a search."""
    table = pd.DataFrame(hyperparameters["trials"])
    if table.empty:
        return table
    return table.rename_axis("trial").reset_index().sort_values("log_loss", ignore_index=True)


@dataclass(frozen=True)
class Attributions:
    """SHAP values of accounts in the shape that `shap.Explanation` takes.

    Parameters
    ----------
    accounts
        The rows, shape (accounts,).
    names
        The features in words, shape (features,).
    values, data
        Log-odds, and the features' own values (NaN where empty), shape (accounts, features); a feature
        that has no number at all, a text say, is 0 throughout: a picture wants one to colour by.
    base_values
        The model's margin before any feature, shape (accounts,).
    """

    accounts: npt.NDArray[np.object_]
    names: list[str]
    values: npt.NDArray[np.float64]
    data: npt.NDArray[np.float64]
    base_values: npt.NDArray[np.float64]


def attributions(explanations: pd.DataFrame, catalogue: pd.DataFrame, width: int = 60) -> Attributions:
    """explanations.parquet (one row per account and feature), wide, riskiest account first.

    ``width``: descriptions longer than so many letters are cut at a word.
    """
    words = catalogue.set_index("name")["description"]
    margin = explanations.groupby("account_id")["margin"].first().sort_values(ascending=False)
    shap_values, data = (
        explanations.pivot_table(cell, "account_id", "feature", aggfunc="first", dropna=False).loc[margin.index]
        for cell in ("shap_value", "value")
    )
    data = data.where(data.notna().any(), 0.0, axis="columns")
    return Attributions(
        accounts=np.asarray(margin.index, dtype=object),
        names=[_cut(str(words.get(feature, feature)), width) for feature in shap_values.columns],
        values=shap_values.to_numpy(dtype=np.float64),
        data=data.to_numpy(dtype=np.float64),
        base_values=explanations.groupby("account_id")["base_value"].first()[margin.index].to_numpy(dtype=np.float64),
    )


def attributions_of(
    shap_values: pd.DataFrame, base: float, rows: pd.DataFrame, catalogue: pd.DataFrame, width: int = 60
) -> Attributions:
    """The same of a model's own SHAP values: one row per account and one column per feature.

    Parameters
    ----------
    rows
        The accounts' features on the same index, with account_id; a column that is no number counts as 0.
    """
    words = catalogue.set_index("name")["description"]
    order = (-shap_values.sum(axis="columns")).argsort(kind="stable")
    numbers = rows.reindex(columns=shap_values.columns).apply(pd.to_numeric, errors="coerce")
    data = numbers.where(numbers.notna().any(), 0.0, axis="columns")
    return Attributions(
        accounts=rows["account_id"].to_numpy(dtype=object)[order],
        names=[_cut(str(words.get(feature, feature)), width) for feature in shap_values.columns],
        values=shap_values.to_numpy(dtype=np.float64)[order],
        data=data.to_numpy(dtype=np.float64)[order],
        base_values=np.full(len(rows), base),
    )


def _figure_words(figure: Any) -> str:
    return interval_words(Interval.of(figure), decimals=3)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[:width].rsplit(" ", 1)[0] + " ..."
