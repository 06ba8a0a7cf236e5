"""Each benchmark can be started: its imports are there, and it says what it measures."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import size

ROOT = Path(__file__).parents[1]
MODULES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("module", MODULES)
def test_a_benchmark_finds_all_that_it_imports_and_has_a_docstring(module: str) -> None:
    assert import_module(f"benchmarks.{module}").__doc__


def test_twice_the_snapshots_for_four_times_the_seconds_are_an_exponent_of_two() -> None:
    small, large = (size.Run(n, 100 * n, {"backtest": size.Cost(n, n**2, 1.0)}) for n in (10, 20))
    assert size.exponent(small, large, small.whole().cpu, large.whole().cpu) == pytest.approx(2)


def test_only_stages_that_take_more_than_three_percent_of_a_run_have_a_line_of_their_own() -> None:
    stages = {"small": size.Cost(1, 1, 9.0), "grows": size.Cost(2, 2, 1.0), "large": size.Cost(97, 97, 1.0)}
    runs = [size.Run(10, 100, stages), size.Run(20, 200, stages | {"grows": size.Cost(8, 8, 2.0)})]
    names = [line.split()[0] for line in size.report(runs)[3:]]
    assert names == ["grows", "large", "whole"]
    assert size.report(runs)[-1].split()[-2:] == ["0.08", "0.00"]  # 106 s after 100 s; the same peak
