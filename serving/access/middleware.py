"""The door that every request passes: host, identity, size of the body, headers, audit, measures.

It is closed unless opened: a path that is not named here wants a login or a key, whatever the routes say.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rind.serving.access.access_file import SCOPES, Access, Event, Principal
from rind.serving.problems import SAID, ProblemError, problem_response, wants_page
from rind.serving.settings import Settings

logger = logging.getLogger(__name__)

OPEN = frozenset({"/healthz", "/login", "/favicon.ico"})
STATIC = "/static/"
COOKIE = "rind_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_AUDITED = frozenset({"/healthz", "/readyz", "/metrics", "/favicon.ico"})
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with no-referrer browsers hide the origin of our own forms too
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
PRIVATE = "private, no-store"
DEMO = Principal("demo", "demo", frozenset(SCOPES))
Page = Callable[[Scope, ProblemError], Response]


class Measures:
    """What /metrics counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "rind_request_seconds", "Seconds until the answer began, by kind of page and status.", ("route", "status"),
            registry=self.registry, buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )  # fmt: skip
        ours = self.registry
        self.logins = Counter("rind_logins_total", "Attempts to log in, by outcome.", ("outcome",), registry=ours)
        self.scored = Counter("rind_scored_accounts_total", "Accounts scored by POST /v1/score.", registry=ours)


class Gate:
    """ASGI middleware around the whole application.

    Parameters
    ----------
    page
        Makes the page of an error, for browsers.
    """

    def __init__(self, app: ASGIApp, access: Access, settings: Settings, measures: Measures, page: Page) -> None:
        self.app, self.access, self.settings = app, access, settings
        self.measures, self.page = measures, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit = _Visit(self, scope, receive, send)
        whole = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope  # answered as GET is, without a body
        try:
            await (visit.refusal() or self.app)(whole, visit.receive, visit.send)
        except Exception as error:
            if visit.answered:  # too late for words: the server breaks the connection off
                raise
            logger.exception("%s %s", scope["method"], scope["path"], exc_info=error)
            await visit.problem(ProblemError(500))(scope, visit.receive, visit.send)


class _Visit:
    """One request on its way through."""

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        self.gate, self.scope = gate, scope
        self.headers = Headers(scope=scope)
        self.started = time.perf_counter()
        self.taken = 0
        self.answered = False
        self._receive, self._send = receive, send
        self.state = scope.setdefault("state", {})
        self.state["principal"] = None

    def refusal(self) -> Response | None:
        """Why this request goes no further; None when it may."""
        host = self.headers.get("host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name.lower() not in self.gate.settings.hosts:
            return self.problem(ProblemError(421))
        declared = self.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self.gate.settings.max_body_bytes:
            return self.problem(ProblemError(413 if declared.isdecimal() else 400))
        who = self._identify()
        self.state["principal"] = who
        path = self.scope["path"]
        if who is None and path not in OPEN and not path.startswith(STATIC):
            return self._not_known(path)
        if self.scope["method"] not in SAFE and not self._same_site():
            return self.problem(ProblemError(403, "This request comes from another site."))
        return None

    def _identify(self) -> Principal | None:
        if self.gate.settings.demo:
            return DEMO
        kind, _, given = self.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.gate.access.key(given.strip())
        token = session_token(self.headers.get("cookie", ""))
        return self.gate.access.session(token) if token else None

    def _not_known(self, path: str) -> Response:
        if not wants_page(self.scope) or self.scope["method"] not in SAFE:
            return self.problem(ProblemError(401, headers={"www-authenticate": 'Bearer realm="rind"'}))
        query = self.scope.get("query_string", b"").decode("latin-1")
        back = quote(path + (f"?{query}" if query else ""), safe="")
        return RedirectResponse("/login" if path == "/" else f"/login?next={back}", 303)

    def _same_site(self) -> bool:
        """A browser names where a form was sent from; what names no origin is no browser."""
        site = self.headers.get("sec-fetch-site", "same-origin")
        origin = self.headers.get("origin")
        ours = origin is None or origin.split("://", 1)[-1] == self.headers.get("host")
        return site in ("same-origin", "none") and ours

    def problem(self, problem: ProblemError) -> Response:
        """The answer that tells of a problem."""
        if wants_page(self.scope):
            return self.gate.page(self.scope, problem)
        return problem_response(problem, self.scope["path"])

    async def receive(self) -> Message:
        """The body, as far as it may go: what has no length is counted."""
        message = await self._receive()
        self.taken += len(message.get("body", b""))
        if self.taken > self.gate.settings.max_body_bytes:
            raise HTTPException(413, SAID[413])  # of a kind that no reader of bodies takes for its own
        return message

    async def send(self, message: Message) -> None:
        """The answer, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.answered = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self.gate.settings.secure_cookies:
                headers.setdefault("strict-transport-security", "max-age=31536000")
            headers.setdefault("cache-control", PRIVATE)
            headers.add_vary_header("Cookie, Authorization, Accept-Language")
            self._count(message["status"])
        elif self.scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    def _count(self, status: int) -> None:
        route = self.scope.get("route")
        name = getattr(route, "path", "other")
        self.gate.measures.seconds.labels(name, status).observe(time.perf_counter() - self.started)
        path = self.scope["path"]
        if path in NOT_AUDITED or path.startswith(STATIC) or self.gate.settings.demo:
            return
        who: Principal | None = self.state["principal"]
        action = self.state.get("action") or ("see" if status < 400 else "refused")
        event = Event(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            who=self.state.get("who") or (who.name if who else ""),
            action=action,
            path=path[:300],
            detail=self.scope.get("query_string", b"").decode("latin-1")[:500],
            address=(self.scope.get("client") or ("", 0))[0],
            status=status,
        )
        self.gate.access.note(event, at_once=action != "see")


def session_token(cookie: str) -> str:
    """The session's token in a Cookie header; "" where there is none."""
    try:
        found = SimpleCookie(cookie).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
