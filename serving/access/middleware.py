"""The middleware that checks every request: host, size of the body, identity, origin; and that audits and measures it.

A path that is not named here needs a login or a key, whatever its route says.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rind.serving.access.access_file import Access
from rind.serving.access.audit import Event
from rind.serving.access.company_login.door import CompanyLogin
from rind.serving.access.company_login.metadata import ProviderError
from rind.serving.access.company_login.settings import CALLBACK, LOGOUT, START
from rind.serving.access.cookies import session_token
from rind.serving.access.database import AccessFileError
from rind.serving.access.headers import add_security_headers
from rind.serving.access.principals import DEMO, Principal
from rind.serving.access.sessions import Session
from rind.serving.logs import HEADER, REQUESTS, request_id, safe_request_id
from rind.serving.metrics import Metrics
from rind.serving.problems import DETAILS, ProblemError, problem_response, wants_page
from rind.serving.settings import Settings

logger, requests = logging.getLogger(__name__), logging.getLogger(REQUESTS)

OPEN = frozenset({"/healthz", "/login", "/login/code", "/favicon.ico", START, CALLBACK, LOGOUT})
STATIC = "/static/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOGIN_FAILED = "login failed"
NOT_AUDITED = frozenset({"/healthz", "/readyz", "/metrics", "/favicon.ico"})
BUSY = ProblemError(
    503, "Users and logins cannot be read or written just now; try again in some seconds.", headers={"retry-after": "5"}
)
UNKNOWN = ProblemError(
    503,
    "Your company's login cannot be reached just now, so nobody knows whether it still lets you in. "
    "Your session waits: try again in some seconds.",
    headers={"retry-after": "5"},
)
QUERY_NOT_AUDITED = frozenset({CALLBACK})
"""Queries that hold a code of the company's login."""
ErrorPage = Callable[[Scope, ProblemError], Response]


class AccessMiddleware:
    """ASGI middleware around the whole application.

    Parameters
    ----------
    error_page
        Makes the page of an error, for browsers.
    company_login
        Asked whether it still lets a session in; None where there is none.
    """

    def __init__(
        self, app: ASGIApp, access: Access, settings: Settings, metrics: Metrics, error_page: ErrorPage,
        company_login: CompanyLogin | None = None,
    ) -> None:  # fmt: skip
        self.app, self.access, self.settings = app, access, settings
        self.metrics, self.error_page, self.company_login = metrics, error_page, company_login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id.set(safe_request_id(Headers(scope=scope).get(HEADER, "")))
        request = _CheckedRequest(self, scope, receive, send)
        passed = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope  # HEAD: GET without a body
        try:
            await (await request.refusal() or self.app)(passed, request.receive, request.send)
        except ClientDisconnect:  # in the midst of its body; there is nobody to answer
            return
        except AccessFileError as error:
            logger.error("%s %s: %s", scope["method"], scope["path"], error.message)
            await request.problem(BUSY)(scope, request.receive, request.send)
        except ProviderError as error:
            logger.error("%s %s: %s", scope["method"], scope["path"], error.message)
            await request.problem(UNKNOWN)(scope, request.receive, request.send)
        except Exception as error:
            if request.answered:  # the answer has begun: the server can only break the connection off
                raise
            logger.exception("%s %s", scope["method"], scope["path"], exc_info=error)
            await request.problem(ProblemError(500))(scope, request.receive, request.send)


