"""What became of accounts, censoring included: how long each was followed, and whether it failed.

Accounts that signed lately have not been followed to the day of the outcome. They are not dropped: each account gets
a *pseudo-value* of the share that stays, whose mean over any accounts estimates their Kaplan-Meier retention, and a
*martingale residual* over all the time that it was followed, which weighs late renewals too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.models.common.frames import datetimes
from rind.models.common.resampling import Floats
from rind.models.common.settings import OutcomeSettings

Bools = npt.NDArray[np.bool_]
HALF_CENT, NOISE = 0.005, 1e-10  # a change of money by so much, or by so much of the amount, is rounding


@dataclass(frozen=True)
class Followed:
    """Per account: ``duration`` in days, ``failed`` (else followed that long without failure); ``horizon``: the day
    of the outcome."""

    duration: Floats
    failed: Bools
    horizon: float

    def only(self, keep: Bools) -> Followed:
        return Followed(self.duration[keep], self.failed[keep], self.horizon)

    @property
    def known(self) -> Bools:
        """Whether the outcome has been seen."""
        return (self.failed & (self.duration <= self.horizon)) | (self.duration >= self.horizon)

    def retention(self) -> float:
        """Kaplan-Meier share without failure to the horizon; NaN of nobody."""
        return float(self.pseudo_values().mean()) if len(self.duration) else float("nan")

    def pseudo_values(self) -> Floats:
        """Per account the infinitesimal-jackknife pseudo-value of the retention at the horizon.

        Without censoring exactly 1 (success) and 0. Andersen, Klein and Rosthøj 2003; the closed form is that of the
        influence function of the Kaplan-Meier estimate.
        """
        failed = self.failed & (self.duration <= self.horizon)
        times, risk, lost = hazards(np.minimum(self.duration, self.horizon), failed)
        left = risk - lost
        if not len(times):
            return np.ones(len(self.duration))
        if left[-1] == 0:
            return np.zeros(len(self.duration))  # the last ones at risk all failed: the estimate is 0
        share = float(np.prod(left / risk))
        n = len(self.duration)
        compensator = np.concatenate([[0.0], np.cumsum(n * lost / (risk * left))])
        until = np.searchsorted(times, np.minimum(self.duration, self.horizon), side="right")
        jump = np.where(failed, n / left[np.maximum(until - 1, 0)], 0.0)
        return np.asarray(share * (1.0 - jump + compensator[until]), dtype="float64")

    def residuals(self) -> Floats:
        """Per account the failures expected of it over its whole time minus those seen (0 or 1): high is good.

        The sum over a group is the log-rank statistic's numerator (Nelson-Aalen martingale residuals).
        """
        times, risk, lost = hazards(self.duration, self.failed)
        expected = np.concatenate([[0.0], np.cumsum(lost / risk)]) if len(times) else np.zeros(1)
        return np.asarray(expected[np.searchsorted(times, self.duration, side="right")] - self.failed, dtype="float64")


def follow(accounts: pd.DataFrame, success: OutcomeSettings) -> Followed:
    """How long each account was followed, and whether it failed.

    Parameters
    ----------
    accounts
        One row per account: signed_on, left_on (null = not seen to leave), followed_days; for other outcomes than
        plain retention also term_days, mrr, mrr_later, used_later (null = not known: censored, not failed).
    """
    lived = tenure(accounts)
    followed = accounts["followed_days"].to_numpy("float64")
    left = lived <= followed
    if success.outcome == "retained" and not success.lasting_use:
        return Followed(np.minimum(lived, followed), left, float(success.judged_days))
    until = due(accounts, success)
    short, unknown = (np.zeros(len(accounts), dtype=bool) for _ in range(2))
    if success.outcome == "expanded":
        first, later = (accounts[name].astype("float64") for name in ("mrr", "mrr_later"))
        short |= ~(later - first > np.maximum(HALF_CENT, NOISE * first.abs())).to_numpy()
        unknown |= accounts["mrr_later"].isna().to_numpy()
    if success.lasting_use:
        short |= ~accounts["used_later"].astype("boolean").fillna(value=False).to_numpy("bool")
        unknown |= accounts["used_later"].isna().to_numpy()
    gone = left & (lived <= until)
    there = ~gone & (followed >= until) & ~unknown
    horizon = float(until.max(initial=success.judged_days))
    open_yet = np.minimum(followed, until - 1)  # one day short: who is followed to its day has an outcome
    duration = np.where(gone, lived, np.where(there, np.where(short, until, horizon), open_yet))
    return Followed(duration, gone | (there & short), horizon)


def due(accounts: pd.DataFrame, success: OutcomeSettings) -> Floats:
    """The day after signing on which each account's outcome is decided."""
    until = np.full(len(accounts), float(success.judged_days))
    if success.outcome == "renewed":
        until = accounts["term_days"].to_numpy("float64", na_value=np.nan) + success.decision_days
        until = np.where(np.isfinite(until), until, success.judged_days)
    return until


def tenure(accounts: pd.DataFrame) -> Floats:
    """Days from signing to leaving, infinite for those not seen to leave."""
    lived = (datetimes(accounts["left_on"]) - datetimes(accounts["signed_on"])).dt.days
    return np.asarray(lived.to_numpy("float64", na_value=np.inf), dtype="float64")


def hazards(duration: Floats, failed: Bools) -> tuple[Floats, Floats, Floats]:
    """Times of failure, and at each how many were at risk and how many failed."""
    times, lost = np.unique(duration[failed], return_counts=True)
    risk = len(duration) - np.searchsorted(np.sort(duration), times, side="left")
    return times, risk.astype("float64"), lost.astype("float64")
