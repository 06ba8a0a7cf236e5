"""One account through time: its curves and, date by date, what drove its score."""

from __future__ import annotations

import pandas as pd

from rind.reports.sentences import reasons


def explained_dates(catalogue: pd.DataFrame, history: pd.DataFrame, shap: pd.DataFrame, count: int = 3) -> pd.DataFrame:
    """The sentences of `reports.sentences.reasons` for one account on many dates.

    Parameters
    ----------
    catalogue
        One row per feature, as for `reports.sentences.reasons`.
    history
        One row per as_of of one account: as_of (datetime64) and the features.
    shap
        SHAP values on the same index, one column per feature (log-odds); other columns are ignored.

    Returns
    -------
    pandas.DataFrame
        One row per as_of (index: date, in order): reason_1..reason_<count>.
    """
    columns = [c for c in shap.columns if c in set(catalogue["name"])]
    by_date = shap[columns].set_axis(history["as_of"], axis=0).rename_axis("account_id")
    long = by_date.melt(ignore_index=False, var_name="feature", value_name="shap_value").reset_index()
    long["family"] = long["feature"].str.split("__").str[0]
    by_date = reasons(catalogue, history.set_index("as_of"), long, count=count)
    by_date = by_date.sort_index()
    return by_date.set_axis(pd.Index(pd.DatetimeIndex(by_date.index).date, name="as_of"), axis=0)


def curves(history: pd.DataFrame, panels: dict[str, str]) -> pd.DataFrame:
    """One account's columns as curves.

    Parameters
    ----------
    history
        One row per as_of of one account.
    panels
        Column -> its title; columns that the history does not have, or that are always empty, are left out.

    Returns
    -------
    pandas.DataFrame
        One row per (as_of, panel): value.
    """
    shown = {name: title for name, title in panels.items() if name in history and history[name].notna().any()}
    table = history.set_index("as_of")[list(shown)].astype("float64").rename(columns=shown)
    return table.melt(ignore_index=False, var_name="panel", value_name="value").reset_index().dropna(subset="value")
