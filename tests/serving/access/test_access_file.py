"""The file of users and keys."""

from __future__ import annotations

from pathlib import Path

from served import PASSWORD, QUICK

from rind.serving.access.access_file import Access


def test_the_file_holds_no_password_no_session_and_no_key(tmp_path: Path) -> None:
    store = Access(tmp_path / "access.sqlite", QUICK)
    store.users.add("jonas", PASSWORD, "viewer")
    session = store.sessions.open_local("jonas", 1)
    key = store.keys.create("tests", ["read"])
    store.close()
    assert session
    content = (tmp_path / "access.sqlite").read_bytes()
    assert not any(secret.encode() in content for secret in (PASSWORD, session, key, key.split("_", 2)[2]))
    assert b"$argon2id$" in content
    assert (tmp_path / "access.sqlite").stat().st_mode & 0o077 == 0