class _CheckedRequest:
    """One request on its way through the middleware."""

    def __init__(self, middleware: AccessMiddleware, scope: Scope, receive: Receive, send: Send) -> None:
        self.middleware, self.scope = middleware, scope
        self.settings = middleware.settings
        self.headers = Headers(scope=scope)
        self.started = time.perf_counter()
        self.body_bytes = 0
        self.answered = False
        self.session: Session | None = None
        self.ended = False
        self._receive, self._send = receive, send
        self.state = scope.setdefault("state", {})
        self.state["principal"] = self.state["session"] = None

    async def refusal(self) -> Response | None:
        """The answer to a request that goes no further; None where it may pass."""
        host = self.headers.get("host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name.lower() not in self.settings.hosts:
            return self.problem(ProblemError(421))
        declared = self.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self.settings.max_body_bytes:
            return self.problem(ProblemError(413 if declared.isdecimal() else 400))
        path = self.scope["path"]
        is_open = path in OPEN or path.startswith(STATIC)
        try:
            principal = self._identify()
        except AccessFileError:
            if not is_open:
                raise
            principal = None
        if self.session is not None and not is_open and path != "/logout":  # who leaves needs nobody's word
            principal = await self._vouched_for(self.session)
        self.state["principal"], self.state["session"] = principal, self.session if principal else None
        if principal is None and not is_open:
            return self._unauthorized(path)
        if self.scope["method"] not in SAFE and not self._same_site():
            return self.problem(ProblemError(403, "This request comes from another site."))
        return None

    def _identify(self) -> Principal | None:
        if self.settings.demo:
            return DEMO
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.middleware.access.keys.principal(key.strip())
        token = session_token(self.headers.get("cookie", ""), self.settings.secure_cookies)
        session = self.middleware.access.sessions.session(token) if token else None
        if session is None or not self._is_way_open(session):
            return None
        self.session = session
        return session.principal

    def _is_way_open(self, session: Session) -> bool:
        """Whether its user could log in today: as a local user, or by the company's login."""
        return self.settings.local_users if session.company is None else self.middleware.company_login is not None

    async def _vouched_for(self, session: Session) -> Principal | None:
        """The user of a session; of one that the company's login let in, only where that still does."""
        company_login = self.middleware.company_login
        if session.company is None or company_login is None:
            return session.principal
        token = session_token(self.headers.get("cookie", ""), self.settings.secure_cookies)
        checked = await company_login.checked(token, session)
        self.ended = checked is None
        return checked.principal if checked else None

    def _unauthorized(self, path: str) -> Response:
        """To the form; whose session the company's login ended, back to that: it says why, or lets in once more."""
        if not wants_page(self.scope) or self.scope["method"] not in SAFE:
            return self.problem(ProblemError(401, headers={"www-authenticate": 'Bearer realm="rind"'}))
        query = self.scope.get("query_string", b"").decode("latin-1")
        back = quote(path + (f"?{query}" if query else ""), safe="")
        form = START if self.ended else "/login"
        return RedirectResponse(form if path == "/" else f"{form}?next={back}", 303)

    def _same_site(self) -> bool:
        """Whether a form was sent from a page of ours: browsers name its origin, programs name none."""
        site = self.headers.get("sec-fetch-site", "same-origin")
        origin = self.headers.get("origin")
        ours = origin is None or origin.split("://", 1)[-1] == self.headers.get("host")
        return site in ("same-origin", "none") and ours

    def problem(self, problem: ProblemError) -> Response:
        """The problem as a page for browsers, as JSON for programs."""
        if wants_page(self.scope):
            return self.middleware.error_page(self.scope, problem)
        return problem_response(problem, self.scope["path"])

    async def receive(self) -> Message:
        """The next part of the body; a body without a declared length is refused once it is too long."""
        message = await self._receive()
        self.body_bytes += len(message.get("body", b""))
        if self.body_bytes > self.settings.max_body_bytes:
            raise HTTPException(413, DETAILS[413])  # FastAPI's reader of bodies lets this kind of error through
        return message

    async def send(self, message: Message) -> None:
        """The answer, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.answered = True
            headers = MutableHeaders(scope=message)
            headers[HEADER] = request_id.get()
            add_security_headers(headers, self.settings.secure_cookies)
            self._record(message["status"])
        elif self.scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    def _record(self, status: int) -> None:
        """Measure the request and write it into the audit log."""
        route = getattr(self.scope.get("route"), "path", "other")
        seconds = time.perf_counter() - self.started
        self.middleware.metrics.seconds.labels(route, status).observe(seconds)
        line = {"method": self.scope["method"], "route": route, "status": status, "seconds": round(seconds, 4)}
        requests.info("request", extra=line)
        path = self.scope["path"]
        if path in NOT_AUDITED or path.startswith(STATIC) or self.settings.demo:
            return
        if status < 400 and self.state.get("written_down"):  # what was done wrote its own line
            return
        event = self._event(status)
        self.middleware.access.audit.add(event, at_once=event.action != "see")

    def _action(self, status: int) -> str:
        """What was done, or what was refused: "export", "export refused"; "login failed" says itself that it failed."""
        action: str = self.state.get("action", "")
        if status < 400 or action == LOGIN_FAILED:
            return action or "see"
        return f"{action} refused".strip()

    def _event(self, status: int) -> Event:
        principal: Principal | None = self.state["principal"]
        return Event(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            who=self.state.get("who") or (principal.name if principal else ""),
            action=self._action(status),
            path=self.scope["path"][:300],
            detail=(self.state.get("detail") or self._query())[:500],
            address=(self.scope.get("client") or ("", 0))[0],
            status=status,
        )

    def _query(self) -> str:
        known = self.scope["path"] not in QUERY_NOT_AUDITED
        return str(self.scope.get("query_string", b"").decode("latin-1")) if known else ""
