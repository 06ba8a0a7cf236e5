"""Which accounts to work on first, for the money that it keeps; and what each order would have kept in the past."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd

from rind.common.facts.figures import NOT_MEASURED, Figure
from rind.models.common.resampling import account_draws, interval
from rind.models.evaluation.settings import Order, WorthSettings

ORDERS: tuple[Order, ...] = get_args(Order)
GAIN = "expected_value_minus_risk"


def expected_value(probability: pd.Series, mrr: pd.Series, worth: WorthSettings) -> pd.Series:
    """The money that working on each account now is expected to keep, less what it costs; NaN where mrr is unknown."""
    return probability * mrr * worth.of_mrr - worth.offer_cost


def order_keys(probability: pd.Series, mrr: pd.Series, worth: WorthSettings) -> dict[Order, pd.Series]:
    """Order -> what it sorts by, the largest first."""
    return {
        "risk": probability,
        "mrr_at_risk": probability * mrr,
        "expected_value": expected_value(probability, mrr, worth),
    }


def within_capacity(csm: pd.Series, per_csm: int) -> pd.Series:
    """Whether each account of a sorted list is among the first ``per_csm`` of its CSM; nobody's count as one CSM's."""
    return csm.fillna("").groupby(csm.fillna("")).cumcount() < per_csm


def kept_by_order(
    history: pd.DataFrame, worth: WorthSettings, per_csm: int, draws: int, seed: int
) -> dict[str, Figure]:
    """The money that each order would have kept a week, had each CSM worked on the first ``per_csm`` of its accounts.

    Of the accounts that were worked on, ``success_share`` of those that left would have stayed, for ``kept_months``;
    each one worked on costs ``offer_cost``. Intervals by account, on the same draws; `expected_value_minus_risk` is the
    paired difference.

    Parameters
    ----------
    history
        One row per (account_id, as_of) of past dates whose outcomes are known: churned 1/0, churn_probability, mrr,
        csm (null: nobody's).
    """
    rows = history.assign(mrr=history["mrr"].fillna(0.0), csm=history["csm"].fillna(""))
    codes, accounts = pd.factorize(rows["account_id"])
    if rows.empty:
        return dict.fromkeys((*ORDERS, GAIN), NOT_MEASURED)
    weights, weeks = account_draws(len(accounts), draws, seed), rows["as_of"].nunique()
    gain = (rows["churned"] * rows["mrr"] * worth.of_mrr - worth.offer_cost).to_numpy("float64")
    kept: dict[str, np.ndarray] = {}
    for order, key in order_keys(rows["churn_probability"], rows["mrr"], worth).items():
        place = key.groupby([rows["as_of"], rows["csm"]]).rank(ascending=False, method="first")
        worked_on = (place <= per_csm).to_numpy()
        kept[order] = np.bincount(codes, gain * worked_on, minlength=len(accounts)) / weeks
    kept[GAIN] = kept["expected_value"] - kept["risk"]
    return {name: _figure(per_account, weights) for name, per_account in kept.items()}


def _figure(per_account: np.ndarray, weights: np.ndarray) -> Figure:
    limits = interval(weights @ per_account)
    low, high = (limits["low"], limits["high"]) if limits else (None, None)
    return Figure(value=float(per_account.sum()), low=low, high=high)
