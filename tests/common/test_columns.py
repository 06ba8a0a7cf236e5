"""A file is held to the columns that are declared for it, whatever its format."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rind.common.columns import Column, Kind, check_file
from rind.common.errors import ColumnError

COLUMNS = (
    Column("account_id", Kind.ID, "The account"),
    Column("left_on", Kind.DAY, "When it left", may_be_empty=True),
    Column("share", Kind.NUMBER, "0 to 1"),
)
SOUND: dict[str, Any] = {"account_id": "a", "left_on": date(2026, 1, 2), "share": 0.5}


def written(folder: Path, suffix: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / f"result{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif suffix == ".csv":
        pd.DataFrame(rows).to_csv(path, index=False)
    else:
        path.write_text(json.dumps(rows, default=str))
    return path


FORMATS = pytest.mark.parametrize("suffix", [".parquet", ".csv", ".json"])


@FORMATS
def test_a_sound_file_passes_and_may_hold_more_than_is_declared(tmp_path: Path, suffix: str) -> None:
    check_file(written(tmp_path, suffix, [SOUND | {"more": 1}]), COLUMNS)


@FORMATS
def test_a_value_may_be_missing_only_where_that_is_declared(tmp_path: Path, suffix: str) -> None:
    check_file(written(tmp_path, suffix, [SOUND, SOUND | {"left_on": None}]), COLUMNS)
    with pytest.raises(ColumnError, match="share is empty"):
        check_file(written(tmp_path, suffix, [SOUND, SOUND | {"share": None}]), COLUMNS)


@FORMATS
@pytest.mark.parametrize(
    ("column", "value"), [("share", "half"), ("left_on", "soon"), ("share", True)], ids=["text", "no day", "yes"]
)
def test_another_type_is_refused_with_the_name_of_the_column(
    tmp_path: Path, suffix: str, column: str, value: Any
) -> None:
    with pytest.raises(ColumnError, match=rf"result\{suffix}: {column} is .* not a "):
        check_file(written(tmp_path, suffix, [SOUND | {column: value}]), COLUMNS)


@FORMATS
def test_every_fault_is_named_at_once(tmp_path: Path, suffix: str) -> None:
    row = {"share": "half"}
    with pytest.raises(ColumnError, match=r"account_id is missing.*left_on is missing.*share is"):
        check_file(written(tmp_path, suffix, [row]), COLUMNS)


def test_a_key_that_holds_an_object_takes_a_list_or_an_object_and_nothing_else(tmp_path: Path) -> None:
    columns = (Column("rules", None, "Broken rules"),)
    for value in ([], {}):
        check_file(written(tmp_path, ".json", [{"rules": value}]), columns)
    with pytest.raises(ColumnError, match="rules is 'none', not a list or object"):
        check_file(written(tmp_path, ".json", [{"rules": "none"}]), columns)


def test_a_whole_number_of_a_document_is_no_fraction(tmp_path: Path) -> None:
    columns = (Column("rows", Kind.WHOLE, "Rows"),)
    check_file(written(tmp_path, ".json", [{"rows": 3}]), columns)
    with pytest.raises(ColumnError, match=r"rows is 3\.5"):
        check_file(written(tmp_path, ".json", [{"rows": 3.5}]), columns)


def test_a_curve_without_points_needs_its_columns_only(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text("account_id,left_on,share\n")
    check_file(path, COLUMNS)
    path.write_text("account_id,share\n")
    with pytest.raises(ColumnError, match="left_on is missing"):
        check_file(path, COLUMNS)
