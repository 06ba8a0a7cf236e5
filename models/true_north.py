"""True North: the early behaviour after which accounts stay, searched on earlier and confirmed on later cohorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Search:
    """How the moments are searched.

    Parameters
    ----------
    retention_days, grace_days
        The outcome ``stayed`` is about retention_days after signing and complete grace_days later.
    search_share
        Share of the accounts, the earlier sign-ups, that are searched; the later ones confirm.
    min_side
        Fewest accounts that must have reached a candidate, and that must not have, to compare them.
    alpha
        Error rate of the whole search (family-wise) and of each confirmation.
    permutations, seed
        Of the max-statistic.
    """

    retention_days: int = 365
    grace_days: int = 30
    search_share: float = 0.6
    min_side: int = 20
    alpha: float = 0.05
    permutations: int = 300
    seed: int = 0


def find(
    early: pd.DataFrame, accounts: pd.DataFrame, data_end: Any, search: Search | None = None
) -> dict[str, Any]:
    """The content of ``true_north.json``.

    Parameters
    ----------
    early
        One row per (account_id, behaviour, within_days): ``count`` within the first ``within_days`` days,
        [signed_on, signed_on + within_days). Absent rows are 0. For a young account a window that is not over
        yet holds what is known so far.
    accounts
        One row per account **whose first days are covered by the source** (else absent rows would lie):
        account_id, signed_on, segment, ``stayed`` (1/0/null = censored), left_on (null = never left); every other
        column is what the account was on day 0 (seats, mrr, plan, ...): the strata and the adjustment.
    data_end
        Last day of the source: only cohorts signed by data_end - retention_days - grace_days are compared.

    Returns
    -------
    dict
        ``moments``: list of those that stand (segment ("all" = every segment), feature, count, within_days,
        reached, not_reached, retention_reached, retention_not_reached, p_value, confirmed = True, ...), perhaps
        empty; ``rejected``: found, but not confirmed; ``segments``: per segment what was searched, and the smallest
        effect that it could have shown; ``words``: the result in one sentence.
    """
    raise NotImplementedError
