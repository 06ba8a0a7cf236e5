"""What quarters that were over on a day tell: the rate that stayed, how stayers grew, when accounts leave.

Of a quarter everything counts that was known on the day of the forecast: its end and the grace after it had passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rind.models.common.resampling import Floats

FEWEST = 50
"""Accounts of a segment from which on it has a rate of its own."""
PRIOR_QUARTERS = 4.0
"""A spread between quarters is estimated as if so many quarters with the prior one had been seen before."""
PRIOR_GROWTH_SD = 0.01
"""Spread of the growth of those that stay from quarter to quarter, before any was seen."""
QUARTER_DAYS = 91.0
LEAST_RATE = 1e-4
FEWEST_CHANGES = 20
"""Accounts that shrank, or grew, from which on the size of a change is known."""
ROUNDING = 1e-6


@dataclass(frozen=True)
class Growth:
    """How the revenue of accounts that stay changes in a quarter, as shares of what they paid.

    Parameters
    ----------
    contraction, expansion
        What they pay less, and more, both >= 0.
    account_sd
        Spread of the change from account to account.
    quarter_sd
        Spread of the mean change from quarter to quarter.
    """

    contraction: float
    expansion: float
    account_sd: float
    quarter_sd: float

    @property
    def factor(self) -> float:
        """What is paid at the end for each unit at the start."""
        return 1 - self.contraction + self.expansion


@dataclass(frozen=True)
class Calendar:
    """How fast something happens to accounts: on any day, and at each end of a term (both as cumulative hazards)."""

    a_day: float
    a_renewal: float

    def exposure(self, days: float, to_term_end: Floats, term_days: Floats) -> Floats:
        """The hazard of so many days, with the ends of terms that lie in them; NaN: no end of term is agreed."""
        first = np.where(np.isfinite(to_term_end), to_term_end, np.inf)
        length = np.where(np.isfinite(term_days) & (term_days > 0), term_days, 365.0)
        further = np.floor(np.maximum(days - first, 0) / length)
        ends = np.where(first <= days, 1 + further, 0.0)
        return np.asarray(self.a_day * days + self.a_renewal * ends, dtype="float64")

    def brought(self, probability: Floats, days: float, horizon_days: float, accounts: pd.DataFrame) -> Floats:
        """Probabilities within ``horizon_days`` as those within ``days``.

        Parameters
        ----------
        accounts
            One row per probability: to_term_end, term_days.
        """
        to_end, length = (accounts[name].to_numpy("float64") for name in ("to_term_end", "term_days"))
        wanted, given = (self.exposure(float(span), to_end, length) for span in (days, horizon_days))
        times = np.divide(wanted, given, out=np.ones_like(wanted), where=given > 0)
        return np.asarray(1 - (1 - probability) ** times, dtype="float64")


@dataclass(frozen=True)
class Change:
    """How those that stay came to pay less, or more, by at least the share that makes an outcome of it.

    Parameters
    ----------
    share
        Of the revenue: what was paid by the accounts whose revenue changed so within a quarter.
    size
        By how much it changed, as a share of what they paid, > 0.
    rest
        Smaller changes of the same sign, as a share of all revenue, >= 0.
    calendar
        When it happens.
    """

    share: float
    size: float
    rest: float
    calendar: Calendar


def known_quarters(past: pd.DataFrame, made_on: pd.Timestamp, grace_days: int, most: int = 0) -> pd.DataFrame:
    """The rows of quarters whose outcome was known on a day.

    Parameters
    ----------
    past
        One row per (account_id, made_on, quarter): last_day of the quarter, mrr, mrr_end, segment.
    most
        Only the latest so many; 0: all.
    """
    known = past[past["last_day"] + pd.Timedelta(days=grace_days + 1) <= made_on]
    if most and len(known):
        known = known[known["quarter"].isin(sorted(known["quarter"].unique())[-most:])]
    return known


def kept_rates(known: pd.DataFrame) -> dict[str, float]:
    """Segment, and "" for all -> share of the revenue that was still there at the quarter's end, a quarter.

    Accounts without a segment count in the rate of all, which is theirs too.
    """
    rates = {"": _kept(known)}
    for segment, own in _by_segment(known):
        rates[segment] = _kept(own) if len(own) >= FEWEST else rates[""]
    return rates


def _by_segment(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each segment that has a name: "" stands for all."""
    return ((str(segment), own) for segment, own in rows.groupby("segment") if segment)


