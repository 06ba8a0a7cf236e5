"""A run's features in tables: how they are spread, what is missing, what goes with churn, and when."""

from __future__ import annotations

import pandas as pd

KEYS = ("account_id", "as_of", "churned")


def spread(rows: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """How the values of every feature are spread.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): the features.
    catalogue
        One row per feature: name, family, description, unit.

    Returns
    -------
    pandas.DataFrame
        One row per feature of the catalogue (index: its name): family, description, unit, missing (share of rows
        without a value), different (number of different values), p05, median, p95 (empty for texts).
    """
    described = catalogue.set_index("name")[["family", "description", "unit"]]
    values = rows[list(described.index)]
    quantiles = values.select_dtypes("number").quantile([0.05, 0.5, 0.95]).T.set_axis(["p05", "median", "p95"], axis=1)
    return described.assign(missing=values.isna().mean(), different=values.nunique()).join(quantiles)


def missing_by_family(rows: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Share of empty cells: one row per (month: datetime64, family), missing 0..1."""
    month = rows["as_of"].dt.to_period("M").dt.to_timestamp().rename("month")
    families = catalogue.groupby("family", sort=False)["name"].apply(list)
    empty = pd.DataFrame({family: rows[names].isna().mean(axis=1) for family, names in families.items()})
    return empty.groupby(month).mean().melt(ignore_index=False, var_name="family", value_name="missing").reset_index()


def association(known: pd.DataFrame, catalogue: pd.DataFrame, min_churned: int = 5) -> pd.DataFrame:
    """How each numeric feature goes with churn, quarter by quarter (Spearman's rank correlation).

    Parameters
    ----------
    known
        One row per (account_id, as_of) of dates whose outcomes are all known: churned 1/0, the features.
    min_churned
        Quarters with fewer churned accounts are left out.

    Returns
    -------
    pandas.DataFrame
        One row per (quarter: "2025 Q1", feature): family, correlation, accounts (with a value), churned_accounts (of
        the quarter), and noise: 1.96 standard errors where nothing goes with churn. It counts accounts, not rows,
        since the rows of an account repeat each other. Features that do not vary in a quarter are absent.
    """
    families = catalogue.set_index("name")["family"]
    names = [name for name in families.index if pd.api.types.is_numeric_dtype(known[name])]
    quarters = known.groupby(known["as_of"].dt.to_period("Q"))
    tables = [_of_quarter(rows, names, f"{quarter.year} Q{quarter.quarter}", min_churned) for quarter, rows in quarters]
    columns = ["quarter", "feature", "correlation", "accounts", "churned_accounts", "noise"]
    table = pd.concat([t for t in tables if len(t)]) if any(map(len, tables)) else pd.DataFrame(columns=columns)
    return table.assign(family=table["feature"].map(families)).dropna(subset="correlation").reset_index(drop=True)


def strongest(associations: pd.DataFrame, per_family: int = 3) -> pd.DataFrame:
    """The rows of `association` of the features that go with churn most, in units of noise."""
    weighed = associations.assign(correlation=associations["correlation"] / associations["noise"])
    mean = weighed.groupby(["family", "feature"])["correlation"].mean().abs().reset_index()
    best = mean.sort_values("correlation", ascending=False).groupby("family").head(per_family)
    return associations[associations["feature"].isin(best["feature"])]


def _of_quarter(rows: pd.DataFrame, names: list[str], quarter: str, min_churned: int) -> pd.DataFrame:
    lost = rows.loc[rows["churned"] == 1, "account_id"].nunique()
    if lost < min_churned or rows["churned"].nunique() < 2:
        return pd.DataFrame()
    varying = [name for name in names if rows[name].nunique() > 1]
    correlation = rows[varying].rank().corrwith(rows["churned"].astype("float64").rank())
    accounts = rows[varying].notna().groupby(rows["account_id"]).any().sum()
    table = pd.DataFrame({"correlation": correlation, "accounts": accounts}).rename_axis("feature").reset_index()
    return table.assign(quarter=quarter, churned_accounts=lost, noise=1.96 / table["accounts"] ** 0.5)
