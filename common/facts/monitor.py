"""What the monitor measured, as monitor.json holds it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypedDict

from rind.common.facts.figures import Figure

Answer = Literal["hold", "look", "retrain"]


SignKind = Literal["ranks_worse", "more_left", "fewer_left", "family_moved", "scores_moved", "rate_moved", "too_few"]


class Sign(NamedTuple):
    """One thing that speaks against holding; ``family``: the family that moved."""

    kind: SignKind
    family: str = ""


class FamilyDrift(TypedDict):
    """How far a feature family lies from the past.

    Parameters
    ----------
    psi
        Mean population stability index of its features, each weighted by its part in today's scores, less what chance
        alone gives; 0.25 is another population.
    moved, features
        Features from that index on, and all that have one.
    share_of_shap
        Share of what moves today's scores that the family makes, 0 to 1.
    """

    psi: float
    moved: int
    features: int
    share_of_shap: float


class Departures(TypedDict):
    """Departures within the horizon: ``seen`` and ``expected`` by the scores, accounts a date; ``times`` the ratio;
    ``accounts`` that left at all.
    """

    seen: float
    expected: float
    times: Figure
    accounts: int


class MonitorRecord(TypedDict):
    """The content of monitor.json.

    Parameters
    ----------
    answer, why
        What to do, and the reasons as sentences, the weightiest first.
    drift
        Family -> its drift.
    scores_psi
        Population stability index of the scores; None without a past.
    base_rate
        Share of accounts that left within the horizon, on the recent dates; ``base_rate_before`` on those before.
    expected_auc
        Of today's cohort, if its probabilities are right.
    promised_auc, seen_auc, seen_auc_before
        Of the recent dates with known outcomes: what their probabilities promised, and what was seen; and what was
        seen on the dates before.
    departures
        Seen and expected on the recent dates.
    recent_from, recent_until
        The recent dates, YYYY-MM-DD; None where no outcome is known.
    """

    answer: Answer
    why: list[str]
    drift: dict[str, FamilyDrift]
    scores_psi: float | None
    base_rate: Figure
    base_rate_before: Figure
    expected_auc: Figure
    promised_auc: Figure
    seen_auc: Figure
    seen_auc_before: Figure
    departures: Departures
    recent_from: str | None
    recent_until: str | None
