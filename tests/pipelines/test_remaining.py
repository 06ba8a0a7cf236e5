"""The time that a run will take yet: steady, by the run before, and expects in steps that a person can use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rind.pipelines.remaining import SURE_FROM, Remaining, in_words, seconds_before, seconds_left

EXPECTED = {"validate": 10.0, "backtest": 60.0, "score": 30.0}


def test_a_run_that_goes_as_the_one_before_loses_a_second_each_second() -> None:
    left = [seconds_left(EXPECTED, {"validate": 10.0}, "backtest", second, believed=True) for second in range(60)]
    assert left == pytest.approx([90.0 - second for second in range(60)])


def test_a_run_at_half_the_pace_is_known_to_take_twice_the_time() -> None:
    left = seconds_left(EXPECTED, {"validate": 20.0, "backtest": 120.0}, "score", 0.0, believed=True)
    assert left == pytest.approx(60, rel=0.2)  # the run before still counts a little


def test_a_stage_that_takes_longer_than_expected_never_leaves_less_than_the_later_ones_need() -> None:
    left = [
        seconds_left(EXPECTED, {"validate": 10.0}, "backtest", second, believed=True) or 0 for second in (60, 90, 600)
    ]
    assert left[0] == pytest.approx(30)
    assert left == sorted(left)


def test_a_first_run_says_nothing_before_a_tenth_of_the_work_is_done() -> None:
    assert seconds_left(EXPECTED, {}, "validate", 3.0, believed=False) is None
    assert seconds_left(EXPECTED, {"validate": 40.0}, "backtest", 0.0, believed=False) == pytest.approx(360)


def test_a_record_of_stages_that_took_no_time_tells_nothing_and_stops_nothing() -> None:
    clock = Remaining(["validate", "backtest"], {"validate": 0.0, "backtest": 0.0})
    with clock.stage("validate"):
        assert clock.text() == ""


@given(
    pace=st.floats(0.1, 20),
    expected=st.lists(st.floats(1, 100), min_size=12, max_size=40),
    noise=st.lists(st.floats(0.7, 1.4), min_size=40, max_size=40),
    believed=st.booleans(),
)
def test_the_estimate_never_jumps(pace: float, expected: list[float], noise: list[float], believed: bool) -> None:
    """Stages that take up to 40 % more or less than at an even pace never make it leave their own bounds."""
    stages = {str(n): seconds for n, seconds in enumerate(expected)}
    takes = {stage: pace * seconds * factor for (stage, seconds), factor in zip(stages.items(), noise, strict=False)}
    scale = 1.0 if believed else 7.0  # a first run knows proportions only
    expects = {stage: scale * pace * seconds for stage, seconds in stages.items()}
    for n, stage in enumerate(stages):
        taken = {before: takes[before] for before in list(stages)[:n]}
        for part in (0.0, 0.5, 1.0):
            left = seconds_left(expects, taken, stage, part * takes[stage], believed)
            later = sum(pace * seconds for seconds in list(stages.values())[n + 1 :])
            here = pace * stages[stage]
            if left is None:
                assert not believed
                assert sum(expects[before] for before in taken) < SURE_FROM * sum(expects.values())
            else:
                assert 0.69 * later - 1e-6 <= left <= 1.41 * (later + here) + 1e-6


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "less than a minute left"),
        (59.9, "less than a minute left"),
        (60, "about 1 min left"),
        (599, "about 10 min left"),
        (601, "about 10 min left"),
        (3599, "about 1 h left"),
        (3 * 3600 + 1000, "about 3 h 15 min left"),
        (40 * 3600, "about 40 h left"),
    ],
)
def test_the_time_is_expects_in_steps_that_grow_with_it(seconds: float | None, words: str) -> None:
    assert in_words(seconds) == words


def test_a_new_stage_is_expected_at_the_scale_of_the_others() -> None:
    clock = Remaining(["backtest", "outcomes"], {"backtest": 1270.0})
    with clock.stage("backtest"):
        assert clock.text() == "about 35 min left"  # 1,270 s, and ten times the usual 79 s


def test_a_run_of_nothing_known_says_nothing_at_first() -> None:
    clock = Remaining(["validate", "backtest"], {})
    with clock.stage("validate"):
        assert clock.text() == ""


@pytest.mark.parametrize(
    "content", ["", "[]", '{"seconds": 3}', '{"seconds": {"score": "x"}}', '{"seconds": {"a": null}}']
)
def test_a_record_that_is_broken_tells_nothing_and_stops_nothing(tmp_path: Path, content: str) -> None:
    record = tmp_path / "run.json"
    assert seconds_before(record) == {}
    record.write_text(content, encoding="utf-8")
    assert seconds_before(record) == {}
    odd = {"score": 3, "search": float("nan"), "backtest": float("inf"), "evaluate": -1}
    record.write_text(json.dumps({"seconds": odd}), encoding="utf-8")
    assert seconds_before(record) == {"score": 3.0}
