"""What `benchmarks.house` counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import house

TEXT = '''"""A docstring
of two lines."""

# a comment
import os


def first(
    a: int,
) -> int:
    """What it does."""
    b = [
        a,
    ]

    return b[0]
'''


def test_a_line_counts_where_it_holds_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room/some.py").write_text(TEXT)
    (tmp_path / "room/__init__.py").write_text('"""Only a docstring."""\n')
    monkeypatch.setattr(house, "ROOT", tmp_path)
    [module] = house.modules("room")
    assert (module.path, module.lines, module.functions) == ("room/some.py", 8, {"first": 4})


def test_no_line_of_dvc_yaml_is_written_by_hand_and_one_place_names_a_result() -> None:
    assert house.hand_written_lines() == 0
    paths = [r.path for r in house.RESULTS.values() if "." in r.path]
    assert [path for path in paths if len(house.places_of(path)) != 1 and not path.startswith("plots/")] == []


def test_a_text_that_says_to_run_a_module_of_a_room_names_it_below_rind() -> None:
    files = [
        *house.ROOT.glob("*.md"),
        house.ROOT / "Makefile",
        house.ROOT / "dvc.yaml",
        *house.ROOT.glob("docs/**/*.md"),
    ]
    files += [file for folder in (*house.ROOMS, "benchmarks", "tests") for file in (house.ROOT / folder).rglob("*.py")]
    modules = {name for file in files for name in re.findall(r"python -m ([a-z_.]+)", file.read_text())}
    assert "rind.pipelines.flow" in modules
    assert {name for name in modules if name.partition(".")[0] in house.ROOMS} == set()
