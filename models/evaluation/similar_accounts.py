"""Accounts like this one in the past, and how many of them left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree
from scipy.stats import binomtest

from rind.models.common.resampling import complete_dates, outcome

MOST_ROWS = 20_000
RISK_WEIGHT = 2.0
"""The probability counts as much as two to four families: so that peers are about as likely to leave."""


@dataclass(frozen=True)
class PeerGroup:
    """How many accounts were like it, and how many of those left within the horizon."""

    accounts: int
    left: int

    @property
    def interval(self) -> tuple[float, float]:
        """The share that leaves of such accounts: Wilson's 90 % interval."""
        share = binomtest(self.left, self.accounts).proportion_ci(0.9, method="wilson")
        return float(share.low), float(share.high)


class Peers:
    """Past snapshots whose outcome is known, to be searched for those most like a present one.

    Parameters
    ----------
    history
        The backtest: account_id, as_of, churn_probability, churned, and any ``health_<family>`` (0-100, may be
        empty). Dates without all outcomes known take no part; of the others evenly many, at most some 20,000 rows.
    """

    def __init__(self, history: pd.DataFrame) -> None:
        scores = [c for c in history.columns if c.startswith("health_") and c != "health_score"]
        families = [c for c in scores if pd.api.types.is_numeric_dtype(history[c])]
        known = history[complete_dates(history)] if len(history) else history
        dates = np.sort(known["as_of"].unique())
        step = max(1, int(np.ceil(len(known) / MOST_ROWS)), len(dates) // 26)
        known = known[known["as_of"].isin(dates[::-1][::step])]
        self._families = families
        health = known[families].astype("float64")
        self._centre = health.mean().fillna(50.0).to_numpy("float64")
        self._spread = health.std().fillna(1.0).clip(lower=1.0).to_numpy("float64")
        self._codes = known["account_id"].astype("str").to_numpy(dtype=object)
        self._left = outcome(known["churned"]) if len(known) else np.empty(0)
        self._tree = None
        if len(known):
            risk = known["churn_probability"].to_numpy("float64")
            self._tree = KDTree(self._points(risk, health.to_numpy("float64")))

    def like(self, account_id: str, now: Mapping[str, Any], count: int = 30) -> PeerGroup | None:
        """The ``count`` other accounts whose risk and health were most like this one's on one of their past dates.

        Every account counts once, by its nearest date. None where fewer than half as many are known.
        """
        if self._tree is None:
            return None
        points_now = [now.get(name) for name in self._families]
        health = np.array([[np.nan if points is None else points for points in points_now]], dtype="float64")
        point = self._points(np.array([float(now["churn_probability"])]), health)[0]
        wanted = min(4 * count, len(self._codes))
        _, near = self._tree.query(point, k=np.arange(1, wanted + 1))
        first: dict[str, int] = {}
        for place in near:
            first.setdefault(self._codes[place], int(place))
        first.pop(account_id, None)
        chosen = list(first.values())[:count]
        if len(chosen) < count / 2:
            return None
        return PeerGroup(len(chosen), int(self._left[chosen].sum()))

    def _points(self, probability: npt.NDArray[np.float64], health: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        clipped = np.clip(probability, 1e-4, 1 - 1e-4)
        risk = RISK_WEIGHT * np.log(clipped / (1 - clipped))
        scaled = (health.reshape(len(risk), -1) - self._centre) / self._spread
        return np.column_stack([risk, np.nan_to_num(scaled)])
