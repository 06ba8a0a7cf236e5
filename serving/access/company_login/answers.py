"""What an answer of the company's login means that is no success."""

from __future__ import annotations

import logging
from typing import Any, NoReturn

import httpx

from rind.serving.access.company_login.metadata import ProviderError

logger = logging.getLogger(__name__)
ENDS_A_SESSION = (
    "invalid_grant", "invalid_token", "access_denied", "interaction_required", "login_required", "consent_required",
)  # fmt: skip


class SignInRefusedError(Exception):
    """The provider does not vouch for this person, or its answer does not fit the question. Holds no token."""


def unreachable(url: str, reason: str) -> NoReturn:
    """Nobody knows what the provider would say: raise `ProviderError`, and write the reason into the log."""
    host = httpx.URL(url).host
    logger.error("the company's login at %s cannot be reached: %s", host, reason)
    raise ProviderError(f"the company's login at {host} cannot be reached: {reason}")


def refuse(url: str, answer: httpx.Response) -> NoReturn:
    """A refusal that concerns the person ends the sign-in; one that concerns us is ours to mend."""
    try:
        given = answer.json().get("error")
        code = given if isinstance(given, str) else ""
    except (ValueError, AttributeError):
        code = ""
    if code in ENDS_A_SESSION or (not code and answer.status_code in (401, 403)):
        raise SignInRefusedError(f"the provider refuses: {code or answer.status_code}")
    place, reason = httpx.URL(url).path, code if code.isidentifier() else f"HTTP {answer.status_code}"
    logger.error("the company's login refuses our request to %s: %s", place, reason)
    raise ProviderError(f"the company's login refuses the request of this server: {reason}")


def document_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; `ProviderError` where it holds none."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ProviderError(f"{answer.request.url.host}{answer.request.url.path} answered with no JSON object")
    return document
