"""What the acts on one account come to: verdicts, snooze, assignment, notes, interventions, commitments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rind.serving.feedback.acts import Act, Kind


@dataclass(frozen=True)
class Intervention:
    """An intervention as it stands after all corrections.

    Parameters
    ----------
    number
        Of its first act: names it for good.
    latest
        Number of the act to supersede for the next correction.
    recorded_at
        When its playbook and start, as they stand, were written down: ISO 8601, UTC. Before that nobody knew of them.
    ended_on
        As it was said, but never before the day on which it was said: nobody knew of it earlier.
    """

    number: int
    latest: int
    who: str
    recorded_at: str
    playbook: str
    started_on: date
    ended_on: date | None
    cost: float | None

    def runs_on(self, day: date) -> bool:
        """Whether it has begun and not ended."""
        return self.started_on <= day and (self.ended_on is None or self.ended_on > day)


@dataclass(frozen=True)
class AccountFeedback:
    """The acts on one account, in the order in which they came, and what follows from them."""

    acts: tuple[Act, ...] = ()

    @cached_property
    def live(self) -> tuple[Act, ...]:
        """The acts that were neither replaced nor withdrawn."""
        replaced = {act.supersedes for act in self.acts}
        return tuple(act for act in self.acts if act.number not in replaced and act.kind != "withdraw")

    def verdicts(self, week: date) -> dict[str, Act]:
        """Reason, as it stood on the list of a date -> the latest verdict on it."""
        return {str(act.reason): act for act in self._of_kind("reason") if act.week == week}

    def acknowledged(self, week: date) -> Act | None:
        """Who has seen it on the list of a date, the latest one; None where nobody has."""
        return _last(act for act in self._of_kind("acknowledge") if act.week == week)

    def snooze(self, week: date) -> Act | None:
        """The snooze that holds on the list of a date: the latest one, while its end lies after the date."""
        latest = _last(act for act in self._of_kind("snooze") if act.week <= week)
        return latest if latest is not None and latest.until is not None and latest.until > week else None

    @property
    def assignment(self) -> Act | None:
        """Who took it on, the latest one."""
        return _last(self._of_kind("assign"))

    @property
    def notes(self) -> tuple[Act, ...]:
        """The notes, the newest first."""
        return tuple(self._of_kind("note"))[::-1]

    @cached_property
    def interventions(self) -> tuple[Intervention, ...]:
        """The interventions, the first one first."""
        return tuple(_intervention(self._versions(act)) for act in self._of_kind("intervention"))

    @cached_property
    def commitments(self) -> Mapping[date, Act]:
        """First day of a quarter -> the latest commitment for it."""
        return {act.quarter: act for act in self._of_kind("commitment") if act.quarter is not None}

    def before(self, day: date) -> AccountFeedback:
        """What stood when a day began (UTC): the acts that were written down before it."""
        return AccountFeedback(tuple(act for act in self.acts if act.day < day))

    def worked(self, week: date) -> bool:
        """Whether somebody has taken care of it on the list of a date.

        It was acknowledged, noted on or began an intervention on this list; or it is snoozed; or an intervention that
        was begun here still runs. A verdict on a reason, an assignment, or a commitment alone is not work.
        """
        if any(act.week == week and act.kind in ("acknowledge", "note", "intervention") for act in self.live):
            return True
        return self.snooze(week) is not None or any(one.runs_on(week) for one in self.interventions)

    def _of_kind(self, kind: Kind) -> Iterable[Act]:
        return (act for act in self.live if act.kind == kind)

    def _versions(self, latest: Act) -> list[Act]:
        """An act and those that it replaced, the first one first."""
        by_number = {act.number: act for act in self.acts}
        versions = [latest]
        while versions[0].supersedes is not None:
            versions.insert(0, by_number[versions[0].supersedes])
        return versions


NOTHING = AccountFeedback()
"""Of an account on which nobody has acted."""


def _intervention(versions: list[Act]) -> Intervention:
    first, latest = versions[0], versions[-1]
    assert latest.playbook is not None  # the rules of `acts.Intervention`
    assert latest.started_on is not None
    begun = [(act.playbook, act.started_on) for act in versions]
    since = next(act for n, act in enumerate(versions) if set(begun[n:]) == {begun[-1]})
    ended_on = latest.ended_on
    if ended_on is not None:
        ending = next(act for n, act in enumerate(versions) if {later.ended_on for later in versions[n:]} == {ended_on})
        ended_on = max(ended_on, ending.day)
    return Intervention(
        number=first.number,
        latest=latest.number,
        who=first.who,
        recorded_at=since.at,
        playbook=latest.playbook,
        started_on=latest.started_on,
        ended_on=ended_on,
        cost=latest.cost,
    )


def _last(acts: Iterable[Act]) -> Act | None:
    kept = tuple(acts)
    return kept[-1] if kept else None
