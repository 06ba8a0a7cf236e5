"""The cookie of a session."""

from __future__ import annotations

import pytest

from rind.serving.access.cookies import COOKIE, session_token


@pytest.mark.parametrize(("header", "token"), [
    (f"{COOKIE}=abc", "abc"), (f"other=1; {COOKIE}=abc; more=2", "abc"), ("other=1", ""), ("", ""),
    ("\x01=\x02; ;=", ""), (f"x{COOKIE}=abc", ""),
])  # fmt: skip
def test_the_token_is_that_of_the_sessions_cookie_alone(header: str, token: str) -> None:
    assert session_token(header) == token
