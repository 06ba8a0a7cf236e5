"""The token of the login form."""

from __future__ import annotations

import pytest

from rind.serving.access import form_tokens
from rind.serving.access.form_tokens import FormTokens


def test_a_token_fits_its_own_cookie_at_its_own_address_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = FormTokens()
    monkeypatch.setattr(form_tokens.time, "time", lambda: 1000.0)
    cookie, other = tokens.cookie("192.0.2.1"), tokens.cookie("192.0.2.1")
    assert tokens.fits(cookie, tokens.token(cookie), "192.0.2.1")
    assert not tokens.fits(other, tokens.token(cookie), "192.0.2.1")
    assert not tokens.fits(cookie, tokens.token(cookie), "192.0.2.2")
    assert not tokens.fits(cookie, cookie, "192.0.2.1")
    for now, fits in ((4600.0, True), (4601.0, False)):
        monkeypatch.setattr(form_tokens.time, "time", lambda now=now: now)
        assert tokens.fits(cookie, tokens.token(cookie), "192.0.2.1") is fits


def test_a_cookie_of_another_process_or_of_any_letters_is_not_ours() -> None:
    tokens = FormTokens()
    for cookie in ("", ".", "a.b.c", "\udc80", FormTokens().cookie("192.0.2.1")):
        assert not tokens.fits(cookie, tokens.token(cookie), "192.0.2.1")
