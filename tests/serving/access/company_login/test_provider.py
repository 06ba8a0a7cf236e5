"""The answers of a provider: good, wrong, forged and missing; made by hand, so that each can be bent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from company_login import oidc
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from rind.serving.access.company_login.answers import SignInRefusedError
from rind.serving.access.company_login.flows import Flows
from rind.serving.access.company_login.logout_tokens import LogoutTokenError
from rind.serving.access.company_login.metadata import ProviderError
from rind.serving.access.company_login.provider import KEYS_SECONDS, METADATA_SECONDS, REST_SECONDS, Provider
from rind.serving.access.company_login.tokens import ProviderTokens

ISSUER = "https://login.example.com"
KEY, OTHER_KEY, NAMESAKE = (RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}) for kid in ("k1", "k2", "k1"))
FLOW = Flows().begin("/")
BACK = "http://localhost/login/company/callback"


class Bent:
    """A provider whose answers a test bends."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {
            "iss": ISSUER, "aud": "rind", "sub": "ada", "exp": int(time.time()) + 300, "iat": int(time.time()),
            "nonce": FLOW.nonce,
        }  # fmt: skip
        self.document: dict[str, Any] = {
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys", "userinfo_endpoint": f"{ISSUER}/userinfo",
        }  # fmt: skip
        self.userinfo: Any = {"sub": "ada", "groups": ["board"]}
        self.keys: list[Any] = [KEY]
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "k1"}, claims, KEY
        )
        self.statuses: dict[str, tuple[int, Any]] = {}
        self.paths: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        path = request.url.path
        self.paths.append(path)
        if path in self.statuses:
            status, body = self.statuses[path]
            if status == 0:
                raise httpx.ConnectTimeout("nobody answers", request=request)
            return httpx.Response(status, json=body)
        token = {"access_token": "a", "refresh_token": "r", "id_token": self.sign(self.claims)}
        bodies = {"/token": token, "/userinfo": self.userinfo, "/keys": KeySet(self.keys).as_dict(private=False)}
        return httpx.Response(200, json=bodies.get(path, self.document))

    def provider(self) -> Provider:
        return Provider(oidc(ISSUER), "s", httpx.MockTransport(self.answer))

    def exchange(self, issuer: str = "") -> dict[str, Any]:
        return asyncio.run(self.provider().exchange(FLOW, "code", issuer, BACK))[0]

    def renew(self) -> tuple[dict[str, Any], ProviderTokens]:
        """What a check of a session asks: new tokens, then the claims."""

        async def both() -> tuple[dict[str, Any], ProviderTokens]:
            provider = self.provider()
            claims, tokens = await provider.renewed(ProviderTokens("a", "r", "i"), "ada")
            return await provider.with_userinfo(claims, tokens), tokens

        return asyncio.run(both())


@pytest.fixture
def bent() -> Bent:
    return Bent()


def test_the_claims_of_the_id_token_and_of_the_userinfo_endpoint_come_together(bent: Bent) -> None:
    claims = bent.exchange()
    assert (claims["iss"], claims["groups"]) == (ISSUER, ["board"])
    del bent.document["userinfo_endpoint"]
    assert "groups" not in bent.exchange()


@pytest.mark.parametrize(
    "changed",
    [{"iss": "https://evil.example"}, {"aud": "another"}, {"aud": ["rind", "another"]}, {"nonce": "another"},
     {"nonce": None}, {"exp": 1}, {"iat": 9e9}, {"sub": ""}, {"sub": 7}, {"sub": None}, {"azp": "another"},
     {"at_hash": "AAAA"}, {"exp": "soon"}],
)  # fmt: skip
def test_an_id_token_that_is_not_from_it_or_not_for_us_or_not_for_now_is_refused(
    bent: Bent, changed: dict[str, Any]
) -> None:
    bent.claims = {name: value for name, value in (bent.claims | changed).items() if value is not None}
    with pytest.raises(SignInRefusedError):
        bent.exchange()


FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "another key of the same name": lambda c: jwt.encode({"alg": "RS256", "kid": "k1"}, c, NAMESAKE),
    "our secret as the key": lambda c: jwt.encode({"alg": "HS256"}, c, OctKey.import_key("s" * 32)),
    "the public key as a secret": lambda c: jwt.encode(
        {"alg": "HS256", "kid": "k1"}, c, OctKey.import_key(KEY.as_pem(private=False).hex())
    ),
    "no signature": lambda c: jwt.encode({"alg": "RS256", "kid": "k1"}, c, KEY).rpartition(".")[0] + ".",
    "no token": lambda _: "x",
    "empty": lambda _: "",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_id_token_is_refused(bent: Bent, forgery: str) -> None:
    bent.sign = FORGERIES[forgery]
    with pytest.raises(SignInRefusedError):
        bent.exchange()


