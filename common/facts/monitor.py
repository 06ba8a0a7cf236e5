"""What the monitor measured, as monitor.json holds it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypedDict

from rind.common.facts.figures import Figure

Answer = Literal["hold", "look", "retrain"]


SignKind = Literal[
    "ranks_worse", "more_left", "fewer_left", "rules_changed", "family_moved", "scores_moved", "rate_moved", "too_few"
]


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


class FamilyWeight(TypedDict):
    """How much a family should weigh by the outcomes; 1: as the scores have it. ``deviations``: now less before."""

    now: float
    before: float
    deviations: float


class Rules(TypedDict, total=False):
    """Whether other facts go with leaving than before, as the guard ``rules_changed`` measured it.

    Parameters
    ----------
    fired, words
        Whether the guard fired, and what it says then.
    churned_accounts
        Accounts that left on the side of the comparison that has fewer.
    p_value
        Chance of such a difference where nothing has changed; None where too few left to judge.
    p_changed, p_wrong
        The two that it is the larger of: of the difference from before, of the latest scores being wrong.
    recent_from, recent_until
        The latest dates, YYYY-MM-DD.
    families
        Family -> its weights.
    """

    fired: bool
    words: str
    churned_accounts: int
    p_value: float | None
    p_changed: float
    p_wrong: float
    recent_from: str
    recent_until: str
    families: dict[str, FamilyWeight]


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
    rules
        Whether other facts go with leaving than before.
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
    rules: Rules
