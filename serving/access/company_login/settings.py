"""The section ``serving.oidc`` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from rind.common.settings import Positive, Section
from rind.serving.access.principals import Role

LOOPBACK = ("127.0.0.1", "::1", "localhost")
CALLBACK = "/login/company/callback"
"""Where the provider sends the browser back to: register https://HOST with this path there."""
START = "/login/company"
LOGOUT = "/login/company/logout"
"""Where the provider says that it has ended a session: register https://HOST with this path there."""


def is_safe_url(text: str) -> bool:
    """Whether this is an https address; http is safe on this machine only."""
    if not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:  # a port that is none, too
        return False
    is_local = parts.scheme == "http" and host in LOOPBACK
    return bool(host) and (parts.scheme == "https" or is_local) and not parts.username


def issuer_url(text: str) -> str:
    """An issuer as its provider writes it: https, without query or fragment; "" for none."""
    if text and (not is_safe_url(text) or urlsplit(text).query or urlsplit(text).fragment):
        raise ValueError("https://..., as the provider's discovery document names its issuer; http only for localhost")
    return text


Claim = Annotated[str, Field(min_length=1, max_length=200)]


class OidcSettings(Section):
    """How the company's own login is asked, and what its answer means; without an issuer nobody is let in by it."""

    title: Annotated[str, Field(min_length=1, max_length=60)]
    issuer: Annotated[str, AfterValidator(issuer_url)]
    client_id: str
    secret_variable: Annotated[str, Field(pattern="^(RIND_[A-Z0-9_]+)?$")]
    scopes: tuple[str, ...]
    name_claim: Claim
    email_claim: Claim
    groups_claim: Claim
    csm_claim: Claim
    roles: dict[str, Role]
    recheck_seconds: Annotated[float, Field(gt=0, le=60)]
    timeout_seconds: Positive

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.issuer:
            return self
        if not self.client_id:
            raise ValueError("issuer is set and client_id is not: the provider shows it where you registered Rind")
        if not self.roles:
            raise ValueError("issuer is set and roles is empty: nobody could log in; name a group and its role")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        return self
