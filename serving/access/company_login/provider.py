"""The requests to the company's login: discovery, the exchange of a code, renewal, and the address to log out.

The protocol's own rules (PKCE, the client's proof, ID tokens and their claims) are Authlib's and joserfc's.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from functools import cached_property
from typing import Any, cast

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jws import JWSRegistry

from rind.serving.access.company_login.answers import SignInRefusedError, document_of, refuse, unreachable
from rind.serving.access.company_login.flows import Flow
from rind.serving.access.company_login.logout_tokens import (
    LEEWAY_SECONDS,
    LogoutToken,
    LogoutTokenError,
    logout_token,
)
from rind.serving.access.company_login.metadata import WELL_KNOWN, Metadata, ProviderError, metadata_of
from rind.serving.access.company_login.settings import OidcSettings
from rind.serving.access.company_login.tokens import ProviderTokens

logging.getLogger("httpx").setLevel(logging.WARNING)
REST_SECONDS = 5.0
"""After a request that waited in vain, and after one for a discovery document that cannot be used, further ones fail at
once for so long: a waiting line cannot grow, and no provider is asked for each token."""
METADATA_SECONDS, KEYS_SECONDS = 3600.0, 60.0
"""How long the discovery document counts; and how soon keys are asked for again where an ID token names a new one,
or where the provider gave none."""
LONGEST_HINT = 4000
"""Characters of an ID token that still fit into an address."""


class Provider:
    """The company's login as a client of it.

    Parameters
    ----------
    secret
        The client's secret; "" for a public client, which has none.
    """

    def __init__(self, settings: OidcSettings, secret: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings, self._secret, self._transport = settings, secret, transport
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._keys_asked, self._keys_lock = float("-inf"), asyncio.Lock()
        self._rests_until, self._metadata_lock = float("-inf"), asyncio.Lock()

    async def metadata(self) -> Metadata:
        """The discovery document, at most `METADATA_SECONDS` old."""
        async with self._metadata_lock:
            if self._metadata is None or time.monotonic() - self._metadata[0] > METADATA_SECONDS:
                issuer = self._settings.issuer
                try:
                    document = await self._published(issuer.rstrip("/") + WELL_KNOWN)
                    self._metadata = time.monotonic(), metadata_of(document, issuer)
                except ProviderError:
                    self._rests_until = time.monotonic() + REST_SECONDS
                    raise
            return self._metadata[1]

    async def authorization_url(self, flow: Flow, redirect_uri: str, another_account: bool = False) -> str:
        """Where the browser goes to log in."""
        metadata = await self.metadata()
        url: str = prepare_grant_uri(
            metadata.authorization_endpoint, self._settings.client_id, "code", redirect_uri,
            " ".join(self._settings.scopes), flow.state, nonce=flow.nonce,
            code_challenge=create_s256_code_challenge(flow.verifier), code_challenge_method="S256",
            prompt="login" if another_account else None,
        )  # fmt: skip
        return url

    async def exchange(
        self, flow: Flow, code: str, issuer: str, redirect_uri: str
    ) -> tuple[dict[str, Any], ProviderTokens]:
        """From the code of the provider's answer to the person's claims and tokens.

        Parameters
        ----------
        issuer
            The answer's ``iss``; "" where it names none (RFC 9207).

        Raises
        ------
        SignInRefusedError
            The provider refuses the code; the ID token is not signed by it, not for us, too old, or has another nonce.
        ProviderError
            The provider cannot be reached, or its answer cannot be used.
        """
        metadata = await self.metadata()
        if issuer != metadata.issuer and (issuer or metadata.authorization_response_iss_parameter_supported):
            raise SignInRefusedError("the answer names another issuer")
        given = await self._tokens("authorization_code", redirect_uri, code=code, code_verifier=flow.verifier)
        if not given.identity:
            raise SignInRefusedError("the provider gave no ID token")
        claims = await self._verified(given, flow.nonce)
        return await self.with_userinfo(claims, given), given

    async def renewed(self, tokens: ProviderTokens, subject: str) -> tuple[dict[str, Any], ProviderTokens]:
        """New tokens by the refresh token, and what their ID token claims; without a refresh token the same tokens.

        A refresh token may count once (RFC 9700, 4.14.2): keep the new tokens before anything else can fail.

        Raises
        ------
        SignInRefusedError
            The provider does not vouch for the person any more.
        ProviderError
            As `exchange`.
        """
        claims: dict[str, Any] = {"sub": subject}
        if tokens.refresh:
            given = await self._tokens("refresh_token", refresh_token=tokens.refresh)
            if given.identity:
                claims = await self._verified(given, None)
            tokens = ProviderTokens(given.access, given.refresh or tokens.refresh, given.identity or tokens.identity)
        if claims["sub"] != subject:
            raise SignInRefusedError("the ID token speaks of somebody else")
        return claims, tokens

    async def with_userinfo(self, claims: dict[str, Any], tokens: ProviderTokens) -> dict[str, Any]:
        """The claims, and those of the userinfo endpoint where there is one: what it says now counts.

        Raises
        ------
        SignInRefusedError
            It does not take the access token any more, or speaks of somebody else.
        ProviderError
            As `exchange`.
        """
        endpoint = (await self.metadata()).userinfo_endpoint
        if not endpoint:
            return claims
        headers = {"accept": "application/json", "authorization": f"Bearer {tokens.access}"}
        more = document_of(await self._send("GET", endpoint, headers=headers))
        if more.get("sub") != claims["sub"]:
            raise SignInRefusedError("the userinfo endpoint speaks of somebody else")
        return claims | more

    async def logout_url(self, tokens: ProviderTokens, back: str) -> str:
        """Where the browser goes to log out at the provider; "" where the provider has no such place."""
        endpoint = (await self.metadata()).end_session_endpoint
        if not endpoint:
            return ""
        hint = tokens.identity if 0 < len(tokens.identity) <= LONGEST_HINT else None
        query = {"client_id": self._settings.client_id, "post_logout_redirect_uri": back, "id_token_hint": hint}
        return str(httpx.URL(endpoint).copy_merge_params({k: v for k, v in query.items() if v}))

    async def logout_token(self, text: str) -> LogoutToken:
        """The logout token of the provider, checked.

        Raises
        ------
        LogoutTokenError
            It is not signed by the provider, not for us, too old, or no logout token at all.
        ProviderError
            The provider's keys cannot be read.
        """
        try:
            token = await self._signed(text)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise LogoutTokenError(f"it is not signed by the provider: {type(error).__name__}") from None
        issuer = (await self.metadata()).issuer
        return logout_token(token.header, token.claims, issuer, self._settings.client_id, time.time())

    async def _tokens(self, grant: str, redirect_uri: str | None = None, **parts: str) -> ProviderTokens:
        metadata = await self.metadata()
        body = prepare_token_request(grant, redirect_uri=redirect_uri, **parts)
        proof = ClientAuth(self._settings.client_id, self._secret, metadata.auth_method(bool(self._secret)))
        headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
        url, headers, body = proof.prepare("POST", metadata.token_endpoint, headers, body)
        given = document_of(await self._send("POST", url, headers=headers, content=body))
        parts = {name: given.get(name) or "" for name in ("access_token", "refresh_token", "id_token")}
        if not all(isinstance(value, str) for value in parts.values()) or not parts["access_token"]:
            raise ProviderError("the token endpoint of the company's login gave no access token")
        return ProviderTokens(parts["access_token"], parts["refresh_token"], parts["id_token"])

    async def _verified(self, tokens: ProviderTokens, nonce: str | None) -> dict[str, Any]:
        metadata = await self.metadata()
        try:
            token = await self._signed(tokens.identity)
            wanted: Any = {"iss": _one_of(metadata.issuer), "aud": _one_of(self._settings.client_id)}
            known = {"client_id": self._settings.client_id, "access_token": tokens.access, "nonce": nonce}
            claims = CodeIDToken(token.claims, token.header, wanted, known)
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignInRefusedError(f"the ID token is not valid: {type(error).__name__}") from None
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise SignInRefusedError("the ID token names nobody")
        return dict(claims)

    async def _signed(self, text: str) -> jwt.Token:
        """A token whose signature is the provider's; joserfc's errors where it is not."""
        registry = JWSRegistry(algorithms=(await self.metadata()).algorithms, strict_check_header=False)
        try:
            return jwt.decode(text, await self._key_set(), registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(text, await self._key_set(again=True), registry=registry)

    async def _key_set(self, again: bool = False) -> KeySet:
        """The provider's keys, at most `METADATA_SECONDS` old; asked for once in `KEYS_SECONDS` at most.

        Whoever sends a token may name a key that nobody has, and comes again while the provider gives no keys.

        Parameters
        ----------
        again
            Ask for them although ours are fresh.
        """
        if not again and (keys := self._fresh_keys()) is not None:
            return keys
        async with self._keys_lock:
            keys = self._fresh_keys()
            asked_lately = time.monotonic() - self._keys_asked < KEYS_SECONDS
            in_vain = self._keys is None or self._keys[0] < self._keys_asked
            if keys is None and asked_lately and in_vain:
                raise ProviderError("the company's login gave no keys a moment ago")
            if keys is None or (again and not asked_lately):
                url = (await self.metadata()).jwks_uri
                self._keys_asked = time.monotonic()
                document = await self._published(url)
                try:
                    keys = KeySet.import_key_set(cast("KeySetSerialization", document))
                except (JoseError, ValueError, TypeError, KeyError):
                    raise ProviderError("the keys of the company's login cannot be read") from None
                self._keys = time.monotonic(), keys
            return keys

    def _fresh_keys(self) -> KeySet | None:
        kept = self._keys
        return kept[1] if kept is not None and time.monotonic() - kept[0] < METADATA_SECONDS else None

    async def _published(self, url: str) -> dict[str, Any]:
        """A document for everybody: a refusal of it says nothing about a person."""
        try:
            return document_of(await self._send("GET", url))
        except SignInRefusedError as error:
            unreachable(url, str(error))

    async def _send(self, method: str, url: str, **parts: Any) -> httpx.Response:
        if time.monotonic() < self._rests_until:
            raise ProviderError("the company's login gave no usable answer a moment ago")
        how: dict[str, Any] = {"timeout": self._settings.timeout_seconds, "verify": self._tls}
        try:
            async with httpx.AsyncClient(transport=self._transport, **how) as client:
                answer = await client.request(method, url, **parts)
        except httpx.HTTPError as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            unreachable(url, type(error).__name__)
        if answer.status_code == 429 or answer.status_code >= 500:
            unreachable(url, f"HTTP {answer.status_code}")
        if answer.status_code >= 300:
            refuse(url, answer)
        return answer

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()


def _one_of(value: str) -> dict[str, Any]:
    return {"essential": True, "values": [value]}
