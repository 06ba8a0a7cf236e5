"""The proposal for the health score: the facts as they are found, and the record of health_score.json."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypedDict

from rind.common.facts.figures import Figure


class Reason(StrEnum):
    """Why a proposal is recommended, or why it is not."""

    BETTER = "better"
    WORSE = "worse"
    CHANCE = "chance"
    CALENDAR_ONLY = "calendar only"
    NO_BETTER_THAN_A_COIN = "no better than a coin"
    CATCHES_FEWER = "catches fewer"
    SAME_AS_TODAY = "same as today"
    NO_STRENGTH = "no strength"
    NO_CLOSER_CURVE = "no closer curve"
    TOO_FEW_DEPARTED = "too few departed"


@dataclass(frozen=True)
class Verdict:
    """Whether to adopt a proposal, and why.

    Parameters
    ----------
    weights_first
        It would be recommended in itself, but it was judged beside weights for all that are not recommended.
    departed_in_fit, departed_in_test, needed
        Accounts that left in the dates of the fit and of the test, and how many of each are needed; for
        `Reason.TOO_FEW_DEPARTED`.
    """

    reason: Reason
    weights_first: bool = False
    departed_in_fit: int = 0
    departed_in_test: int = 0
    needed: int = 0

    @property
    def recommend(self) -> bool:
        """Only what is better beyond chance, beside weights that hold, is recommended."""
        return self.reason is Reason.BETTER and not self.weights_first


MeasureName = Literal["auc", "auc_same_calendar", "green_churn_recall", "green_churn_rate"]


class Measures(TypedDict):
    """What one score is worth on the later dates."""

    auc: float | None
    auc_same_calendar: float | None
    green_churn_recall: float | None
    green_churn_rate: float | None


class Differences(TypedDict):
    """Proposed minus current, with intervals."""

    auc: Figure
    auc_same_calendar: Figure
    green_churn_recall: Figure
    green_churn_rate: Figure


class Comparison(TypedDict):
    """Two scores on the same rows.

    ``ranks_from``: the lower end of the proposed score's auc_same_calendar; ``level``: of the intervals.
    """

    current: Measures
    proposed: Measures
    difference: Differences
    ranks_from: float | None
    level: float


Extent = TypedDict("Extent", {"from": str, "to": str, "rows": int, "departed_accounts": int})
"""First and last date, rows, and accounts that left."""


class Evidence(Comparison, total=False):
    """A comparison; for weights with the dates that were fitted and tested."""

    fitted: Extent
    tested: Extent


class Shares(TypedDict):
    """Family -> part of 1."""

    fit: dict[str, float]
    shap: dict[str, float]


class WeightsFound(TypedDict):
    """A proposal of weights: family -> whole number, adding up to 100; ``strengths``: family -> coefficient."""

    current: dict[str, int]
    proposed: dict[str, int]
    evidence: Evidence | None
    strengths: dict[str, float]
    shares: Shares
    verdict: Verdict


class CurvesFound(TypedDict):
    """A proposal of thresholds: feature -> [bad, good], for the curves that change."""

    proposed: dict[str, list[float]]
    current: dict[str, list[float]]
    evidence: Comparison | None
    verdict: Verdict


class BandRate(TypedDict):
    """Of one band: rows, their share of all, and their churn rate with its interval (None where empty)."""

    rows: int
    share: float
    rate: float | None
    low: float | None
    high: float | None


class Bands(TypedDict):
    """The lowest amber and green score; ``churn``: band -> its rate on the later dates."""

    amber_from: float
    green_from: float
    churn: dict[str, BandRate]


class BandsFound(TypedDict):
    """The bands today and proposed."""

    current: Bands
    proposed: Bands


class Move(TypedDict):
    """One account under both scores."""

    account_id: Any
    name: str
    current: float | None
    proposed: float | None
    current_band: str
    proposed_band: str


class Moves(TypedDict):
    """Accounts scored, how many change band, who they are, and the largest moves."""

    accounts: int
    change_band: int
    who: list[Any]
    changed: list[Move]
    most: list[Move]


class WeightsRecord(TypedDict):
    """A proposal of weights as it is written down."""

    current: dict[str, int]
    proposed: dict[str, int]
    evidence: Evidence | None
    strengths: dict[str, float]
    shares: Shares
    recommend: bool
    words: str


class CurvesRecord(TypedDict):
    """A proposal of thresholds as it is written down."""

    proposed: dict[str, list[float]]
    current: dict[str, list[float]]
    evidence: Comparison | None
    recommend: bool
    words: str


class HealthRecord(WeightsRecord):
    """health_score.json. ``compared``: where SHAP and the fit disagree, in words."""

    compared: list[str]
    bands: BandsFound
    curves: CurvesRecord
    segments: dict[str, WeightsRecord]
    moves: Moves
