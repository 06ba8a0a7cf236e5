"""Who saw and exported what, kept for its days."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from served import BROWSER, PASSWORD, QUICK, Site, log_in

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


def test_lines_that_cannot_be_written_now_wait_and_keep_nobody_from_anything(tmp_path: Path) -> None:
    store, other = Access(tmp_path / "access.sqlite", QUICK), sqlite3.connect(tmp_path / "access.sqlite")
    store.database._connection.execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN IMMEDIATE")  # another process holds the file
    store.audit.add(Event("2026-07-01T00:00:00+00:00", "jonas", "see", "/first", "", "", 200))
    store.audit.add(Event("2026-07-01T00:00:01+00:00", "jonas", "export", "/second", "", "", 200), at_once=True)
    assert not store.audit.flush()
    other.rollback()
    other.close()
    assert store.audit.flush()
    store.users.add("jonas", PASSWORD, "viewer")  # no transaction was left open
    assert [event.path for event in store.audit.events()] == ["/second", "/first"]
    store.close()


def test_a_write_that_fails_half_way_leaves_neither_lines_nor_an_open_transaction(tmp_path: Path) -> None:
    store = Access(tmp_path / "access.sqlite", QUICK)
    store.database._connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.path = '/second' "
                       "BEGIN SELECT RAISE(FAIL, 'the disk is full'); END")  # fmt: skip
    for path in ("/first", "/second"):
        store.audit.add(Event("2026-07-01T00:00:00+00:00", "jonas", "see", path, "", "", 200))
    assert not store.audit.flush()
    assert store.database._connection.execute("SELECT count(*) FROM audit").fetchone() == (0,)
    store.database._connection.execute("DROP TRIGGER full")
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