def _kept(rows: pd.DataFrame) -> float:
    """A quarter's share; rows of shorter or longer spans are brought to it."""
    start = float(rows["mrr"].sum())
    if not start:
        return float("nan")
    days = float((rows["days"] * rows["mrr"]).sum()) / start
    return float(max(rows["mrr_end"].sum() / start, LEAST_RATE) ** (QUARTER_DAYS / max(days, 1.0)))


def growth_of_stayers(known: pd.DataFrame) -> dict[str, Growth]:
    """Segment, and "" for all -> how those that stayed to the quarter's end grew; no change where none is known."""
    stayed = known[known["mrr_end"] > 0]
    if stayed.empty:
        return {"": Growth(0.0, 0.0, 0.0, PRIOR_GROWTH_SD)}
    by_quarter = stayed.groupby("quarter")[["mrr", "mrr_end"]].sum()
    factors = (by_quarter["mrr_end"] / by_quarter["mrr"]).to_numpy("float64")
    spread = float(((factors - factors.mean()) ** 2).sum())
    quarter_sd = ((spread + PRIOR_QUARTERS * PRIOR_GROWTH_SD**2) / (max(len(factors) - 1, 0) + PRIOR_QUARTERS)) ** 0.5
    growth = {"": _growth(stayed, quarter_sd)}
    for segment, own in _by_segment(stayed):
        growth[segment] = _growth(own, quarter_sd) if len(own) >= FEWEST else growth[""]
    return growth


def _growth(stayed: pd.DataFrame, quarter_sd: float) -> Growth:
    start, change = stayed["mrr"].to_numpy("float64"), (stayed["mrr_end"] - stayed["mrr"]).to_numpy("float64")
    total = start.sum()
    mean = change.sum() / total
    account_sd = float(np.sqrt(((change / start - mean) ** 2 * start).sum() / total))
    return Growth(
        float(-np.minimum(change, 0).sum() / total), float(np.maximum(change, 0).sum() / total), account_sd, quarter_sd
    )


def change_of(known: pd.DataFrame, sign: int, share: float) -> Change | None:
    """How those that stayed came to pay less (sign -1) or more (1); None where too few did.

    Parameters
    ----------
    share
        Of what an account paid: a smaller change is none.
    """
    stayed = known[known["mrr_end"] > 0]
    change = sign * (stayed["mrr_end"] - stayed["mrr"])
    large = change >= (share - ROUNDING) * stayed["mrr"]
    if int(large.sum()) < FEWEST_CHANGES:
        return None
    paid, total = float(stayed.loc[large, "mrr"].sum()), float(stayed["mrr"].sum())
    rest = float(change[~large].clip(lower=0).sum()) / total
    return Change(paid / total, float(change[large].sum()) / paid, rest, calendar_of(stayed, large))


def calendar_of(known: pd.DataFrame, happened: pd.Series | None = None) -> Calendar:
    """How fast it happened on any day and at the ends of terms; even over the days where too little is known.

    Parameters
    ----------
    happened
        Same index; None: accounts left.
    """
    if known.empty:
        return Calendar(1 / QUARTER_DAYS, 0.0)
    to_end, length = (known[name].to_numpy("float64") for name in ("to_term_end", "term_days"))
    days = float(known["days"].median())
    renewals = Calendar(0.0, 1.0).exposure(days, to_end, length)
    left = np.asarray((known["mrr_end"] <= 0 if happened is None else happened).to_numpy(), dtype="float64")
    ending = renewals > 0
    if ending.sum() < FEWEST:
        return Calendar(1 / QUARTER_DAYS, 0.0)
    a_day = _hazard(left[~ending]) / days if (~ending).sum() >= FEWEST else 0.0
    a_renewal = max(_hazard(left[ending]) - a_day * days, 0.0) / float(renewals[ending].mean())
    return Calendar(a_day, a_renewal) if a_day + a_renewal > 0 else Calendar(1 / QUARTER_DAYS, 0.0)


def _hazard(left: Floats) -> float:
    return float(-np.log1p(-min(left.mean(), 0.99)))
