"""The SQLite file under users, sessions, keys and the audit log."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from served import BROWSER, Client, Site, log_in

from rind.serving.access.cookies import COOKIE
from rind.serving.access.database import AccessFileError, Database, NewerFileError, digest


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


HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
if sys.argv[2] == "everything":
    held.execute("PRAGMA locking_mode = EXCLUSIVE")
held.execute("BEGIN EXCLUSIVE")
held.execute("CREATE TABLE other (x)")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Another process holds the file: as a writer, or with everything (as some backups do)."""
    command = [sys.executable, "-c", HOLD, str(path), what]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield
        finally:
            other.stdin.close()


def longest(browser: Client, path: str, count: int) -> tuple[float, set[int]]:
    """The longest wait for a page, and all statuses."""
    seconds, statuses = 0.0, set()
    for _ in range(count):
        start = time.perf_counter()
        statuses.add(browser.get(path).status_code)
        seconds = max(seconds, time.perf_counter() - start)
    return seconds, statuses


@pytest.mark.parametrize("what", ["as a writer", "everything"])
def test_a_file_that_another_process_locks_keeps_no_reader_waiting(here: Site, what: str) -> None:
    browser, program = here.logged_in(name="jonas"), here.program("read", "export")
    assert browser.get("/").status_code == program.get("/risk-list.csv").status_code == 200
    here.access.audit.flush()
    if what == "everything":
        here.access.database._reader.close()  # such a lock is given only where nobody has the file open
        here.access.database._writer.close()
    with locked(here.access.database._path, what):
        if what == "everything":
            how = {"timeout": 0.25, "check_same_thread": False, "isolation_level": None}
            for name in ("_reader", "_writer"):
                setattr(here.access.database, name, sqlite3.connect(here.access.database._path, **how))
        assert longest(browser, "/", 20) == (pytest.approx(0, abs=1.0), {200})
        assert longest(program, "/risk-list.csv", 5) == (pytest.approx(0, abs=1.0), {200})
        assert longest(here.client(**BROWSER), "/login", 3) == (pytest.approx(0, abs=1.0), {200})
        start = time.perf_counter()
        form = here.client(**BROWSER)
        answer = log_in(form, "jonas")
        assert answer.status_code == 503
        assert "try again in some seconds" in answer.text
        assert time.perf_counter() - start < 6
        if what == "everything":
            assert here.client(cookie=f"{COOKIE}=another").get("/").status_code == 503  # never seen before
            assert here.client(cookie=f"{COOKIE}=another").get("/healthz").status_code == 200
    time.sleep(1.1)
    assert here.access.audit.flush()
    assert log_in(here.client(**BROWSER), "jonas").status_code == 303
    assert [event.path for event in here.access.audit.events(action="export")] == ["/risk-list.csv"] * 6


def test_a_login_on_a_full_disk_is_an_answer_for_people(here: Site) -> None:
    browser = here.logged_in(name="jonas")
    writer = here.access.database._writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for _ in range(1000):
            made = "hex(randomblob(40)), hex(randomblob(9)), 'jonas', '', '', '9', '', '', ''"
            here.access.database.execute(f"INSERT INTO sessions VALUES ({made})")

    with pytest.raises(AccessFileError, match="disk is full"):
        fill()
    answer = log_in(here.client(**BROWSER), "jonas")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "cannot be read or written just now" in answer.text
    assert browser.get("/").status_code == 200


def test_a_removed_user_takes_the_sessions_along(database: Database) -> None:
    add_user(database, "ana")
    database.execute("INSERT INTO sessions VALUES ('t', 'id', 'ana', 'c', '', '', '', '', '')")
    database.execute("DELETE FROM users")
    assert database.rows("SELECT * FROM sessions") == []


OLD = """
CREATE TABLE users (
  name TEXT PRIMARY KEY, password TEXT NOT NULL, role TEXT NOT NULL, csm TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE sessions (token TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
  csrf TEXT NOT NULL, expires_at TEXT NOT NULL);
INSERT INTO users VALUES ('ana', 'hash', 'viewer', '', '');
INSERT INTO sessions VALUES ('t', 'ana', 'c', '2999-01-01');
"""


def test_a_file_that_an_older_rind_wrote_keeps_its_users_and_their_sessions(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "access.sqlite")) as older:
        older.executescript(OLD)
    for _ in range(2):
        with closing(Database(tmp_path / "access.sqlite")) as opened:
            assert opened.row("SELECT user, csrf, expires_at FROM sessions") == {
                "user": "ana", "csrf": "c", "expires_at": "2999-01-01",
            }  # fmt: skip
            assert opened.row("SELECT length(id) AS letters FROM sessions") == {"letters": 8}


def test_a_file_of_a_later_rind_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "access.sqlite")) as later:
        later.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerFileError, match="users and keys has version 99"):
        Database(tmp_path / "access.sqlite")


def test_times_are_utc_and_sort_as_texts(database: Database) -> None:
    now, later = database.now(), database.now(timedelta(days=400))
    assert now < later
    assert datetime.fromisoformat(now).utcoffset() == timedelta()


def test_a_secret_of_any_letters_has_a_digest() -> None:
    assert digest("\udc80") != digest("a")
    assert len(digest("")) == 64