def test_a_new_key_of_the_provider_is_asked_for_once_a_minute_at_most(
    bent: Bent, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = bent.provider()

    async def exchanged() -> dict[str, Any]:
        return (await provider.exchange(FLOW, "code", "", BACK))[0]

    assert asyncio.run(exchanged())
    bent.keys, bent.sign = [KEY, OTHER_KEY], lambda c: jwt.encode({"alg": "RS256", "kid": "k2"}, c, OTHER_KEY)
    with pytest.raises(SignInRefusedError):
        asyncio.run(exchanged())
    monkeypatch.setattr("rind.serving.access.company_login.provider.KEYS_SECONDS", 1e-9)
    assert asyncio.run(exchanged())
    assert bent.paths.count("/keys") == 2


def test_whoever_comes_while_new_keys_are_asked_for_is_checked_by_those_that_we_have(bent: Bent) -> None:
    provider = bent.provider()

    async def held() -> dict[str, Any]:
        await provider.exchange(FLOW, "code", "", BACK)
        async with provider._keys_lock, asyncio.timeout(5):
            return (await provider.exchange(FLOW, "code", "", BACK))[0]

    assert asyncio.run(held())["sub"] == "ada"


@pytest.mark.parametrize("answer", [None, (429, {})])
def test_tokens_of_unknown_keys_that_come_together_ask_the_provider_once(
    bent: Bent, answer: tuple[int, Any] | None
) -> None:
    async def slow(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.001)
        return bent.answer(request)

    provider = Provider(oidc(ISSUER), "s", httpx.MockTransport(slow))
    forged = jwt.encode({"alg": "RS256", "kid": "nobody's"}, bent.claims, OTHER_KEY)

    async def together() -> list[Any]:
        await provider.exchange(FLOW, "code", "", BACK)
        provider._keys_asked -= KEYS_SECONDS
        bent.statuses |= {"/keys": answer} if answer else {}
        return await asyncio.gather(*(provider.logout_token(forged) for _ in range(20)), return_exceptions=True)

    failed = asyncio.run(together())
    assert {type(error) for error in failed} <= {LogoutTokenError, ProviderError}
    assert bent.paths.count("/keys") == 2


@pytest.mark.parametrize("answer", [(429, {}), (500, {}), (403, {}), (200, {"keys": "none"})])
@pytest.mark.parametrize("had_keys", [False, True])
def test_a_provider_that_gives_no_keys_is_asked_again_once_a_minute_at_most(
    bent: Bent, answer: tuple[int, Any], had_keys: bool
) -> None:
    provider, given, failing = bent.provider(), bent.statuses, bent.statuses | {"/keys": answer}

    def asks() -> int:
        """How often the provider is asked for keys by three tokens, none of which can be checked."""
        bent.statuses, before = failing, bent.paths.count("/keys")
        for _ in range(3):
            with pytest.raises(ProviderError):
                asyncio.run(provider.exchange(FLOW, "code", "", BACK))
        return bent.paths.count("/keys") - before

    if had_keys:
        asyncio.run(provider.exchange(FLOW, "code", "", BACK))
        assert provider._keys is not None
        provider._keys = provider._keys[0] - METADATA_SECONDS, provider._keys[1]
        provider._keys_asked -= METADATA_SECONDS
    assert asks() == 1
    provider._keys_asked -= KEYS_SECONDS
    assert asks() == 1
    provider._keys_asked -= KEYS_SECONDS
    bent.statuses = given
    assert asyncio.run(provider.exchange(FLOW, "code", "", BACK))[0]["sub"] == "ada"


@pytest.mark.parametrize("answer", [(429, {}), (500, {}), (403, {}), (200, {"issuer": "another"})])
def test_a_provider_that_gives_no_discovery_document_is_asked_for_it_again_only_after_a_rest(
    bent: Bent, answer: tuple[int, Any]
) -> None:
    provider, given, path = bent.provider(), dict(bent.statuses), "/.well-known/openid-configuration"

    async def together() -> list[Any]:
        tokens = (provider.exchange(FLOW, "code", "", BACK) for _ in range(20))
        return await asyncio.gather(*tokens, return_exceptions=True)

    bent.statuses[path] = answer
    assert {type(error) for error in asyncio.run(together())} == {ProviderError}
    assert bent.paths.count(path) == 1
    bent.statuses = given
    provider._rests_until -= REST_SECONDS
    assert asyncio.run(provider.exchange(FLOW, "code", "", BACK))[0]["sub"] == "ada"
    assert bent.paths.count(path) == 2


def test_a_key_that_the_provider_takes_back_signs_nobody_in_once_ours_are_an_hour_old(
    bent: Bent, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = bent.provider()

    async def exchanged() -> dict[str, Any]:
        return (await provider.exchange(FLOW, "code", "", BACK))[0]

    assert asyncio.run(exchanged())
    bent.keys = [OTHER_KEY]
    assert asyncio.run(exchanged()), "within the hour"
    monkeypatch.setattr("rind.serving.access.company_login.provider.METADATA_SECONDS", 1e-9)
    with pytest.raises(SignInRefusedError):
        asyncio.run(exchanged())


@pytest.mark.parametrize(("issuer", "must_name", "good"), [("", False, True), (ISSUER, True, True), ("", True, False),
                                                          ("https://evil.example", False, False)])  # fmt: skip
def test_an_answer_that_names_another_issuer_is_refused(bent: Bent, issuer: str, must_name: bool, good: bool) -> None:
    bent.document["authorization_response_iss_parameter_supported"] = must_name
    if good:
        assert bent.exchange(issuer)
    else:
        with pytest.raises(SignInRefusedError, match="another issuer"):
            bent.exchange(issuer)


@pytest.mark.parametrize("userinfo", [{"sub": "eve"}, {}, {"sub": None}])
def test_a_userinfo_endpoint_that_speaks_of_somebody_else_is_refused(bent: Bent, userinfo: Any) -> None:
    bent.userinfo = userinfo
    with pytest.raises(SignInRefusedError, match="somebody else"):
        bent.exchange()


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/token", (0, None)), ("/token", (500, {})), ("/token", (429, {})), ("/token", (302, {})), ("/token", (200, [])),
     ("/token", (200, {"error": "x"})), ("/token", (200, {"access_token": 7})), ("/keys", (200, {"keys": "x"})),
     ("/token", (401, {"error": "invalid_client"})), ("/userinfo", (200, "x")), ("/keys", (404, {})),
     ("/.well-known/openid-configuration", (404, {})), ("/.well-known/openid-configuration", (403, {})),
     ("/keys", (401, {"error": "access_denied"}))],
)  # fmt: skip
def test_an_answer_that_says_nothing_about_the_person_ends_no_session(bent: Bent, path: str, answer: Any) -> None:
    bent.statuses[path] = answer
    with pytest.raises(ProviderError):
        bent.exchange()


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/token", (400, {"error": "invalid_grant"})), ("/userinfo", (401, {})), ("/userinfo", (403, {})),
     ("/userinfo", (401, {"error": "invalid_token"})), ("/token", (400, {"error": "interaction_required"})),
     ("/userinfo", (401, {"error": {"code": "InvalidAuthenticationToken"}}))],
)  # fmt: skip
def test_a_person_whom_the_provider_refuses_is_not_let_in(bent: Bent, path: str, answer: Any) -> None:
    bent.statuses[path] = answer
    with pytest.raises(SignInRefusedError):
        bent.renew()


