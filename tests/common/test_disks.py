"""A full disk is told as such, with its folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import psycopg
import pytest

from rind.common.disks import full_disk, writing
from rind.common.errors import DiskFullError, SourceError
from rind.common.files import write_text
from rind.features.engine import reading

NO_SPACE = "No space left on device"
SPILLED = "Out of Memory Error: failed to offload data block of size 224.0 KiB (256.0 KiB/270.0 KiB used)."


@pytest.mark.parametrize(
    ("error", "place"),
    [
        (duckdb.IOException(f'IO Error: Could not write file "/big/week/usage.parquet": {NO_SPACE}'), "/big/week"),
        (OSError(28, NO_SPACE, "/big/week/usage.parquet"), "/big/week"),
        (OSError(28, NO_SPACE, "/written/to/.12.partial/usage.parquet"), "/written/to"),
        (OSError(28, "Error writing bytes to file. Detail: [errno 28]"), "/written/to"),  # as pyarrow says it
        (OSError(122, "Disk quota exceeded"), "/written/to"),
        (duckdb.OutOfMemoryException(SPILLED), tempfile.gettempdir()),
    ],
)
def test_the_folder_is_that_of_the_file_or_where_was_written_to(error: Exception, place: str) -> None:
    full = full_disk(error, Path("/written/to"))
    assert full is not None
    assert full.message == f"the disk of {place} is full"


@pytest.mark.parametrize(
    "error", [OSError(13, "Permission denied"), duckdb.IOException("No files found"), psycopg.errors.DiskFull(NO_SPACE)]
)
def test_any_other_error_and_the_disk_of_a_server_are_none_of_ours(error: Exception) -> None:
    assert full_disk(error, Path("/written/to")) is None
    with pytest.raises(type(error)), writing(Path("/written/to")):
        raise error


def test_what_fills_the_disk_while_the_source_is_read_does_not_blame_the_source() -> None:
    with pytest.raises(DiskFullError) as raised, reading("the table usage"), writing(Path("/written/to")):
        raise OSError(28, NO_SPACE)
    assert "the disk of /written/to is full" in str(raised.value)
    assert "whole" not in str(raised.value)


def test_the_disk_of_a_database_server_is_told_as_the_servers() -> None:
    with pytest.raises(SourceError, match="space on the database server"), reading("the table usage"):
        raise psycopg.errors.DiskFull(f'could not write to file "/pg/tmp": {NO_SPACE}')


def test_a_file_that_does_not_fit_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    write_text(path, "old")

    def full(*_: object) -> None:
        raise OSError(28, NO_SPACE)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFullError, match=f"the disk of {tmp_path} is full"):
        write_text(path, "new")
    assert path.read_text() == "old"
