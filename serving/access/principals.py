"""Roles, scopes, and the principal: the user or program that sends a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["viewer", "csm", "admin"]
Scope = Literal["read", "export", "score", "metrics", "feedback"]
ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True)
class Principal:
    """Who sends a request: a user with a session, a program with a key, or anybody on a demo.

    Parameters
    ----------
    name
        For the audit log and the corner of each page.
    scopes
        What the principal may do; a user may do what the role allows.
    csm
        The customer success manager whose accounts are the principal's own; "" for none.
    csrf
        The token that every form of this session must carry; "" without a session.
    """

    name: str
    role: Role | Literal["key", "demo"]
    scopes: frozenset[str]
    csm: str = ""
    csrf: str = ""


@dataclass(frozen=True)
class Identity:
    """Somebody whom the company's own login lets in.

    Parameters
    ----------
    subject
        The provider's own key of the person: it stays the same where names and addresses change.
    name
        For the audit log and the corner of each page: the e-mail address where there is one.
    csm
        The customer success manager whose accounts are the person's own; "" for none.
    provider_session
        The provider's own id of the session in which the person came; "" where it names none.
    """

    subject: str
    name: str
    role: Role
    csm: str = ""
    provider_session: str = ""


DEMO = Principal("demo", "demo", frozenset(SCOPES))
"""Everybody who reaches a demo server."""


def scopes_of(role: Role) -> frozenset[str]:
    """What a role may do; a viewer writes no feedback, only admins read the audit log and the server's metrics."""
    more = {"viewer": set[str](), "csm": {"feedback"}, "admin": {"feedback", "metrics", "audit"}}[role]
    return frozenset({"read", "export", "score"} | more)
