"""What the playbooks did, as effects.json holds it."""

from __future__ import annotations

from typing import Literal, TypedDict

Verdict = Literal["helps", "harms", "none_shown", "cannot_tell"]
Direction = Literal["up", "down", "none_shown", "cannot_tell"]
Reason = Literal["too_few", "no_overlap", "no_placebo", "placebo_fails", ""]
"""Why it cannot be told; "" where it can."""


class OverlapBin(TypedDict):
    """Rows whose chance to get the playbook is [low, high) times the mean (high None: any): treated and comparable."""

    low: float
    high: float | None
    treated: int
    comparable: int


class MeasuredEffect(TypedDict):
    """What is estimated on the judged starts of one playbook; None where it is not measured.

    Parameters
    ----------
    accounts, starts
        Accounts that got it and are judged, and how often it was begun with them.
    comparable
        Accounts that they are compared with: on the same dates, without an intervention then.
    effect, low, high
        Difference in the probability of leaving within the horizon, with the 95 % interval; below 0: it helped.
    p_value
        Of no effect; corrected for the number of playbooks (Holm).
    rate, rate_expected
        Share that left of those that got it, and what was to be expected of them without it.
    mrr_saved, mrr_saved_low, mrr_saved_high
        Revenue a month of the judged starts times the effect; below 0: lost.
    cost, roi
        What the judged starts cost, and (a year of the mrr saved - cost) / cost.
    """

    accounts: int
    starts: int
    comparable: int
    effect: float | None
    low: float | None
    high: float | None
    p_value: float | None
    rate: float | None
    rate_expected: float | None
    mrr_saved: float | None
    mrr_saved_low: float | None
    mrr_saved_high: float | None
    cost: float | None
    roi: float | None


class ChangeRecord(TypedDict):
    """What one playbook did to use or revenue; None where it is not measured.

    Parameters
    ----------
    outcome
        active_days (days of use a week) or mrr (share of it; a departure is -1).
    accounts, comparable
        Accounts that got it, and those without it, whose change is known and that are compared.
    effect, low, high
        Difference in the change from the weeks before to the weeks after, with the 95 % interval.
    p_value
        Of no effect; corrected for all changes of all playbooks (Holm).
    reason
        Why nothing is said.
    """

    outcome: str
    accounts: int
    comparable: int
    effect: float | None
    low: float | None
    high: float | None
    p_value: float | None
    direction: Direction
    reason: Reason


class EffectRecord(MeasuredEffect):
    """What one playbook did, and what is said of it; None where it is not measured.

    Parameters
    ----------
    raw, rate_untreated
        The comparison that misleads: their share less that of all accounts that got none, and the latter.
    risk, risk_untreated
        Mean churn probability before the start, of both.
    dropped
        Share of the starts left out because no comparable account had a similar chance to get it.
    placebo, placebo_p
        "Effect" on the change of mrr before the start, in shares of the mrr, which must be none, and its p-value.
    reason
        Why the verdict is cannot_tell.
    changes
        The same of use and of revenue, one entry each.
    """

    playbook: str
    raw: float | None
    rate_untreated: float | None
    risk: float | None
    risk_untreated: float | None
    dropped: float | None
    overlap: list[OverlapBin]
    placebo: float | None
    placebo_p: float | None
    verdict: Verdict
    reason: Reason
    changes: list[ChangeRecord]


class EffectsDocument(TypedDict):
    """The content of effects.json.

    Parameters
    ----------
    effects
        One entry a playbook, the most often used first.
    horizon_days
        Days after the last snapshot before a start in which an account leaves or stays.
    started_from, started_until
        First and last start that is judged, YYYY-MM-DD; None where there is none.
    not_judged
        Starts that are too early (no churn score yet), too recent (outcome not known), of accounts that had given
        notice, or beside another one in the same week.
    words
        The findings in sentences.
    """

    effects: list[EffectRecord]
    horizon_days: int
    started_from: str | None
    started_until: str | None
    not_judged: int
    words: list[str]
