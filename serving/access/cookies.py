"""The cookie of a session."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

COOKIE = "rind_session"


def session_token(cookie_header: str) -> str:
    """The session's token in a Cookie header; "" where there is none."""
    try:
        morsel = SimpleCookie(cookie_header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
