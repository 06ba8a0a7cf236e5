"""Moments: what the search for True North found, and the record of true_north.json."""

from __future__ import annotations

from collections.abc import Hashable
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

ALL = "all"
"""The group of every segment together."""
PRODUCT_MEASURES = ("events", "users", "uses", "days")
"""How the use of a product feature is counted; other behaviours have the measure ``count``."""


class BehaviourName(TypedDict):
    """A product feature with its measure, or another behaviour by its name."""

    feature: str
    measure: str


class Behaviour(BehaviourName):
    """At least ``count`` of a behaviour."""

    count: int


def behaviour_of(behaviour: BehaviourName) -> str:
    """The name of a behaviour as in the table of early behaviour: ``users:reports``, ``trainings_held``."""
    measure, feature = behaviour["measure"], str(behaviour["feature"])
    return f"{measure}:{feature}" if measure in PRODUCT_MEASURES else feature


class Plateau(TypedDict):
    """Counts and windows of the same behaviour that do about equally well."""

    count_from: int
    count_to: int
    within_days: list[int]


class CountInterval(TypedDict):
    """90 % bootstrap interval of the count."""

    low: int
    high: int


class Effect(TypedDict):
    """What reaching it goes with on the later cohorts; None where too few are on a side.

    ``difference``: of the retention, doubly robust beside day 0; ``adjusted_difference``: beside all other use too;
    each with its 95 % interval. ``number_needed``: accounts to bring there for one more that stays.
    """

    difference: float | None
    difference_low: float | None
    difference_high: float | None
    adjusted_difference: float | None
    adjusted_difference_low: float | None
    adjusted_difference_high: float | None
    number_needed: float | None
    p_value_confirmed: float | None
    confirm_z: NotRequired[float]
    confirm_adjusted_z: NotRequired[float]


class Examined(Effect):
    """A moment as the search found it and the later cohorts show it."""

    segment: str
    feature: str
    measure: str
    count: int
    within_days: int
    reached: int
    not_reached: int
    outcome_known: int
    retention_reached: float | None
    retention_not_reached: float | None
    coverage: float | None
    p_value: float
    search_z: float
    search_adjusted_z: float
    plateau: Plateau
    count_interval: CountInterval
    alike: list[Behaviour]


class Addition(TypedDict, total=False):
    """A second behaviour that adds to a moment when it is done as well."""

    and_feature: str
    and_measure: str
    and_count: int
    and_p_value: float
    and_p_value_confirmed: float | None
    and_reached: int
    and_retention: float | None


class Moment(Examined, Addition):
    """A moment that was put to its one test; ``confirmed``: it passed."""

    confirmed: bool


class SegmentSearch(TypedDict):
    """What was searched in one group, and the smallest effect that would have been found four times in five."""

    searched: int
    confirming: int
    retention: float
    candidates: int
    p_value: float | None
    smallest_effect: float | None


class Status(StrEnum):
    """What became of a moment of the last run."""

    HOLDING = "holding"
    WEAKENING = "weakening"
    GONE = "gone"
    MOVED = "moved"
    UNSEEN = "not seen since"


BROKEN = (Status.WEAKENING, Status.GONE, Status.MOVED)


class Freshness(TypedDict):
    """A moment of the last run beside its newest cohort (None where no cohort shows it yet)."""

    segment: str
    feature: str
    measure: str
    count: int
    within_days: int
    difference: float
    status: Status
    recent: float | None
    recent_low: float | None
    recent_high: float | None


class FreshnessRecord(Freshness):
    """The same as it is written down."""

    words: str


Row = dict[Hashable, Any]
"""A row of a table that a chart draws."""


class MomentDetail(TypedDict):
    """What a page draws of one moment: rows of its grid, its retention curves and its cohorts."""

    segment: str
    feature: str
    measure: str
    count: int
    within_days: int
    confirmed: bool
    surface: list[Row]
    curves: list[Row]
    cohorts: list[Row]


class MomentsFound(TypedDict):
    """Everything that the search found; ``left_out``: accounts too young for any landmark."""

    moments: list[Moment]
    rejected: list[Moment]
    segments: dict[str, SegmentSearch]
    left_out: int
    freshness: list[Freshness]
    details: list[MomentDetail]


class TrueNorthRecord(TypedDict):
    """true_north.json."""

    moments: list[Moment]
    rejected: list[Moment]
    segments: dict[str, SegmentSearch]
    left_out: int
    freshness: list[FreshnessRecord]
    words: str
