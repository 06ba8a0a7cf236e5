"""The pages to log in as a local user, and to log out here and at the company's own login."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rind.serving.access.cookies import COOKIE, FORM_COOKIE, cookie_name, cookie_value, session_token
from rind.serving.access.form_tokens import FORM_SECONDS
from rind.serving.access.middleware import LOGIN_FAILED
from rind.serving.access.sessions import Origin
from rind.serving.pages.addresses import own_path, own_url
from rind.serving.pages.shared import open_page
from rind.serving.problems import ProblemError
from rind.serving.request_context import AnyPrincipal, Serving, address_of, check_csrf

router = APIRouter(include_in_schema=False)
MENU = None
MOST_LOGINS = 64
"""Logins that are at work or wait for their turn; a further one is refused."""
OUT_OF_DATE = "This form is out of date: go back, load it again, and try once more."
SOON = {"retry-after": "5"}
Short = Annotated[str, Form(max_length=300)]


@router.get("/login")
async def login_page(request: Request, next: str = "/", wrong: bool = False) -> Response:
    """The form; who is logged in goes on to ``next``."""
    serving: Serving = request.app.state.serving
    session = request.state.session
    waits = session is not None and session.company is not None  # while the provider is away, local users get in here
    if serving.settings.demo or (request.state.principal is not None and not waits):
        return RedirectResponse(own_path(next), 303)
    cookie, address = _form_cookie(request), address_of(request)
    if not serving.form_tokens.is_ours(cookie, address):
        cookie = serving.form_tokens.cookie(address)
    answer = HTMLResponse(_form(request, next, serving.form_tokens.token(cookie), wrong))
    set_cookie(answer, serving, FORM_COOKIE, cookie, FORM_SECONDS)
    return answer


@router.post("/login")
async def log_in(
    request: Request, name: Short, password: Short, csrf: Short, next: Annotated[str, Form(max_length=2000)] = "/"
) -> Response:  # fmt: skip
    """Check the name and the password, a few times a minute only; open a session."""
    serving: Serving = request.app.state.serving
    request.state.action, request.state.who = "login", name[:100]
    address = address_of(request)
    if not serving.settings.local_users:
        raise ProblemError(403, "Local users may not log in here: log in with your company's login.")
    if not serving.form_tokens.fits(_form_cookie(request), csrf, address):
        raise ProblemError(403, OUT_OF_DATE)
    if not serving.login_attempts.may_try(name, address):
        serving.metrics.logins.labels("slowed").inc()
        raise ProblemError(429, headers={"retry-after": "60"})
    if not await is_password(serving, name, password):
        serving.metrics.logins.labels("bad").inc()
        request.state.action = LOGIN_FAILED
        return HTMLResponse(_form(request, next, csrf, wrong=True), 401)
    if await run_in_threadpool(serving.access.second_factors.is_on, name):
        request.state.action, request.state.detail = "second factor", "the password was right; the code is asked for"
        return code_form(request, csrf, serving.pending_logins.add(name), next)
    return await let_in(request, name, next)


@router.post("/logout")
async def log_out(request: Request, context: AnyPrincipal, csrf: Short = "") -> Response:
    """End the session on the server and in the browser, and lead on to the log-out of the company's own login."""
    request.state.action = "logout"
    check_csrf(context, csrf)
    serving = context.serving
    token = session_token(request.headers.get("cookie", ""), serving.settings.secure_cookies)
    session = await run_in_threadpool(serving.access.sessions.session, token)
    await run_in_threadpool(serving.access.sessions.end, token)
    url = ""
    if serving.company_login is not None and session is not None and session.company is not None:
        url = await serving.company_login.logout_url(token, session.company, own_url(request, "/login"))
    answer = _led_on(request, url) if url else RedirectResponse("/login", 303)
    delete_cookie(answer, serving, COOKIE)
    return answer


def _led_on(request: Request, url: str) -> Response:
    """A page that leads on: a redirect after a form may lead to this server only (form-action of the page's policy)."""
    html = open_page(request, "logged_out.html.j2", "Logged out", url=url)
    return HTMLResponse(html, headers={"refresh": f"0;url={url}"})


