"""A value that is computed once per week."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from rind.serving.store.protocols import Week

Value = TypeVar("Value")


class WeekCache(Generic[Value]):
    """What ``make`` computes from a week, kept for the last few weeks: no two requests compute it twice."""

    def __init__(self, make: Callable[[Week], Value], most_weeks: int = 2) -> None:
        self._make = make
        self._most_weeks = most_weeks
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def of(self, week: Week) -> Value:
        """The value of this week; the other threads wait while one computes it."""
        value = self._values.get(week.version)
        if value is None:
            with self._lock:
                value = self._values.get(week.version)
                if value is None:
                    value = self._values[week.version] = self._make(week)
                while len(self._values) > self._most_weeks:
                    self._values.popitem(last=False)
        return value
