"""The provider's word that it has ended a session: a logout token (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from rind.serving.access.company_login.claims import provider_session

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = ("jwt", "logout+jwt", "application/logout+jwt")
"""What the header may call a logout token: an access token (at+jwt) is none."""
LONGEST_TOKEN = 16_384
"""Characters; a provider sends some hundred."""
OLDEST_SECONDS = 300
"""A token was made at most so long ago, whatever it says of its own end: so long its number is remembered."""
LEEWAY_SECONDS = 60
MOST_REMEMBERED = 100_000


class LogoutTokenError(Exception):
    """This is no logout token of the provider for us, or not any more. Holds no token."""


class LogoutToken(NamedTuple):
    """Whose sessions end.

    Parameters
    ----------
    number
        The token's own id (``jti``): it counts once.
    subject
        The provider's key of the person; "" where the token names none.
    provider_session
        The provider's id of the session (``sid``); "" where all sessions of the person end.
    """

    number: str
    subject: str
    provider_session: str


def logout_token(
    header: Mapping[str, Any], claims: dict[str, Any], issuer: str, client_id: str, now: float
) -> LogoutToken:
    """The checks of section 2.6 that follow that of the signature.

    Parameters
    ----------
    now
        Seconds since 1970.

    Raises
    ------
    LogoutTokenError
        Another issuer or audience, no or an old time, no number, nobody named, no logout event, or a nonce: that has
        an ID token, and one must not pass for the other.
    """
    if str(header.get("typ", "jwt")).lower() not in TYPES:
        raise LogoutTokenError("its header says that it is another kind of token")
    registry = JWTClaimsRegistry(
        int(now), LEEWAY_SECONDS, iss={"essential": True, "value": issuer}, aud={"essential": True, "value": client_id},
        iat={"essential": True}, exp={"essential": True}, jti={"essential": True},
    )  # fmt: skip
    try:
        registry.validate(claims)
    except JoseError as error:
        raise LogoutTokenError(f"a claim is missing or wrong: {error.description or type(error).__name__}") from None
    if claims["iat"] < now - OLDEST_SECONDS - LEEWAY_SECONDS:
        raise LogoutTokenError("it is too old")
    if "nonce" in claims:
        raise LogoutTokenError("it has a nonce, as ID tokens have")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise LogoutTokenError("it names no logout event")
    token = LogoutToken(claims["jti"], claims.get("sub") or "", provider_session(claims))
    if "sid" in claims and not token.provider_session:
        raise LogoutTokenError("its sid is none")  # all sessions of the person would end in place of one
    if not token.subject and not token.provider_session:
        raise LogoutTokenError("it names neither a person nor a session")
    return token


class UsedTokens:
    """The numbers of the tokens that have ended sessions, for as long as such a token would be taken."""

    def __init__(self) -> None:
        self._used: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def once(self, number: str) -> Iterator[None]:
        """Do what a token asks for; where that fails, the provider may send the same token again.

        Raises
        ------
        LogoutTokenError
            A token of this number was used before, or is being used.
        """
        with self._lock:
            self._forget_old()
            if number in self._used:
                raise LogoutTokenError("it was used before")
            self._used[number] = time.monotonic()
        try:
            yield
        except BaseException:
            with self._lock:
                self._used.pop(number, None)
            raise

    def _forget_old(self) -> None:
        before = time.monotonic() - OLDEST_SECONDS - 2 * LEEWAY_SECONDS
        while self._used:
            oldest = next(iter(self._used.values()))
            if oldest >= before and len(self._used) < MOST_REMEMBERED:
                return
            self._used.popitem(last=False)