def test_a_renewal_takes_nothing_from_the_old_id_token(bent: Bent) -> None:
    bent.statuses["/token"] = (200, {"access_token": "a2"})
    bent.userinfo = {"sub": "ada"}
    claims, tokens = bent.renew()
    assert claims == {"sub": "ada"}
    assert tokens == ProviderTokens("a2", "r", "i")


def test_a_renewed_id_token_of_somebody_else_is_refused(bent: Bent) -> None:
    bent.claims |= {"sub": "eve"}
    bent.userinfo = {"sub": "eve"}
    with pytest.raises(SignInRefusedError, match="somebody else"):
        bent.renew()


def test_after_a_wait_in_vain_further_requests_fail_at_once_for_some_seconds(bent: Bent) -> None:
    bent.statuses["/.well-known/openid-configuration"] = (0, None)
    provider = bent.provider()
    for _ in range(3):
        with pytest.raises(ProviderError):
            asyncio.run(provider.metadata())
    assert len(bent.paths) == 1
    bent.statuses.clear()
    provider._rests_until = 0.0
    assert asyncio.run(provider.metadata()).issuer == ISSUER


def test_the_log_out_address_keeps_the_providers_own_query_and_leaves_a_long_hint_out(bent: Bent) -> None:
    provider = bent.provider()
    assert asyncio.run(provider.logout_url(ProviderTokens(identity="i"), BACK)) == ""
    bent.document["end_session_endpoint"] = f"{ISSUER}/out?tenant=1"
    urls = [
        httpx.URL(asyncio.run(bent.provider().logout_url(ProviderTokens(identity=hint), BACK)))
        for hint in ("i", "i" * 4001, "")
    ]
    assert [url.params.get("id_token_hint") for url in urls] == ["i", None, None]
    assert all((url.params["tenant"], url.params["client_id"]) == ("1", "rind") for url in urls)
