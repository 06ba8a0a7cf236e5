"""What a reader must know beside the figures, one sentence each; "" where there is nothing to say."""

from __future__ import annotations

import pandas as pd

from rind.common.facts.figures import NOT_MEASURED
from rind.common.facts.run import FittedNotes, Metrics
from rind.reports.watermelon_text import missing_words as missing_answers

__all__ = ["missing_answers", "only_logistic", "renewals", "without_reasons"]

CLEARLY_HIGHER = 0.02
"""A difference of two AUCs that is worth a word."""


def only_logistic(notes: FittedNotes) -> str:
    """Say that the boosting was left out, where too few accounts left to fit it.

    Parameters
    ----------
    notes
        What the fitted model says of itself: model, churned_accounts.
    """
    if notes["model"] != "logistic":
        return ""
    return f"Only {notes['churned_accounts']} churned accounts to learn from: the model is a logistic regression."


def renewals(metrics: Metrics) -> str:
    """How far the order holds where a decision is due; and why it is better over all accounts, where it is."""
    auc = metrics["renewals"].get("model", {}).get("auc", NOT_MEASURED)
    value = auc["value"]
    if value is None or auc.get("low") is None:
        return ""
    among = (
        f"Among accounts whose term ends inside the horizon the AUC is {value:.2f} ({auc['low']:.2f} to "
        f"{auc['high']:.2f})."
    )
    everywhere = metrics["model"].get("auc", NOT_MEASURED)["value"]
    if everywhere is None or everywhere - value < CLEARLY_HIGHER:
        return among
    return f"{among} It is higher over all accounts ({everywhere:.2f}), because the model knows whose term ends."


def without_reasons(red: pd.DataFrame) -> str:
    """Say how many red accounts are red by the calendar and what cannot be changed, where they are at least half.

    Parameters
    ----------
    red
        One row per red account: reason_1_theme, "" where nothing that can be changed sets the account apart.
    """
    bare = int((red["reason_1_theme"].fillna("") == "").sum())
    if not bare or 2 * bare < len(red):
        return ""
    return (
        f"Of the {len(red)} red accounts {bare} are red because of their renewal date, size, plan or tenure; "
        "nothing else sets them apart from others."
    )