@router.post("/login/code")
async def log_in_by_code(
    request: Request, code: Short, pending: Short, csrf: Short, next: Annotated[str, Form(max_length=2000)] = "/"
) -> Response:  # fmt: skip
    """The second step of a login: a code of the app, or a recovery code."""
    serving: Serving = request.app.state.serving
    request.state.action, address = "login", address_of(request)
    if not serving.form_tokens.fits(_form_cookie(request), csrf, address):
        raise ProblemError(403, OUT_OF_DATE)
    name = serving.pending_logins.user(pending)
    if name is None or not serving.settings.local_users:
        return RedirectResponse(f"/login?{urlencode({'next': own_path(next)})}", 303)
    request.state.who = name
    if not serving.login_attempts.may_try_code(name, address):
        serving.metrics.logins.labels("slowed").inc()
        raise ProblemError(429, headers={"retry-after": "60"})
    if not await run_in_threadpool(serving.access.second_factors.accept, name, code):
        serving.pending_logins.was_wrong(pending)
        serving.metrics.logins.labels("bad").inc()
        request.state.action, request.state.detail = LOGIN_FAILED, "second factor"
        return code_form(request, csrf, pending, next, wrong=True)
    serving.pending_logins.end(pending)
    request.state.detail = "with the second factor"
    return await let_in(request, name, next)


async def let_in(request: Request, name: str, next_path: str) -> Response:
    """Open a session of a local user who proved to be it."""
    serving: Serving = request.app.state.serving
    hours, origin = serving.settings.session_hours, origin_of(request)
    token = await run_in_threadpool(serving.access.sessions.open_local, name, hours, origin)
    serving.metrics.logins.labels("good").inc()
    serving.login_attempts.succeeded(name, address_of(request))
    answer = RedirectResponse(own_path(next_path), 303)
    give_session(answer, serving, token)
    delete_cookie(answer, serving, FORM_COOKIE)
    return answer


async def is_password(serving: Serving, name: str, password: str) -> bool:
    """Whether this is the password of the user. A few passwords are hashed at a time."""
    if serving.login_turns.waiting >= MOST_LOGINS:
        raise ProblemError(503, "Too many people log in at once; try again in some seconds.", headers=SOON)
    check = serving.access.sessions.is_password
    with serving.login_turns.counted():
        return await to_thread.run_sync(check, name, password, limiter=serving.login_turns.limiter)


def origin_of(request: Request) -> Origin:
    """Where a session is opened from."""
    return Origin(address_of(request), request.headers.get("user-agent", ""))


def _form_cookie(request: Request) -> str:
    serving: Serving = request.app.state.serving
    name = cookie_name(FORM_COOKIE, serving.settings.secure_cookies)
    return cookie_value(request.headers.get("cookie", ""), name)


def _form(request: Request, next_path: str, token: str, wrong: bool) -> str:
    serving: Serving = request.app.state.serving
    company = serving.company_login.settings.title if serving.company_login else ""
    return open_page(
        request, "login.html.j2", "Log in", next=own_path(next_path), csrf=token, wrong=wrong,
        local=serving.settings.local_users, company=company,
    )  # fmt: skip


def code_form(request: Request, csrf: str, pending: str, next_path: str, wrong: bool = False) -> Response:
    """The form for the code that follows the password."""
    values = {"csrf": csrf, "pending": pending, "next": own_path(next_path), "wrong": wrong}
    return HTMLResponse(open_page(request, "code.html.j2", "Log in", **values), 401 if wrong else 200)


def give_session(answer: Response, serving: Serving, token: str) -> None:
    """The cookie of a session."""
    set_cookie(answer, serving, COOKIE, token, int(serving.settings.session_hours * 3600))


def set_cookie(answer: Response, serving: Serving, name: str, value: str, seconds: int) -> None:
    """A cookie that scripts cannot read; over HTTPS for this very host only."""
    https = serving.settings.secure_cookies
    answer.set_cookie(
        cookie_name(name, https), value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=https
    )


def delete_cookie(answer: Response, serving: Serving, name: str) -> None:
    """Browsers take the deletion of a ``__Host-`` cookie only with what the cookie itself must have."""
    https = serving.settings.secure_cookies
    answer.delete_cookie(cookie_name(name, https), path="/", httponly=True, samesite="lax", secure=https)
