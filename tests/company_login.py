"""A company's own login that the tests start: oidc-provider-mock, with a record of what it is asked."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from served import BROWSER, Client, Site

from rind.serving.access.company_login.logout_tokens import LOGOUT_EVENT
from rind.serving.access.company_login.provider import Provider
from rind.serving.access.company_login.settings import OidcSettings

ROLES = {"rind-admins": "admin", "cs": "csm", "board": "viewer"}


def oidc(issuer: str = "https://login.example.com", **changed: Any) -> OidcSettings:
    """Settings as a company would write them."""
    values: dict[str, Any] = {
        "title": "Acme", "issuer": issuer, "client_id": "rind", "secret_variable": "RIND_OIDC_SECRET",
        "scopes": ("openid", "profile", "email"), "name_claim": "name", "email_claim": "email",
        "groups_claim": "groups", "csm_claim": "name", "roles": ROLES, "recheck_seconds": 45, "timeout_seconds": 5,
    }  # fmt: skip
    return OidcSettings(**(values | changed))


@cache
def key(name: str = "k1") -> RSAKey:
    """A key pair of a provider that is made by hand."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def logout_claims(issuer: str = "https://login.example.com", **changed: Any) -> dict[str, Any]:
    """The claims of a logout token that is made now; None leaves one out."""
    now = int(time.time())
    claims = {
        "iss": issuer, "aud": "rind", "iat": now, "exp": now + 120, "jti": f"n{time.monotonic_ns()}", "sub": "ada",
        "events": {LOGOUT_EVENT: {}},
    }  # fmt: skip
    return {name: value for name, value in (claims | changed).items() if value is not None}


def logout_token(claims: dict[str, Any], signer: RSAKey | None = None, **header: str) -> str:
    """A logout token, signed by the provider's key or another one."""
    return jwt.encode({"alg": "RS256", "kid": "k1", "typ": "logout+jwt"} | header, claims, signer or key())


def made_provider(issuer: str = "https://login.example.com") -> Provider:
    """A provider that publishes what it is and its key, and nothing else."""
    document = {"issuer": issuer, "jwks_uri": f"{issuer}/keys", "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token"}  # fmt: skip

    def answer(request: httpx.Request) -> httpx.Response:
        keys = KeySet([key()]).as_dict(private=False)
        return httpx.Response(200, json=keys if request.url.path.endswith("/keys") else document)

    return Provider(oidc(issuer), "s", httpx.MockTransport(answer))


@dataclass
class Asked:
    """One request to the provider."""

    path: str
    query: dict[str, str]
    form: dict[str, str]


@dataclass
class MadeProvider:
    """The provider: its people, and what it was asked."""

    issuer: str
    asked: list[Asked] = field(default_factory=list)

    def put(self, subject: str, *groups: str, **claims: Any) -> None:
        """A person with these groups; one who is there already has them from now on."""
        more = {"email": f"{subject}@acme.example", "name": subject.title(), "groups": list(groups)} | claims
        httpx.put(f"{self.issuer}/users/{subject}", json=more).raise_for_status()

    def forget_tokens(self, subject: str) -> None:
        """As where an administrator ends a person's session there."""
        httpx.post(f"{self.issuer}/users/{subject}/revoke-tokens").raise_for_status()

    def last(self, path: str) -> Asked:
        """The latest request for a path."""
        return next(one for one in reversed(self.asked) if one.path == path)


@contextmanager
def provider() -> Iterator[MadeProvider]:
    """A provider on a port of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses parts of Authlib that Authlib itself advises against
        from oidc_provider_mock import app
        from oidc_provider_mock._server import _threaded_server

        made = MadeProvider("")
        with _threaded_server(app=_recorded(app(), made)) as server:
            made.issuer = f"http://localhost:{server.server_port}"
            yield made


def _recorded(application: Any, made: MadeProvider) -> Any:
    def wrapped(environ: dict[str, Any], start: Any) -> Any:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        query, form = ({k: v[0] for k, v in parse_qs(t).items()} for t in (environ["QUERY_STRING"], body.decode()))
        made.asked.append(Asked(environ["PATH_INFO"], query, form))
        return application(environ, start)

    return wrapped


def consent(address: str, subject: str) -> str:
    """Log in at the provider and agree: the path of our callback, with the provider's answer."""
    answer = httpx.post(address, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


def sign_in(here: Site, subject: str, path: str = "/") -> tuple[Client, httpx.Response]:
    """A browser that comes by the company's login, and the answer to its way back."""
    client = here.client(**BROWSER)
    begun = client.get("/login/company", params={"next": path})
    assert begun.status_code == 303, begun.text
    return client, client.get(consent(begun.headers["location"], subject))
