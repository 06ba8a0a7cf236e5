from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from rind.common.files import atomic_path, write_json, write_text


def test_a_reader_sees_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "below/list.csv"
    write_text(path, "old")
    with atomic_path(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.suffix == ".csv"  # writers choose the format by it
    assert path.read_text() == "new"
    assert [p.name for p in path.parent.iterdir()] == ["list.csv"]


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), KeyboardInterrupt(), SystemExit(1)])
def test_a_crash_in_the_middle_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "list.csv"
    write_text(path, "old")

    def half() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("ha")
            raise error

    with pytest.raises(type(error)):
        half()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]


def test_json_has_no_nan_and_a_refused_value_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    write_json(path, {"auc": 0.5, "day": pd.Timestamp("2024-01-01").date()})
    assert json.loads(path.read_text()) == {"auc": 0.5, "day": "2024-01-01"}
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"auc": float("nan")})
    assert json.loads(path.read_text())["auc"] == 0.5
