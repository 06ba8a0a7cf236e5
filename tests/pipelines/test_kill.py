"""A few moments of `python -m benchmarks.kill`, and that it would see a week that was lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.kill import LOST, NEW, OLD, Ending, chosen_calls, content, spread, summary, swap_endings, week_of
from benchmarks.made_results import make_results


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "good"
    make_results(folder, accounts=12)
    return folder


@pytest.mark.slow
def test_killed_within_the_swap_and_after_a_run_that_fails_at_once_one_whole_week_is_read(tmp_path: Path) -> None:
    first, last, plain = swap_endings(tmp_path, 3)
    assert (first.week, last.week) == (OLD, NEW)
    assert plain.week == OLD
    assert all(ending.killed for ending in (first, last, plain))


def test_a_week_of_two_runs_or_with_a_changed_file_is_lost(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(made, out, symlinks=True)
    before = content(out)
    assert week_of(out, before, published=True) == OLD
    make_results(out, accounts=12, seed=8, mark=" (second)")
    assert week_of(out, before, published=True) == NEW
    assert week_of(out, before, published=False) == LOST, "a run that was killed before it published"
    for damage in ("risk_list.parquet", "run.json"):
        broken = tmp_path / damage
        shutil.copytree(out, broken, symlinks=True)
        (broken / damage).unlink()
        shutil.copy(made / damage, broken / damage)
        assert week_of(broken, before, published=True) == LOST, damage


def test_the_calls_that_move_the_pointer_are_always_among_the_moments() -> None:
    calls = [*["link"] * 20, "rename", "unlink", "symlink", "replace", *["unlink"] * 20]
    chosen = chosen_calls(calls, 8)
    assert len(chosen) == 8
    assert {0, 20, 22, 23, len(calls) - 1} <= set(chosen)
    assert spread("abcde", 3) == ["a", "c", "e"]
    assert spread("abc", 0) == []


def test_the_summary_counts_the_weeks_that_were_lost() -> None:
    endings = [Ending("a", True, OLD), Ending("b", True, NEW), Ending("c", False, LOST)]
    assert summary(endings) == "moments: 3   killed: 2   week before: 1   new week: 1   weeks lost: 1"
