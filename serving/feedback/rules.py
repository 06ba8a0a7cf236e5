"""Which new act is refused, and why; and what is written down of one that is not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from rind.serving.access.principals import Principal
from rind.serving.feedback.acts import Assign, Commitment, Entry, Intervention, NewAct, ReasonVerdict, Snooze
from rind.serving.problems import ProblemError
from rind.serving.quarters import quarters_ahead

LONGEST_SNOOZE_DAYS = 366
EARLIEST_START_DAYS = 366
SCOPE = "feedback"


@dataclass(frozen=True)
class Subject:
    """What an act is about: an account on the list of a date.

    Parameters
    ----------
    reasons
        As they stand on the list, the first one first.
    csm
        Who looks after the account, by the source; None for nobody.
    assigned
        Who took it on by feedback; None for nobody.
    csms
        Who may be assigned.
    feature_of
        A reason -> the feature behind it; "" where that is not known.
    """

    account_id: str
    week: date
    reasons: Sequence[str]
    csm: str | None
    assigned: str | None
    csms: Collection[str]
    feature_of: Callable[[str], str]


def may_write(principal: Principal, csm: str | None, assigned: str | None = None) -> bool:
    """Whether the principal may act on an account: a CSM (and the key of one) only on the own and assigned ones."""
    if SCOPE not in principal.scopes:
        return False
    return not principal.csm or principal.csm in (csm, assigned)


def entry_of(act: NewAct, principal: Principal, subject: Subject) -> Entry:
    """What is written down of an act.

    Raises
    ------
    ProblemError
        403: not an account of this principal; 422: a day, a place or a name that cannot be.
    """
    if not may_write(principal, subject.csm, subject.assigned):
        raise ProblemError(403, "Feedback on this account is for its own CSM, and for admins.")
    entry = Entry(principal.name, subject.account_id, subject.week, act.kind)
    if isinstance(act, ReasonVerdict):
        reason = _reason(act.reason, subject)
        return replace(entry, verdict=act.verdict, reason=reason, feature=subject.feature_of(reason))
    if isinstance(act, Snooze):
        _check_until(act.until, subject.week)
    elif isinstance(act, Assign) and act.csm not in subject.csms:
        raise _wrong("csm", "nobody of this name looks after an account of the list")
    elif isinstance(act, Intervention):
        _check_days(act, subject.week)
    elif isinstance(act, Commitment) and act.quarter not in quarters_ahead(subject.week):
        first, *_, last = quarters_ahead(subject.week)
        raise _wrong("quarter", f"the first day of a quarter from {first} to {last}")
    return replace(entry, **act.model_dump(exclude={"kind"}))


def _reason(place: int, subject: Subject) -> str:
    if place > len(subject.reasons):
        raise _wrong("reason", f"the list gives {len(subject.reasons)} reasons for this account")
    return subject.reasons[place - 1]


def _check_days(act: Intervention, week: date) -> None:
    latest = max(datetime.now(UTC).date(), week)
    first = week - timedelta(days=EARLIEST_START_DAYS)
    if not first <= act.started_on <= latest:
        raise _wrong("started_on", f"a day from {first} to {latest}")
    if act.ended_on is not None and not act.started_on <= act.ended_on <= latest:
        raise _wrong("ended_on", f"a day from its start to {latest}, or none while it runs")


def _check_until(day: date, week: date) -> None:
    first, last = week + timedelta(days=1), week + timedelta(days=LONGEST_SNOOZE_DAYS)
    if not first <= day <= last:
        raise _wrong("until", f"a day from {first} to {last}")


def _wrong(where: str, what: str) -> ProblemError:
    return ProblemError(422, errors=[{"where": where, "what": what}])
