"""Who saw and exported what, kept for its days."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from served import BROWSER, PASSWORD, QUICK, Site, log_in

from rind.common.errors import UsageError
from rind.serving.access import audit
from rind.serving.access.access_file import Access
from rind.serving.access.audit import Event


def test_the_audit_log_tells_who_saw_and_exported_what(here: Site) -> None:
    browser = here.logged_in(name="jonas")
    browser.get("/accounts/A00003?x=1")
    browser.get("/risk-list.csv?band=red")
    log_in(here.client(**BROWSER), "jonas", "wrong password!")
    here.client().get("/v1/risk-list")
    lines = {(event.who, event.action, event.path, event.detail, event.status) for event in here.access.audit.events()}
    assert ("jonas", "login", "/login", "", 303) in lines
    assert ("jonas", "see", "/accounts/A00003", "x=1", 200) in lines
    assert ("jonas", "export", "/risk-list.csv", "band=red", 200) in lines
    assert ("jonas", "login failed", "/login", "", 401) in lines
    assert ("", "refused", "/v1/risk-list", "", 401) in lines


def test_what_is_refused_stands_there_as_what_it_was(here: Site) -> None:
    browser = here.logged_in(name="jonas")
    here.client(**BROWSER).post("/login", data={"name": "jonas", "password": PASSWORD, "csrf": "x"})
    browser.post("/logout", data={"csrf": "x"})
    here.program("read").get("/v1/watermelons?limit=no")
    lines = {(event.action, event.path, event.status) for event in here.access.audit.events()}
    assert {
        ("login refused", "/login", 403),
        ("logout refused", "/logout", 403),
        ("refused", "/v1/watermelons", 422),
    } <= lines
    assert ("login", "/login", 403) not in lines


def test_a_change_of_users_and_keys_is_written_with_who_made_it_and_so_is_a_refused_one(here: Site) -> None:
    access = here.access
    with access.administered("system user ana", "users add", "mia as viewer", "rind users add"):
        access.users.add("mia", PASSWORD, "viewer")
    with pytest.raises(UsageError), access.administered("system user ana", "users add", "mia", "rind users add"):
        access.users.add("mia", PASSWORD, "viewer")
    refused, done = access.audit.events(2)
    assert (done.who, done.action, done.detail, done.address, done.status) == (
        "system user ana", "users add", "mia as viewer", "command line", 200,
    )  # fmt: skip
    assert (refused.action, refused.detail) == ("users add refused", "mia: there is already a user 'mia'")


@pytest.mark.parametrize(
    ("error", "ended"),
    [(None, ("forget", 200)), (UsageError("no such account"), ("forget refused", 422)),
     (KeyboardInterrupt(), ("forget failed", 500)), (ValueError("inside"), ("forget failed", 500))],
)  # fmt: skip
def test_what_is_done_outside_of_the_file_has_a_line_before_it_and_one_that_says_how_it_ended(
    here: Site, error: BaseException | None, ended: tuple[str, int]
) -> None:
    def forget() -> None:
        with here.access.recorded("system user ana", "forget", "account A1", "rind forget"):
            assert here.access.audit.events(1)[0].action == "forget begun"
            if error is not None:
                raise error

    if error is None:
        forget()
    else:
        with pytest.raises(type(error)):
            forget()
    last, begun = here.access.audit.events(2)
    assert ((last.action, last.status), begun.action) == (ended, "forget begun")
    assert "inside" not in last.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), (" ", ""), ("2026-11-29", "2026-11-29T00:00:00+00:00"),
     ("2026-11-29T10:00:00+02:00", "2026-11-29T08:00:00+00:00"), ("2026-11-29T10:00:00Z", "2026-11-29T10:00:00+00:00")],
)  # fmt: skip
def test_a_day_or_a_moment_is_read_in_utc(text: str, expected: str) -> None:
    assert audit.moment(text) == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "0001-01-01T00:00+23:00", "29.11.2026"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        audit.moment(text)


def test_all_lines_come_in_their_order_however_many_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "READ_AT_ONCE", 2)
    store = Access(tmp_path / "access.sqlite", QUICK)
    for number in range(4):
        store.audit.add(Event("2026-07-01T00:00:00+00:00", "jonas", "see", f"/{number}", "", "", 200))
    assert [line.path for line in store.audit.lines()] == ["/0", "/1", "/2", "/3"]
    assert [line.path for line in store.audit.lines(after=2)] == ["/2", "/3"]
    assert list(store.audit.lines(audit.Wanted(who="jona"))) == []
    store.close()


def test_a_change_whose_line_cannot_be_written_is_not_made(here: Site) -> None:
    writer = here.access.database._writer
    writer.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'the disk is full'); END")
    with pytest.raises(sqlite3.Error), here.access.administered("ana", "users add", "mia", "rind users add"):
        here.access.users.add("mia", PASSWORD, "viewer")
    assert here.access.users.all() == []


def test_lines_beyond_the_bound_go_to_the_servers_log_and_the_audit_log_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(audit, "MOST_PENDING", 2)
    store = Access(tmp_path / "access.sqlite", QUICK)
    for path in ("/1", "/2", "/3", "/4"):
        store.audit.add(Event("2026-07-01T00:00:00+00:00", "jonas", "see", path, "", "", 200))
    assert "/3" in caplog.text
    lost, *events = store.audit.events()
    assert (lost.action, lost.detail) == ("lost", "2 lines")
    assert [event.path for event in events] == ["/2", "/1"]
    assert store.audit.flush()
    assert len(store.audit.events()) == 3
    store.close()


def test_lines_that_cannot_be_written_now_wait_and_keep_nobody_from_anything(tmp_path: Path) -> None:
    store, other = Access(tmp_path / "access.sqlite", QUICK), sqlite3.connect(tmp_path / "access.sqlite")
    other.execute("BEGIN IMMEDIATE")  # another process holds the file
    store.audit.add(Event("2026-07-01T00:00:00+00:00", "jonas", "see", "/first", "", "", 200))
    store.audit.add(Event("2026-07-01T00:00:01+00:00", "jonas", "export", "/second", "", "", 200), at_once=True)
    assert not store.audit.flush(0.01)
    other.rollback()
    other.close()
    assert store.audit.flush()
    store.users.add("jonas", PASSWORD, "viewer")  # no transaction was left open
    assert [event.path for event in store.audit.events()] == ["/second", "/first"]
    store.close()


def test_a_write_that_fails_half_way_leaves_neither_lines_nor_an_open_transaction(tmp_path: Path) -> None:
    store = Access(tmp_path / "access.sqlite", QUICK)
    store.database._writer.execute("CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.path = '/second' "
                       "BEGIN SELECT RAISE(FAIL, 'the disk is full'); END")  # fmt: skip
    for path in ("/first", "/second"):
        store.audit.add(Event("2026-07-01T00:00:00+00:00", "jonas", "see", path, "", "", 200))
    assert not store.audit.flush()
    assert store.database._writer.execute("SELECT count(*) FROM audit").fetchone() == (0,)
    store.database._writer.execute("DROP TRIGGER full")
    assert [event.path for event in store.audit.events()] == ["/second", "/first"]
    store.close()


def test_lines_are_forgotten_after_their_days_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PRUNED_AT_ONCE", 2)
    store, now = Access(tmp_path / "access.sqlite", QUICK), datetime.now(UTC)
    for days in (40, 31, 30.1, 29.9, 0):
        at = (now - timedelta(days=days)).isoformat(timespec="seconds")
        store.audit.add(Event(at, "jonas", "see", f"/{days}", "", "", 200))
    store.audit.flush()
    assert store.audit.prune(30) == 3
    assert [event.path for event in store.audit.events()] == ["/0", "/29.9"]
    store.close()
