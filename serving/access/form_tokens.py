"""The token of the login form: it belongs to a cookie that this server gave to this address within the last hour.

Before a login there is no session to bind a form to. So the server signs the cookie that it gives with the form, with a
key that lives as long as its process, and takes no other cookie: who plants one of their own making in a browser, or
one that was given to another address, has no valid form to go with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

FORM_SECONDS = 3600


class FormTokens:
    """Signs and checks the cookies of login forms, and makes the token that a form must carry."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def cookie(self, address: str) -> str:
        """A new cookie for a browser at this address."""
        given = f"{secrets.token_urlsafe(16)}.{int(time.time())}"
        return f"{given}.{self._signed('cookie', given, address)}"

    def is_ours(self, cookie: str, address: str) -> bool:
        """Whether this server gave the cookie to this address within the last hour."""
        given, _, signature = cookie.rpartition(".")
        if not _same(signature, self._signed("cookie", given, address)):
            return False
        return time.time() - int(given.rpartition(".")[2]) <= FORM_SECONDS

    def token(self, cookie: str) -> str:
        """What the form beside this cookie carries."""
        return self._signed("form", cookie)

    def fits(self, cookie: str, token: str, address: str) -> bool:
        """Whether a form's token belongs to its cookie, and the cookie is ours."""
        return self.is_ours(cookie, address) and _same(token, self.token(cookie))

    def _signed(self, *parts: str) -> str:
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())
