"""What the probabilities of other horizons, and of the renewal, were worth on the past."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from rind.common.facts.calibration import Counted
from rind.common.facts.run import Measured


class HorizonFigures(TypedDict):
    """One horizon on past dates whose outcomes are known.

    Parameters
    ----------
    days
        Days ahead; not there for the renewal.
    rows, churned_accounts
        Rows (account, as_of) that were measured, and accounts among them that left.
    model, score, difference
        Figures of this horizon's probability, of the model's own score used in its place, and model minus score; empty
        where too few accounts left.
    counted
        Departures expected and seen; not there for the renewal, whose days differ from account to account.
    """

    days: NotRequired[int]
    rows: int
    churned_accounts: int
    model: Measured
    score: Measured
    difference: NotRequired[Measured]
    counted: NotRequired[Counted]


class HorizonRecord(TypedDict):
    """The content of horizons.json; ``interval_level``: of probability_low and probability_high."""

    horizons: list[HorizonFigures]
    renewal: HorizonFigures
    interval_level: float
