"""The accounts in launch: how far each is, and what moves its chance to stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypedDict

from rind.common.facts.run import Measured

LANDMARK = "early__landmark_days__now"
"""The feature that holds the landmark, in days after signing."""


class AdoptionFigures(TypedDict, total=False):
    """The content of adoption_metrics.json: figures of the chance *not* to adopt, out of sample.

    Empty without a model; without figures where no account left, or none stayed. ``segment`` is the rate of the
    account's segment at the time, ``not_adopted`` the number of accounts that left early.
    """

    rows: int
    accounts: int
    not_adopted: int
    model: Measured
    boosting: Measured
    logistic: Measured
    segment: Measured
    model_minus_segment: Measured


class MomentStatus(StrEnum):
    """Where an account stands with the moment of its segment."""

    REACHED = "reached"
    OPEN = "open"
    MISSED = "missed"
    NONE = "none"


class LaunchStatus(StrEnum):
    """How the launch of an account goes."""

    ON_TRACK = "on track"
    AT_RISK = "at risk"
    MISSED = "missed"


@dataclass(frozen=True)
class Target:
    """``missing`` more of a behaviour before a day."""

    behaviour: str
    missing: int
    before: date


@dataclass(frozen=True)
class Progress:
    """An account has done ``done`` of the ``count`` that the moment asks for by ``deadline``."""

    behaviour: str
    done: int
    count: int
    within_days: int
    deadline: date

    @property
    def missing(self) -> int:
        """How many more it takes; 0 or less where the moment is reached."""
        return self.count - self.done


@dataclass(frozen=True)
class NextStep:
    """What one account should do next.

    Parameters
    ----------
    progress
        Towards its moment; None where no moment holds for its segment.
    days_left
        To the deadline; None unless the moment is open.
    target
        What accounts of its segment that stayed had done by the next landmark, and this one has not; only where the
        moment is missed, or there is none.
    """

    moment: MomentStatus
    status: LaunchStatus
    progress: Progress | None = None
    days_left: int | None = None
    target: Target | None = None


@dataclass(frozen=True)
class ShapReason:
    """What one early behaviour does to the chance to stay.

    Parameters
    ----------
    feature
        ``early__<behaviour>__now``.
    count
        How often until the landmark.
    landmark_days
        Days after signing at which the account was scored.
    shap
        On the log-odds of *not* becoming a long-term customer.
    usual
        Median count of its segment at the same age.
    segment
        Whose median that is, as the source spells it.
    """

    feature: str
    count: float
    landmark_days: int
    shap: float
    usual: float
    segment: str
