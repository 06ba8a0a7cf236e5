"""What the acts on all accounts come to, for the list of one date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rind.serving.feedback.account_state import AccountFeedback
from rind.serving.feedback.acts import Act
from rind.serving.feedback.hit_rate import HitRate, hit_rate


@dataclass(frozen=True)
class BookFeedback:
    """The feedback on the list of a date.

    Parameters
    ----------
    revision
        Number of the latest act that counts here.
    snoozed
        Account -> the snooze that holds.
    worked
        Accounts that somebody has taken care of, as `AccountFeedback.worked` says.
    assigned
        Account -> the CSM who took it on.
    hits
        The verdicts on reasons of all weeks until the date.
    committed
        Account -> first day of a quarter -> the latest commitment for it.
    """

    week: date
    revision: int
    snoozed: Mapping[str, Act]
    worked: frozenset[str]
    assigned: Mapping[str, str]
    hits: HitRate
    committed: Mapping[str, Mapping[date, Act]] = field(default_factory=dict)

    @classmethod
    def of(cls, states: Mapping[str, AccountFeedback], week: date, revision: int) -> BookFeedback:
        """Read it from the state of each account."""
        snoozes = {account: state.snooze(week) for account, state in states.items()}
        assignments = {account: state.assignment for account, state in states.items()}
        return cls(
            week=week,
            revision=revision,
            snoozed={account: act for account, act in snoozes.items() if act is not None},
            worked=frozenset(account for account, state in states.items() if state.worked(week)),
            assigned={account: act.csm for account, act in assignments.items() if act is not None and act.csm},
            hits=hit_rate(act for state in states.values() for act in state.live if act.week <= week),
            committed={account: state.commitments for account, state in states.items() if state.commitments},
        )
