"""The cookies of a session, of the login form, and of a sign-in at the company's own login.

Over HTTPS their names begin with ``__Host-``: browsers then take them from this very host only, over HTTPS only, so
that neither a neighbouring host nor somebody on the wire can plant one. Browsers refuse such names over plain HTTP, and
there (a server that only its own machine reaches) the cookies have their plain names.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

COOKIE = "rind_session"
FORM_COOKIE = "rind_login"
FLOW_COOKIE = "rind_sign_in"
PREFIX = "__Host-"


def cookie_name(name: str, https: bool) -> str:
    """What a cookie is called where it travels over HTTPS only, and elsewhere."""
    return f"{PREFIX}{name}" if https else name


def session_token(cookie_header: str, https: bool = False) -> str:
    """The session's token in a Cookie header; "" where there is none."""
    return cookie_value(cookie_header, cookie_name(COOKIE, https))


def cookie_value(cookie_header: str, name: str) -> str:
    """The value of a cookie in a Cookie header; "" where there is none."""
    try:
        morsel = SimpleCookie(cookie_header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
