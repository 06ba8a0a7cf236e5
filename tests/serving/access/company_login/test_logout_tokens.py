"""Logout tokens, made by hand so that each part can be bent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from company_login import key, logout_claims, logout_token, made_provider
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from rind.serving.access.company_login import logout_tokens
from rind.serving.access.company_login.logout_tokens import (
    LOGOUT_EVENT,
    LogoutToken,
    LogoutTokenError,
    UsedTokens,
)


def read(text: str) -> LogoutToken:
    return asyncio.run(made_provider().logout_token(text))


@pytest.mark.parametrize(
    ("changed", "subject", "session"),
    [({}, "ada", ""), ({"sid": "s1"}, "ada", "s1"), ({"sid": "s1", "sub": None}, "", "s1"),
     ({"aud": ["another", "rind"]}, "ada", ""), ({"events": {LOGOUT_EVENT: {"more": 1}, "https://x": 2}}, "ada", "")],
)  # fmt: skip
def test_a_good_token_names_a_person_a_session_or_both(changed: dict[str, Any], subject: str, session: str) -> None:
    token = read(logout_token(logout_claims(**changed)))
    assert (token.subject, token.provider_session) == (subject, session)


@pytest.mark.parametrize("kind", ["logout+jwt", "JWT", "application/logout+jwt"])
def test_what_providers_call_the_token_in_its_header_is_taken(kind: str) -> None:
    assert read(logout_token(logout_claims(), typ=kind)).subject == "ada"


NOW = int(time.time())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://evil.example"}, "iss"), ({"iss": None}, "iss"), ({"iss": ["rind"]}, "iss"),
        ({"aud": "another"}, "aud"), ({"aud": None}, "aud"), ({"aud": []}, "aud"), ({"aud": {"rind": 1}}, "aud"),
        ({"iat": None}, "iat"), ({"iat": "now"}, "iat"), ({"iat": NOW + 3600, "exp": NOW + 7200}, "iat|issued"),
        ({"iat": NOW - 361, "exp": NOW + 9e9}, "too old"), ({"iat": float("-inf")}, "iat"),
        ({"iat": float("nan")}, "iat"),
        ({"exp": None}, "exp"), ({"exp": NOW - 61}, "expired"), ({"exp": "later"}, "exp"),
        ({"jti": None}, "jti"), ({"jti": ""}, "jti"), ({"jti": 7}, "jti"),
        ({"events": None}, "event"), ({"events": {}}, "event"), ({"events": [LOGOUT_EVENT]}, "event"),
        ({"events": {LOGOUT_EVENT: None}}, "event"), ({"events": {"https://other": {}}}, "event"),
        ({"nonce": "n"}, "nonce"), ({"nonce": ""}, "nonce"),
        ({"sub": None}, "neither"), ({"sub": ""}, "neither"), ({"sub": 7}, "sub"),
        ({"sid": ""}, "sid"), ({"sid": 7}, "sid"), ({"sid": "s" * 201}, "sid"),
    ],
)  # fmt: skip
def test_a_token_that_is_not_for_us_or_not_for_now_or_for_something_else_is_refused(
    changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(LogoutTokenError, match=reason):
        read(logout_token(logout_claims(**changed)))


def id_token(_: dict[str, Any]) -> str:
    return logout_token(logout_claims(events=None, nonce="n"), typ="JWT")


FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "another key of the same name": lambda c: logout_token(c, RSAKey.generate_key(2048, {"kid": "k1"})),
    "a key that nobody knows": lambda c: logout_token(c, key("k2"), kid="k2"),
    "our secret as the key": lambda c: jwt.encode({"alg": "HS256"}, c, OctKey.import_key("s" * 32)),
    "no signature": lambda c: logout_token(c).rpartition(".")[0] + ".",
    "the algorithm none": lambda c: "eyJhbGciOiJub25lIn0." + logout_token(c).split(".")[1] + ".",
    "an access token": lambda c: logout_token(c, typ="at+jwt"),
    "an ID token": id_token,
    "encrypted for somebody": lambda _: "a.b.c.d.e",
    "no token": lambda _: "x",
    "empty": lambda _: "",
    "no text": lambda _: "\x00\ud800",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(forgery: str) -> None:
    with pytest.raises(LogoutTokenError):
        read(FORGERIES[forgery](logout_claims()))


def test_a_number_counts_once_and_again_where_it_could_not_be_done() -> None:
    used = UsedTokens()
    with pytest.raises(OSError, match="locked"), used.once("n1"):
        raise OSError("locked")
    with used.once("n1"), pytest.raises(LogoutTokenError, match="used before"), used.once("n1"):
        pass  # two at once
    with pytest.raises(LogoutTokenError, match="used before"), used.once("n1"):
        pass


def test_numbers_are_forgotten_when_their_tokens_are_too_old_to_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    used, clock = UsedTokens(), [1000.0]
    monkeypatch.setattr(logout_tokens.time, "monotonic", lambda: clock[0])
    with used.once("n1"):
        pass
    clock[0] += 419
    with pytest.raises(LogoutTokenError), used.once("n1"):
        pass
    clock[0] += 2
    with used.once("n1"):
        assert list(used._used) == ["n1"]
