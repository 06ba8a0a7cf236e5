"""Where tables lie, and that no password of a URL is ever written down."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from rind.common.errors import SourceError
from rind.features.locations import (
    csv_layout,
    find_tables,
    masked,
    masked_text,
    refuse_ambiguous_password,
    resolve_duckdb,
    without_secret,
)  # fmt: skip

SECRET = "postgres://me:geheim@host/db"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (SECRET, "postgres://me:***@host/db"),
        ("postgres://me@host/db?password=geheim&x=1", "postgres://me@host/db?password=***&x=1"),
        ("folder/of/exports", "folder/of/exports"),
    ],
)
def test_a_password_is_masked_and_the_rest_of_the_url_stays(url: str, shown: str) -> None:
    assert masked(url) == shown
    assert "geheim" not in masked_text(f"cannot reach {url}: timeout")


def test_a_driver_that_quotes_the_decoded_password_shows_it_no_more() -> None:
    assert without_secret("FATAL: password 'ge@heim' of me", "postgres://me:ge%40heim@host") == (
        "FATAL: password '***' of me"
    )


def test_a_password_with_a_bare_separator_is_refused_with_its_spelling() -> None:
    with pytest.raises(SourceError, match="Percent-encode") as caught:
        refuse_ambiguous_password("postgres://me:ge/heim@host/db")
    assert "ge/heim" not in str(caught.value)
    refuse_ambiguous_password(SECRET)


def test_a_database_file_is_found_from_the_root_and_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a b.db").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert resolve_duckdb(f"duckdb://{tmp_path}/a%20b.db") == str(tmp_path / "a b.db")
    assert Path(resolve_duckdb("duckdb:///a b.db")).resolve() == (tmp_path / "a b.db").resolve()
    with pytest.raises(SourceError, match="no database file"):
        resolve_duckdb("duckdb:///missing.db")


def test_files_that_no_table_was_read_from_are_listed_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("Accounts.csv", "notes.csv", ".secret.csv", "readme.txt"):
        (tmp_path / name).write_text("account_id\n1\n")
    (tmp_path / "usage").mkdir()
    (tmp_path / "usage/part-0.parquet").write_bytes(b"")
    (tmp_path / "usage/_SUCCESS").write_bytes(b"")
    tables, unread = find_tables(tmp_path, ("accounts", "usage"))
    assert {name: (form, [p.name for p in parts]) for name, (form, parts) in tables.items()} == {
        "accounts": ("csv", ["Accounts.csv"]),
        "usage": ("parquet", ["part-0.parquet"]),
    }
    assert unread == ("notes.csv", "readme.txt")


def test_a_table_in_two_formats_is_refused(tmp_path: Path) -> None:
    for name in ("accounts.csv", "accounts.parquet"):
        (tmp_path / name).write_text("account_id\n1\n")
    with pytest.raises(SourceError, match=r"accounts is there more than once: accounts\.csv, accounts\.parquet"):
        find_tables(tmp_path, ("accounts",))


@pytest.mark.parametrize(
    ("content", "delimiter", "line_end", "columns"),
    [
        (b"a,b\n1,2\n", ",", "\n", ("a", "b")),
        (b"\xef\xbb\xbfa;b;a\r\n1;2;3\r\n", ";", "\r\n", ("a", "b", "a_3")),
        (b"a\tb\r1\t2\r", "\t", "\r", ("a", "b")),
        ("a|\n1|2\n".encode("utf-16"), "|", "\n", ("a", "_2")),
    ],
)
def test_the_first_line_tells_how_a_csv_is_written(
    tmp_path: Path, content: bytes, delimiter: str, line_end: str, columns: tuple[str, ...]
) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(content))
    for name in ("t.csv", "t.csv.gz"):
        layout = csv_layout(tmp_path / name)
        assert (layout.delimiter, layout.line_end, layout.columns) == (delimiter, line_end, columns)
