"""The pages to log in and out."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from limits import RateLimitItemPerMinute
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rind.serving.access.cookies import COOKIE, session_token
from rind.serving.access.middleware import LOGIN_FAILED
from rind.serving.problems import ProblemError
from rind.serving.request_context import AnyPrincipal, Serving, check_csrf

router = APIRouter(include_in_schema=False)
MENU = None
FORM_COOKIE = "rind_login"
FORM_SECONDS = 3600
ATTEMPTS_FACTOR_OF_AN_ADDRESS = 10
"""An address may try so many times as often as a name: many people may share it."""

Short = Annotated[str, Form(max_length=300)]


@router.get("/login")
async def login_page(request: Request, next: str = "/", wrong: bool = False) -> Response:
    """The form; who is logged in goes on to ``next``."""
    serving: Serving = request.app.state.serving
    if serving.settings.demo or request.state.principal is not None:
        return RedirectResponse(_own_path(next), 303)
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    answer = HTMLResponse(_form(request, next, token, wrong))
    _set_cookie(answer, serving, FORM_COOKIE, token, FORM_SECONDS)
    return answer


@router.post("/login")
async def log_in(
    request: Request, name: Short, password: Short, csrf: Short, next: Annotated[str, Form(max_length=2000)] = "/"
) -> Response:  # fmt: skip
    """Check the name and the password, a few times a minute only; open a session."""
    serving: Serving = request.app.state.serving
    request.state.action, request.state.who = "login", name[:100]
    form_token = request.cookies.get(FORM_COOKIE, "")
    if not form_token or not secrets.compare_digest(form_token.encode(), csrf.encode()):
        raise ProblemError(403, "This form is out of date: go back, load it again, and try once more.")
    _limit_attempts(serving, name, request.client.host if request.client else "")
    hours = serving.settings.session_hours
    token = await run_in_threadpool(serving.access.sessions.log_in, name, password, hours)
    serving.metrics.logins.labels("good" if token else "bad").inc()
    if token is None:
        request.state.action = LOGIN_FAILED
        return HTMLResponse(_form(request, next, form_token, wrong=True), 401)
    answer = RedirectResponse(_own_path(next), 303)
    _set_cookie(answer, serving, COOKIE, token, int(hours * 3600))
    answer.delete_cookie(FORM_COOKIE, path="/login")
    return answer


@router.post("/logout")
async def log_out(request: Request, context: AnyPrincipal, csrf: Short = "") -> Response:
    """End the session on the server and in the browser."""
    request.state.action = "logout"
    check_csrf(context, csrf)
    await run_in_threadpool(context.serving.access.sessions.end, session_token(request.headers.get("cookie", "")))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _form(request: Request, next_path: str, token: str, wrong: bool) -> str:
    renderer = request.app.state.serving.renderer
    content = renderer.render("login.html.j2", next=_own_path(next_path), csrf=token, wrong=wrong)
    fmt = renderer.format(request.headers.get("accept-language", ""))
    html: str = renderer.frame(content, "Log in", None, "/login", fmt)
    return html


def _limit_attempts(serving: Serving, name: str, address: str) -> None:
    per_name = serving.settings.login_attempts_per_minute
    per_address = per_name * ATTEMPTS_FACTOR_OF_AN_ADDRESS
    name_may = serving.login_attempts.hit(RateLimitItemPerMinute(per_name), "name", name.lower())
    address_may = serving.login_attempts.hit(RateLimitItemPerMinute(per_address), "address", address)
    if not (name_may and address_may):
        serving.metrics.logins.labels("slowed").inc()
        raise ProblemError(429, headers={"retry-after": "60"})


def _set_cookie(answer: Response, serving: Serving, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/login" if name == FORM_COOKIE else "/",
        httponly=True,
        samesite="lax",
        secure=serving.settings.secure_cookies,
    )


def _own_path(target: str) -> str:
    """The target where it is a path of this server; else "/": a login never leads to another address."""
    own = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if own else "/"
