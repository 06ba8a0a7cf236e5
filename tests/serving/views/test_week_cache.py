"""A value that is computed once per week."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

from rind.serving.views.week_cache import WeekCache


def week(version: str) -> Any:
    return SimpleNamespace(version=version)


def test_a_value_is_computed_once_while_its_week_is_among_the_last() -> None:
    computed: list[str] = []
    cache = WeekCache(lambda one: computed.append(one.version) or one.version, most_weeks=2)
    assert [cache.of(week(version)) for version in ("a", "a", "b", "a", "c", "b", "a")] == list("aabacba")
    assert computed == ["a", "b", "c", "a"]  # the third week pushed the first one out


def test_threads_that_come_together_compute_it_once() -> None:
    computed: list[int] = []

    def make(_: Any) -> int:
        time.sleep(0.05)
        computed.append(1)
        return 7

    cache, values = WeekCache(make), list[int]()
    threads = [threading.Thread(target=lambda: values.append(cache.of(week("a")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (values, computed) == ([7] * 8, [1])
