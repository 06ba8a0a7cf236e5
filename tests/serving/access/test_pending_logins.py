"""Logins that wait for their code."""

from __future__ import annotations

import pytest

from rind.serving.access import pending_logins
from rind.serving.access.pending_logins import PENDING_SECONDS, WRONG_CODES, PendingLogins


def test_a_login_waits_five_minutes_for_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_logins.time, "monotonic", lambda: 100.0)
    pending = PendingLogins()
    token = pending.add("jonas")
    for later, user in ((PENDING_SECONDS, "jonas"), (PENDING_SECONDS + 0.1, None)):
        monkeypatch.setattr(pending_logins.time, "monotonic", lambda later=later: 100.0 + later)
        assert pending.user(token) == user


def test_after_some_wrong_codes_or_a_right_one_it_waits_no_more() -> None:
    pending = PendingLogins()
    token, other = pending.add("jonas"), pending.add("mia")
    for _ in range(WRONG_CODES):
        assert pending.user(token) == "jonas"
        pending.was_wrong(token)
    assert pending.user(token) is None
    pending.end(other)
    assert pending.user(other) is None
    pending.was_wrong("never")
    assert pending.user("never") is None


def test_only_the_latest_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_logins, "MOST_PENDING", 2)
    pending = PendingLogins()
    tokens = [pending.add("jonas") for _ in range(3)]
    assert [pending.user(token) for token in tokens] == [None, "jonas", "jonas"]
