"""From the claims of the company's login to a person with a role, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rind.serving.access.company_login.settings import OidcSettings
from rind.serving.access.principals import ROLES, Identity, Role

LONGEST = 200
NO_GROUP = "none of the groups that your company's login names for you lets you in to Rind"
NO_BOOK = (
    "your groups let you see the accounts of one customer success manager, and your company's login does not say whose"
)


class NotLetInError(Exception):
    """The company's login knows the person, and nothing lets this person in.

    Parameters
    ----------
    who
        The person, for the audit log.
    reason
        For the person to read.
    """

    def __init__(self, who: str, reason: str) -> None:
        super().__init__(reason)
        self.who, self.reason = who, reason


def identity_of(claims: Mapping[str, Any], settings: OidcSettings) -> Identity:
    """Who somebody is: with several mapped groups the highest role counts.

    Parameters
    ----------
    claims
        Of the ID token and of the userinfo endpoint. ``sub`` is there; any other may be missing or of any type.

    Raises
    ------
    NotLetInError
        No mapped group; or the role csm without a name in the claim that names the book.
    """
    subject = str(claims["sub"])
    who = _who(claims, settings, subject)
    role = _role(claims, settings)
    if role is None:
        raise NotLetInError(who, NO_GROUP)
    csm = _name_in(claims, settings.csm_claim, settings) if role == "csm" else ""
    if role == "csm" and not csm:
        raise NotLetInError(who, NO_BOOK)
    return Identity(subject, who, role, csm, provider_session(claims))


def provider_session(claims: Mapping[str, Any]) -> str:
    """The provider's id of the session (``sid``); "" where there is none that can be kept."""
    session = claims.get("sid")
    return session if isinstance(session, str) and len(session) <= LONGEST else ""


def claim_of(claims: Mapping[str, Any], name: str) -> Any:
    """The value of a claim; None where it is missing. ``a.b`` is the claim of that name, else ``b`` within ``a``."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _who(claims: Mapping[str, Any], settings: OidcSettings, subject: str) -> str:
    """The e-mail address; else the name beside the provider's key."""
    email = _name_in(claims, settings.email_claim, settings)
    if "@" in email and " " not in email:
        return email
    name = _name_in(claims, settings.name_claim, settings)
    key = _text(subject) or repr(subject)[:LONGEST]
    return f"{name} ({key})" if name else key


def _name_in(claims: Mapping[str, Any], claim: str, settings: OidcSettings) -> str:
    """The name of a person or a book in a claim; "" where it is an e-mail address that nobody verified."""
    is_address = claim in ("email", settings.email_claim)
    is_verified = str(claims.get("email_verified")).casefold() not in ("false", "0")
    return _text(claim_of(claims, claim)) if is_verified or not is_address else ""


def _role(claims: Mapping[str, Any], settings: OidcSettings) -> Role | None:
    roles = {
        settings.roles[group] for group in _groups(claim_of(claims, settings.groups_claim)) if group in settings.roles
    }
    return max(roles, key=ROLES.index, default=None)


def _groups(value: Any) -> Iterator[str]:
    """The names of groups: a list of them, or one alone; what is no text is passed over."""
    values = value if isinstance(value, list | tuple) else [value]
    return (group for group in values if isinstance(group, str))


def _text(value: Any) -> str:
    """A claim as one line of text; "" where it is none, or holds what cannot be printed."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    return text if text.isprintable() and len(text) <= LONGEST else ""
