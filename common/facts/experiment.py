"""What `rind experiment` says of a change at a date, as its JSON file holds it."""

from __future__ import annotations

from typing import Literal, TypedDict

from rind.common.facts.effects import OverlapBin

Direction = Literal["up", "down", "none_shown", "cannot_tell", "not_yet"]
WhyNot = Literal["", "too_few", "no_overlap", "no_placebo", "placebo_fails", "no_data", "too_early"]
AgainstExpected = Literal["", "as_expected", "less", "more"]


class PlaceboTest(TypedDict):
    """The "effect" on the weeks before, which must be none, its p-value, and why nothing is said of the outcome."""

    placebo: float | None
    placebo_p: float | None
    why_not: WhyNot


class OutcomeEffect(PlaceboTest):
    """What the change did to one outcome; None where it is not measured.

    Parameters
    ----------
    outcome
        churn, active_days, tickets, nps, ces or mrr.
    accounts, comparable
        Accounts that got the change, and those without it, whose outcome is known and that are compared.
    own
        What became of those that got it: of churn the share that left, else the mean change.
    without
        What was to be expected of them without it.
    raw
        ``own`` less the same of all others, whoever they are: the comparison that may mislead.
    effect, low, high
        ``own - without`` with the 95 % interval, in the unit of the outcome.
    p_value
        Of no effect; corrected for the number of outcomes that are measured (Holm).
    direction
        up or down where an effect is shown.
    not_before
        Where its weeks are not over: the first scoring date on which it can be told, YYYY-MM-DD.
    expected
        What was expected of the change, in the same unit.
    against_expected
        Whether the interval holds it: as_expected, or all of it is less, or more, than what was expected.
    """

    outcome: str
    accounts: int
    comparable: int
    own: float | None
    without: float | None
    raw: float | None
    effect: float | None
    low: float | None
    high: float | None
    p_value: float | None
    direction: Direction
    not_before: str | None
    expected: float | None
    against_expected: AgainstExpected


class ExperimentDocument(TypedDict):
    """The content of experiment-NAME.json. It holds no id and no name of an account or a person.

    Parameters
    ----------
    name
        Of the change, as it was given.
    started_on, as_of
        Day of the change, and the scoring date of the run: nothing of later is read. YYYY-MM-DD.
    horizon_days, weeks
        Days within which an account leaves or stays; whole weeks before and after the change that are compared.
    named, unknown, not_customers
        Accounts that were named; of these, who are in no result of the run, and who were no customers on the day.
    another_day
        Customers of the day that had the change before it, or got it within the weeks compared: in neither group.
    changed, others
        Accounts that got the change and those that did not by the end of those weeks, of the customers of the day.
    chosen_by
        What alone decided who got the change (segment, industry, region, plan); empty: a list of accounts.
    dropped, overlap
        Share of ``changed`` left out because too few others were as likely to get it, and how both compare in that.
    cost
        Of the whole change; None: not given.
    mrr_gained, mrr_gained_low, mrr_gained_high, roi
        Revenue a month of the accounts that are compared, times the effect on mrr; a year of it against the cost.
    outcomes
        One entry an outcome.
    words
        The findings in sentences.
    """

    name: str
    started_on: str
    as_of: str
    horizon_days: int
    weeks: int
    named: int
    unknown: int
    not_customers: int
    another_day: int
    changed: int
    others: int
    chosen_by: list[str]
    dropped: float | None
    overlap: list[OverlapBin]
    cost: float | None
    mrr_gained: float | None
    mrr_gained_low: float | None
    mrr_gained_high: float | None
    roi: float | None
    outcomes: list[OutcomeEffect]
    words: list[str]
