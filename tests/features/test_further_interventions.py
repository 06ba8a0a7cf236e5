"""Interventions that were written down in Rind, beside those of the source."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import pytest

from rind.features.asof import known
from rind.features.engine import duckdb_connection
from rind.features.further_interventions import with_further_interventions

END = date(2026, 6, 28)
HEAD = "intervention_id,account_id,playbook,started_on,ended_on,cost,recorded_at\r\n"
TYPES = {"intervention_id": "string", "account_id": "string", "playbook": "string", "started_on": "date",
         "ended_on": "date", "cost": "float64"}  # fmt: skip


def tables(ids: str = "string", key: str = "string", **more: str) -> dict[str, Any]:
    con = duckdb_connection()
    account = 7 if ids == "int64" else "a/1"
    own = [{"intervention_id": 1 if key == "int64" else "V1", "account_id": account, "playbook": "training",
            "started_on": date(2026, 1, 5), "ended_on": None, "cost": None} | dict.fromkeys(more)]  # fmt: skip
    schema = TYPES | {"intervention_id": key, "account_id": ids} | more
    accounts = con.create_table("accounts", ibis.memtable({"account_id": [account]}))
    held = con.create_table("interventions", ibis.memtable(own, schema=schema))
    return {"accounts": accounts, "interventions": held}


def csv(folder: Path, *lines: str) -> str:
    path = folder / "interventions.csv"
    path.write_text(HEAD + "".join(f"{line}\r\n" for line in lines))
    return str(path)


def rows(table: Any) -> list[dict[str, Any]]:
    return sorted(table.to_pyarrow().to_pylist(), key=lambda row: str(row["intervention_id"]))


def test_a_row_stands_beside_those_of_the_source_with_when_it_was_recorded(tmp_path: Path) -> None:
    path = csv(tmp_path, 'rind-3,a/1,"Success plan, with their ""CFO""",2026-06-20,,900.5,2026-06-22 08:30:00')
    made = with_further_interventions(tables(), path, END)
    own, further = rows(made.tables["interventions"])
    assert own["recorded_at"] is None
    assert further == {
        "intervention_id": "rind-3", "account_id": "a/1", "playbook": 'Success plan, with their "CFO"',
        "started_on": date(2026, 6, 20), "ended_on": None, "cost": 900.5,
        "recorded_at": datetime.fromisoformat("2026-06-22T08:30"),
    }  # fmt: skip
    assert (made.rows, made.notes) == (1, ())


@pytest.mark.parametrize(("as_of", "counted"), [(date(2026, 6, 22), 1), (date(2026, 6, 23), 2)])
def test_an_intervention_is_not_known_before_it_was_recorded(tmp_path: Path, as_of: date, counted: int) -> None:
    path = csv(tmp_path, "rind-3,a/1,plan,2026-06-01,,,2026-06-22 08:30:00")
    made = with_further_interventions(tables(), path, END).tables["interventions"]
    snapshots = made.get_backend().create_table("spine", ibis.memtable({"account_id": ["a/1"], "as_of": [as_of]}))
    assert known(snapshots, made, "interventions").count().to_pyarrow().as_py() == counted


@pytest.mark.parametrize("recorded", ["", "soon"])
def test_a_row_that_does_not_say_when_it_was_recorded_counts_on_no_date(tmp_path: Path, recorded: str) -> None:
    made = with_further_interventions(tables(), csv(tmp_path, f"rind-3,a/1,plan,2026-06-01,,,{recorded}"), END)
    assert (made.rows, len(rows(made.tables["interventions"])), len(made.notes)) == (0, 1, 1)


def test_ids_that_are_whole_numbers_stay_so(tmp_path: Path) -> None:
    path = csv(tmp_path, "rind-3,7,plan,2026-06-20,,,2026-06-22 08:30:00")
    made = with_further_interventions(tables("int64", "int64"), path, END)
    assert [row["intervention_id"] for row in rows(made.tables["interventions"])] == [-3, 1]


def test_the_source_s_own_recorded_at_stays(tmp_path: Path) -> None:
    path = csv(tmp_path, "rind-3,a/1,plan,2026-06-20,,,2026-06-22 08:30:00")
    made = with_further_interventions(tables(recorded_at="timestamp"), path, END)
    assert len(rows(made.tables["interventions"])) == 2


@pytest.mark.parametrize(
    "line",
    [
        "rind-3,nobody,plan,2026-06-20,,,2026-06-22 08:30:00",
        "V1,a/1,plan,2026-06-20,,,2026-06-22 08:30:00",
        "rind-3,a/1,plan,2026-06-29,,,2026-06-29 08:30:00",
        "rind-3,a/1,plan,soon,,,2026-06-29 08:30:00",
        "rind-3,a/1,,2026-06-20,,,2026-06-22 08:30:00",
    ],
)
def test_a_row_that_does_not_fit_the_source_is_left_out_with_a_note(tmp_path: Path, line: str) -> None:
    made = with_further_interventions(tables(), csv(tmp_path, line), END)
    assert made.rows == 0
    assert made.notes[0].startswith("1 intervention that was started in Rind is left out")
    assert len(rows(made.tables["interventions"])) == 1


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00rubbish", b"PAR1"])
def test_a_file_that_cannot_be_read_costs_a_note_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "interventions.csv"
    path.write_bytes(content)
    for place in (path, tmp_path / "nowhere.csv"):
        made = with_further_interventions(tables(), str(place), END)
        assert made.rows == 0
        assert "the run goes on without them" in made.notes[0]
        assert len(rows(made.tables["interventions"])) == 1


def test_without_a_file_nothing_changes() -> None:
    given = tables()
    for path in ("", "none"):
        assert with_further_interventions(given, path, END) == (given, 0, ())
