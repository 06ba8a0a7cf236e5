"""Who was known a moment ago stays known while the file cannot be read."""

from __future__ import annotations

import pytest

from rind.serving.access import known_principals
from rind.serving.access.database import AccessFileError
from rind.serving.access.known_principals import KnownPrincipals
from rind.serving.access.principals import DEMO, Principal


def unreadable() -> Principal | None:
    raise AccessFileError("locked")


def test_a_principal_stays_known_for_a_minute_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownPrincipals()
    monkeypatch.setattr(known_principals.time, "monotonic", lambda: 100.0)
    assert known.value("a", lambda: DEMO) == DEMO
    for now, stays in ((160.0, True), (160.1, False)):
        monkeypatch.setattr(known_principals.time, "monotonic", lambda now=now: now)
        if stays:
            assert known.value("a", unreadable) == DEMO
        else:
            with pytest.raises(AccessFileError):
                known.value("a", unreadable)


def test_who_was_refused_or_logged_out_or_never_seen_is_not_known() -> None:
    known = KnownPrincipals()
    for digest in ("refused", "out"):
        known.value(digest, lambda: DEMO)
    known.value("refused", lambda: None)
    known.forget("out")
    for digest in ("refused", "out", "never"):
        with pytest.raises(AccessFileError):
            known.value(digest, unreadable)


def test_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_principals, "MOST", 2)
    known = KnownPrincipals()
    for digest in ("a", "b", "c"):
        known.value(digest, lambda: DEMO)
    assert known.value("b", unreadable) == known.value("c", unreadable) == DEMO
    with pytest.raises(AccessFileError):
        known.value("a", unreadable)
