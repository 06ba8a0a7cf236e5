"""The SQLite file under users, sessions, keys and the audit log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rind.serving.access.database import Database, digest


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "new" / "access.sqlite")) as opened:
        yield opened


def add_user(database: Database, name: str) -> int:
    return database.execute("INSERT INTO users VALUES (?, '', 'viewer', '', '')", name)


def test_the_file_is_its_owners_alone_and_opens_again_with_its_rows(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "new" / "access.sqlite"
    assert path.stat().st_mode & 0o077 == 0
    assert add_user(database, "ana") == 1
    with closing(Database(path)) as again:
        assert again.row("SELECT name FROM users") == {"name": "ana"}
        assert again.row("SELECT name FROM users WHERE name = ?", "nobody") is None


def test_a_transaction_that_fails_writes_nothing_and_is_not_left_open(database: Database) -> None:
    def add_twice() -> None:
        with database.transaction() as connection:
            for _ in range(2):
                connection.execute("INSERT INTO users VALUES ('ana', '', 'viewer', '', '')")

    with pytest.raises(sqlite3.IntegrityError):
        add_twice()
    assert database.rows("SELECT name FROM users") == []
    assert add_user(database, "ben") == 1


def test_a_removed_user_takes_the_sessions_along(database: Database) -> None:
    add_user(database, "ana")
    database.execute("INSERT INTO sessions VALUES ('t', 'ana', 'c', '')")
    database.execute("DELETE FROM users")
    assert database.rows("SELECT * FROM sessions") == []


def test_times_are_utc_and_sort_as_texts(database: Database) -> None:
    now, later = database.now(), database.now(timedelta(days=400))
    assert now < later
    assert datetime.fromisoformat(now).utcoffset() == timedelta()


def test_a_secret_of_any_letters_has_a_digest() -> None:
    assert digest("\udc80") != digest("a")
    assert len(digest("")) == 64
