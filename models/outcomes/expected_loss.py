"""What the outcomes cost in money: the monthly revenue to expect to lose."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def expected_loss(
    mrr: pd.Series, leaves: pd.Series, shrinks: Mapping[str, pd.Series], mean_change: Mapping[str, float]
) -> pd.Series:
    """The mrr that each account is expected to lose within the horizon, in its unit.

    mrr x (P(leaves) + sum over the outcomes by which mrr falls of P(it happens) x the mean share lost by it so far).
    Leaving and shrinking exclude each other within a horizon, so the two add up. Of several such outcomes (by 10 %, by
    30 %) an account that shrinks by the larger share has the smaller one too: the largest expected loss counts.

    Parameters
    ----------
    mrr, leaves
        Per account: money a month (NaN: unknown, and so is the loss), P(leaves) 0 to 1.
    shrinks
        Outcome -> P(it happens) per account; NaN counts as its absence.
    mean_change
        Outcome -> mean change of mrr when it happened, below 0.
    """
    lost = [
        -mean_change[name] * probability.fillna(0.0) for name, probability in shrinks.items() if name in mean_change
    ]
    share = pd.concat(lost, axis=1).max(axis=1) if lost else pd.Series(0.0, index=mrr.index)
    return mrr * (leaves + share).clip(upper=1.0)
