"""A company's own login that the tests start: oidc-provider-mock, with a record of what it is asked."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from served import BROWSER, Client, Site

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
