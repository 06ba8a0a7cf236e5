"""New weights for the health score, proposed from what happened and proven on dates that took no part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


def propose(
    scored: pd.DataFrame,
    current: Mapping[str, int],
    *,
    bounds: Mapping[str, tuple[int, int]] | None = None,
    green_from: float = 70.0,
    test_share: float = 0.4,
    embargo_days: int = 120,
    draws: int = 400,
    seed: int = 0,
) -> dict[str, Any]:
    """The content of ``health_score.json`` (contract section 4).

    Parameters
    ----------
    scored
        One row per (account_id, as_of): the ``health_<family>`` columns of `models.health.score` and
        ``churned`` (1/0, null = unknown). Rows with unknown outcome are left out.
    current
        Today's weights, whole numbers that add up to 100.
    bounds
        Family -> (lowest, highest) weight that CS allows; (0, 100) for those that are not named.
    green_from
        The lowest green score under today's weights.
    test_share
        Share of the dates, the latest ones, that give the evidence.
    embargo_days
        Horizon plus grace: fitted are only dates whose labels were complete when the evidence starts.
    draws, seed
        Of the bootstrap by account.
    """
    raise NotImplementedError
