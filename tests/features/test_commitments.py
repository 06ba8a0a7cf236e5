"""The commitments that a run takes from the export of the feedback."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pytest

from rind.features.commitments import commitments_beside
from rind.features.engine import duckdb_connection

HEAD = "account_id,quarter,category,who,recorded_at\r\n"
GOOD = "7,2026-07-01,commit,ana,2026-06-20 08:30:00"


def accounts(key: Any) -> Any:
    return duckdb_connection().create_table("accounts", ibis.memtable({"account_id": [key]}))


def csv(folder: Path, *lines: str, head: str = HEAD) -> str:
    (folder / "commitments.csv").write_text(head + "".join(f"{line}\r\n" for line in lines))
    return str(folder / "interventions.csv")


@pytest.mark.parametrize("key", [7, "7"])
def test_a_commitment_is_read_with_the_ids_of_the_source(tmp_path: Path, key: Any) -> None:
    read = commitments_beside(accounts(key), csv(tmp_path, GOOD))
    (row,) = read.table.to_pyarrow().to_pylist()
    assert (row["account_id"], row["quarter"], row["category"]) == (key, date(2026, 7, 1), "commit")
    assert read.notes == ()


@pytest.mark.parametrize(
    "line",
    ["8,2026-07-01,commit,ana,2026-06-20 08:30:00", "7,soon,commit,ana,2026-06-20 08:30:00",
     "7,2026-07-01,sure,ana,2026-06-20 08:30:00", "7,2026-07-01,commit,ana,", "x,2026-07-01,commit,ana,2026-06-20",
     "7,2026-07-01,commit,ana,infinity", "7,290000-01-01,commit,ana,2026-06-20", "7,infinity,commit,ana,2026-06-20",
     "7,2026-07-01,commit,ana,1899-12-31 23:59:59", "7,2026-07-01,commit,ana,290000-01-01 00:00:00"],
)  # fmt: skip
def test_a_row_that_cannot_be_is_left_out_with_a_note(tmp_path: Path, line: str) -> None:
    read = commitments_beside(accounts(7), csv(tmp_path, GOOD, line))
    assert read.table.count().execute() == 1
    assert read.notes[0].startswith("1 commitment is left out")


@pytest.mark.parametrize("path", ["", "none", "/nowhere/interventions.csv", "/"])
def test_without_a_file_there_are_no_rows_and_the_columns_are_there(path: str) -> None:
    read = commitments_beside(accounts("a"), path)
    assert read.table.to_pyarrow().num_rows == 0
    assert read.table.columns == ("account_id", "quarter", "category", "recorded_at")
    assert read.notes == ()


def test_a_file_without_its_columns_costs_a_note_and_not_the_run(tmp_path: Path) -> None:
    read = commitments_beside(accounts("a"), csv(tmp_path, "1", head="x\r\n"))
    assert read.table.to_pyarrow().num_rows == 0
    assert "the run goes on without them" in read.notes[0]
