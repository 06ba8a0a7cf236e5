"""Logging in and out."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from limits import RateLimitItemPerMinute
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rind.serving.access.middleware import COOKIE, session_token
from rind.serving.problems import ProblemError
from rind.serving.request_context import Known, Serving, check_csrf

router = APIRouter(include_in_schema=False)
BEFORE = "rind_login"
TIMES_AN_ADDRESS = 10

Short = Annotated[str, Form(max_length=300)]


@router.get("/login")
async def login_page(request: Request, next: str = "/", wrong: bool = False) -> Response:
    """The form."""
    serving: Serving = request.app.state.serving
    if serving.settings.demo or request.state.principal is not None:
        return RedirectResponse(_own(next), 303)
    token = request.cookies.get(BEFORE) or secrets.token_urlsafe(32)
    content = serving.pages.environment.get_template("login.html.j2").render(next=_own(next), csrf=token, wrong=wrong)
    fmt = serving.pages.format(request.headers.get("accept-language", ""))
    answer = HTMLResponse(serving.pages.frame(Markup(content), "Log in", None, "/login", fmt))
    _set(answer, serving, BEFORE, token, 3600)
    return answer


@router.post("/login")
async def log_in(
    request: Request, name: Short, password: Short, csrf: Short, next: Annotated[str, Form(max_length=2000)] = "/"
) -> Response:  # fmt: skip
    """Check name and password, slowly and seldom; open a session."""
    serving: Serving = request.app.state.serving
    request.state.action, request.state.who = "login", name[:100]
    before = request.cookies.get(BEFORE, "")
    if not before or not secrets.compare_digest(before.encode(), csrf.encode()):
        raise ProblemError(403, "This form is out of date: go back, load it again, and try once more.")
    address = request.client.host if request.client else ""
    _slow_down(serving, name, address)
    hours = serving.settings.session_hours
    token = await run_in_threadpool(serving.access.log_in, name, password, hours)
    serving.measures.logins.labels("good" if token else "bad").inc()
    if token is None:
        request.state.action = "login failed"
        fmt = serving.pages.format(request.headers.get("accept-language", ""))
        form = serving.pages.environment.get_template("login.html.j2")
        content = form.render(next=_own(next), csrf=before, wrong=True)
        return HTMLResponse(serving.pages.frame(Markup(content), "Log in", None, "/login", fmt), 401)
    answer = RedirectResponse(_own(next), 303)
    _set(answer, serving, COOKIE, token, int(hours * 3600))
    answer.delete_cookie(BEFORE, path="/login")
    return answer


@router.post("/logout")
async def log_out(request: Request, given: Known, csrf: Short = "") -> Response:
    """End the session on the server and in the browser."""
    check_csrf(given, csrf)
    request.state.action = "logout"
    given.serving.access.log_out(session_token(request.headers.get("cookie", "")))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _slow_down(serving: Serving, name: str, address: str) -> None:
    allowed = serving.settings.login_attempts_per_minute
    by_name = serving.attempts.hit(RateLimitItemPerMinute(allowed), "name", name.lower())
    by_address = serving.attempts.hit(RateLimitItemPerMinute(allowed * TIMES_AN_ADDRESS), "address", address)
    if not (by_name and by_address):
        serving.measures.logins.labels("slowed").inc()
        raise ProblemError(429, headers={"retry-after": "60"})


def _set(answer: Response, serving: Serving, name: str, value: str, seconds: int) -> None:
    path = "/login" if name == BEFORE else "/"
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="lax",
        secure=serving.settings.secure_cookies,
    )


def _own(target: str) -> str:
    """Where to go on to: a path of this server, never another address."""
    fine = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if fine else "/"
