"""SHAP in words: which facts about an account drove its score."""

from __future__ import annotations

import pandas as pd


def reasons(
    catalogue: pd.DataFrame,
    values: pd.DataFrame,
    explanations: pd.DataFrame,
    count: int = 3,
    per_family: int = 2,
) -> pd.DataFrame:
    """The facts that drove each account's score, strongest first.

    Parameters
    ----------
    catalogue
        One row per feature: name, family, description, unit, direction, sentence, when_zero, when_missing.
    values
        One row per account (index: account_id), one column per feature.
    explanations
        One row per (account_id, feature): family, shap_value (log-odds, positive = more risk).
    count, per_family
        How many reasons, and how many of one family unless nothing else is left.

    Returns
    -------
    pd.DataFrame
        One row per account of ``values`` (index: account_id), reason_1..reason_<count>: text, "" where nothing is left.
    """
    raise NotImplementedError


def sentences(catalogue: pd.DataFrame, values: pd.DataFrame, explanations: pd.DataFrame) -> pd.Series:
    """One sentence for every row of ``explanations`` (same index)."""
    raise NotImplementedError


def family_totals(explanations: pd.DataFrame) -> pd.DataFrame:
    """Sum of SHAP values: one row per account_id (index), one column per family, log-odds."""
    return explanations.pivot_table(
        index="account_id",
        columns="family",
        values="shap_value",
        aggfunc="sum",
        fill_value=0.0,
        observed=True,
    )


def strongest_family(totals: pd.DataFrame) -> pd.Series:
    """The family that pushes each account's risk up most (index account_id); missing where none pushes it up."""
    return totals.idxmax(axis=1).where(totals.max(axis=1) > 0).rename("family")
