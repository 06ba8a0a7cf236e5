"""How long a run will take yet: by the seconds of each stage in the run before, at the pace of this one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path

from rind.pipelines.data import read_json

USUAL = {
    "validate": 8, "features_usage": 6, "search": 43, "backtest": 127, "tune_health": 9, "watermelons": 6,
    "evaluate": 6, "register": 11, "score": 7, "horizons": 38, "outcomes": 79, "effects": 21,
    "early_behaviour": 9, "adoption": 9,
}  # fmt: skip
"""Seconds of the demo company's stages: only their proportions count, and only where no run was before."""

OTHERS = 3.0
"""Seconds of any other stage of it."""

SURE_FROM = 0.1
"""Share of the work from which on a first run knows its pace; the run before counts as so much of it."""

MINUTE, HOUR = 60, 3600
STEPS = ((10 * MINUTE, MINUTE), (HOUR, 5 * MINUTE), (6 * HOUR, 15 * MINUTE), (inf, HOUR))
"""Up to so many seconds, the time is told in such steps."""


def seconds_left(
    expected: Mapping[str, float], taken: Mapping[str, float], now: str, elapsed: float, believed: bool
) -> float | None:
    """Seconds until the run ends.

    The pace is the seconds of this run over those expected for the same stages. A stage that takes longer than expected
    slows it; it never falls within a stage, so that the time left shrinks by a second each second, or grows slowly.

    Parameters
    ----------
    expected
        Stage of this run -> the seconds that it is expected to take; only their proportions count unless ``believed``.
    taken
        Stage that has ended in this run -> its seconds.
    now, elapsed
        The stage at work, and its seconds so far.
    believed
        Whether the expected seconds were measured on the same company: they count as `SURE_FROM` of the work done.

    Returns
    -------
    float or None
        None while too little has been done to know, or where nothing is expected to take any time.
    """
    whole = sum(expected.values())
    if not whole:  # a record of stages that took no time is none
        return None
    done = sum(expected[stage] for stage in taken)
    prior = SURE_FROM * whole if believed else 0.0
    if not believed and done < SURE_FROM * whole:
        return None
    spent = prior + sum(taken.values())
    pace = spent / (prior + done) if prior + done else 1.0
    if elapsed > pace * expected[now]:
        pace = (spent + elapsed) / (prior + done + expected[now])
    later = whole - done - expected[now]
    return pace * later + max(pace * expected[now] - elapsed, 0.0)


def in_words(seconds: float | None) -> str:
    """As a person would say it; "" where it is not known."""
    if seconds is None:
        return ""
    if seconds < MINUTE:
        return "less than a minute left"
    step = next(step for limit, step in STEPS if seconds < limit)
    rounded = max(round(seconds / step), 1) * step
    hours, minutes = divmod(rounded // MINUTE, HOUR // MINUTE)
    return "about " + " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min")) if n) + " left"


class Remaining:
    """The clock of a run.

    Parameters
    ----------
    stages
        What it has to do.
    before
        Stage -> its seconds in the run before; empty: there was none.
    """

    def __init__(self, stages: Sequence[str], before: Mapping[str, float]) -> None:
        known = {stage: before[stage] for stage in stages if stage in before}
        usual = {stage: USUAL.get(stage, OTHERS) for stage in stages}
        scale = sum(known.values()) / sum(usual[stage] for stage in known) if known else 1.0
        self._expected = {stage: known.get(stage, scale * usual[stage]) for stage in stages}
        self._believed = bool(known)
        self._taken: dict[str, float] = {}
        self._now, self._start = "", 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Note how long a stage takes."""
        self._now, self._start = name, time.perf_counter()
        yield
        self._taken[name] = time.perf_counter() - self._start

    def text(self) -> str:
        """The time left, in words."""
        elapsed = time.perf_counter() - self._start
        return in_words(seconds_left(self._expected, self._taken, self._now, elapsed, self._believed))


def seconds_before(record: Path) -> dict[str, float]:
    """Stage -> its seconds, of the run.json of the run before; empty where there is none that can be read."""
    try:
        seconds = read_json(record)["seconds"]
        return {str(stage): taken for stage, text in seconds.items() if 0 <= (taken := float(text)) < inf}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return {}
