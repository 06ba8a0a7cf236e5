"""What validation found in each table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rind.features.counting import Counts
from rind.features.coverage import Coverage
from rind.features.data_end import EVENTS
from rind.features.problems import Problem
from rind.features.setting_aside import Sieve
from rind.features.validation_settings import Silence


@dataclass(frozen=True)
class Finding:
    """What validation found in a table.

    Parameters
    ----------
    reach
        From which day to which its rows reach.
    sieve
        What is left out of it.
    problems
        One per broken rule, in the order of the sieve's rules.
    copies_share
        Of usage without event_id: the share of rows that are exact copies of another one.
    """

    counts: Counts
    reach: Coverage
    sieve: Sieve
    problems: tuple[Problem, ...]
    copies_share: float = 0.0

    def first_known(self) -> date | None:
        """The first day on which a row was known, strays aside."""
        first = self.reach.first
        days = [d for d in self.counts.days if d.day is not None and first is not None and d.day >= first]
        return min((d.known for d in days if d.known is not None), default=None)


def silent(findings: Mapping[str, Finding], end: date | None, silence: Silence) -> dict[str, int]:
    """Tables of events that stop well before the data end -> by how many days."""
    if end is None:
        return {}
    days = {name: findings[name].reach.silent_days(end, silence) for name in EVENTS if name in findings}
    return {name: count for name, count in days.items() if count}
