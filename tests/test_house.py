"""What `benchmarks.house` counts."""

from __future__ import annotations

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
