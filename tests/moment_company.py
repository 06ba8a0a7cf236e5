"""A small company in which reaching a moment makes accounts stay, or does not."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from rind.models.common.settings import OutcomeSettings
from rind.models.moments import discovery
from rind.models.moments.settings import SearchSettings
from rind.pipelines.params import load

WINDOWS = (7, 30)
DATA_END = pd.Timestamp("2024-12-31")
QUICK: SearchSettings = load().true_north.model_copy(update={"permutations": 100, "bootstrap_draws": 40})
OUTCOME: OutcomeSettings = QUICK
find = partial(discovery.find, seed=0)


def company(
    seed: int,
    accounts: int = 600,
    lift: float = 0.0,
    pull: float = 0.0,
    behaviours: int = 6,
    lifted: tuple[str, ...] = ("a",),
    needs: tuple[int, ...] = (2,),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Big and well-fitting accounts do more of everything and stay more (pull); in the segments ``lifted``, whoever
    has at least 3 of ``events:f2`` (of each that it ``needs``) within 30 days stays more (lift, in log-odds)."""
    rng = np.random.default_rng(seed)
    segment = rng.choice(["a", "b"], accounts)
    fit = rng.normal(size=accounts)
    rate = 0.1 * np.exp(0.5 * fit[:, None] + 0.6 * rng.normal(size=(accounts, behaviours)))
    week, month = rng.poisson(rate * 7), rng.poisson(rate * 23)
    counts = {7: week, 30: week + month}
    reached = (counts[30][:, list(needs)] >= 3).all(axis=1) & np.isin(segment, lifted)
    stayed = rng.random(accounts) < 1 / (1 + np.exp(-pull * fit - lift * reached))
    signed = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 900, accounts), unit="D")
    left = pd.to_timedelta(np.where(stayed, np.nan, rng.integers(31, 365, accounts)), unit="D")
    names = [f"events:f{b}" for b in range(behaviours)]
    parts = [
        pd.DataFrame(counts[d], columns=names).rename_axis("account_id").reset_index().melt("account_id").assign(d=d)
        for d in WINDOWS
    ]
    early = pd.concat(parts).set_axis(["account_id", "behaviour", "count", "within_days"], axis=1)
    table = {"account_id": np.arange(accounts), "signed_on": signed, "segment": segment}
    table |= {"left_on": signed + left, "seats": np.exp(3 + fit + rng.normal(size=accounts))}
    return early[early["count"] > 0], ending(pd.DataFrame(table), DATA_END)


def ending(accounts: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """The accounts as a source knows them that covers everything until ``end`` and has no grace."""
    followed = (end - accounts["signed_on"]).dt.days + 1
    lived = (accounts["left_on"] - accounts["signed_on"]).dt.days
    return accounts.assign(followed_days=followed, left_on=accounts["left_on"].where(lived < followed))
