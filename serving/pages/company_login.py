"""The way to the company's own login and back."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from rind.serving.access.company_login.answers import SignInRefusedError
from rind.serving.access.company_login.claims import NotLetInError
from rind.serving.access.company_login.door import CompanyLogin
from rind.serving.access.company_login.flows import FLOW_SECONDS, FlowError
from rind.serving.access.company_login.logout_tokens import LogoutTokenError
from rind.serving.access.company_login.metadata import ProviderError
from rind.serving.access.company_login.settings import CALLBACK, LOGOUT, START
from rind.serving.access.cookies import FLOW_COOKIE, cookie_name, cookie_value
from rind.serving.pages.addresses import own_path, own_url
from rind.serving.pages.login import delete_cookie, give_session, origin_of, set_cookie
from rind.serving.pages.shared import open_page
from rind.serving.problems import ProblemError
from rind.serving.request_context import Serving, address_of

logger = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
MENU = None
OLD = (
    403,
    "This sign-in is over",
    "It was used before, is older than ten minutes, or belongs to another browser window. Start again.",
    ("/login", "Log in again"),
)
REFUSED = (
    403,
    "Your company's login did not let you in",
    "Its answer does not prove who you are. Start again; if it stays so, ask whoever runs Rind: the server's log "
    "holds the reason.",
    ("/login", "Log in again"),
)


@router.get(START)
async def begin(request: Request, next: str = "/", other: bool = False) -> Response:
    """Send the browser to the company's login; ``other`` asks there for another account than the one that is open."""
    company = _company_login(request)
    flow = company.flows.begin(own_path(next))
    try:
        url = await company.provider.authorization_url(flow, own_url(request, CALLBACK), other)
    except ProviderError as error:
        return _unreachable(request, error)
    answer = RedirectResponse(url, 303)
    set_cookie(answer, request.app.state.serving, FLOW_COOKIE, flow.cookie, FLOW_SECONDS)
    return answer


@router.get(CALLBACK)
async def finish(request: Request) -> Response:
    """Check the answer of the company's login and open a session; what the query holds is written down nowhere."""
    request.state.action, request.state.detail = "login", "company login"
    company, serving = _company_login(request), request.app.state.serving
    if not company.attempts.may_try(request.query_params.get("state", "")[:64], address_of(request)):
        raise ProblemError(429, headers={"retry-after": "60"})
    try:
        answer = await _opened(request, company)
    except ProviderError as error:
        answer = _unreachable(request, error)
    except (FlowError, SignInRefusedError, NotLetInError) as error:
        request.state.detail = f"company login: {error}"
        logger.info("a sign-in was refused: %s", error)
        answer = _refused(request, error)
    serving.metrics.logins.labels("good" if answer.status_code == 303 else "bad").inc()
    return answer


@router.post(LOGOUT)
async def end(request: Request) -> Response:
    """End the sessions that the company's login has ended; it calls here itself, without a browser."""
    request.state.action = "back-channel logout"
    company = _company_login(request)
    async with request.form(max_files=0, max_fields=10) as form:
        token = form.get("logout_token")
    try:
        ended = await company.end_sessions(token if isinstance(token, str) else "")
    except LogoutTokenError as error:
        request.state.detail = f"logout token: {error}"
        logger.warning("a logout token was refused: %s", error)
        problem = {"error": "invalid_request", "error_description": f"the logout token is refused: {error}"}
        return JSONResponse(problem, 400, headers={"cache-control": "no-store"})
    request.state.detail = f"sessions ended: {ended}"
    return Response(status_code=200, headers={"cache-control": "no-store"})


async def _opened(request: Request, company: CompanyLogin) -> Response:
    serving: Serving = request.app.state.serving
    cookie = cookie_name(FLOW_COOKIE, serving.settings.secure_cookies)
    query = request.query_params
    flow = company.flows.answered(cookie_value(request.headers.get("cookie", ""), cookie), query.get("state", ""))
    identity, token = await company.sign_in(
        flow, query, own_url(request, CALLBACK), serving.settings.session_hours, origin_of(request)
    )
    request.state.who = identity.name
    request.state.detail = f"company login as {identity.role}{f' for {identity.csm}' if identity.csm else ''}"
    answer = RedirectResponse(own_path(flow.target), 303)
    give_session(answer, serving, token)
    delete_cookie(answer, serving, FLOW_COOKIE)
    return answer


def _company_login(request: Request) -> CompanyLogin:
    serving: Serving = request.app.state.serving
    if serving.company_login is None:
        raise ProblemError(404, "There is no company login here: log in as a local user.")
    return serving.company_login


def _refused(request: Request, error: FlowError | SignInRefusedError | NotLetInError) -> Response:
    if isinstance(error, FlowError):
        return _page(request, *OLD)
    if isinstance(error, SignInRefusedError):
        return _page(request, *REFUSED)
    request.state.who = error.who
    text = f"Your company's login knows you as {error.who}, but {error.reason}. Ask whoever runs Rind to change that."
    return _page(request, 403, "You are not let in", text, (f"{START}?other=true", "Use another account"))


def _unreachable(request: Request, error: ProviderError) -> Response:
    logger.error("%s: %s", request.url.path, error.message)
    local = " Local users of Rind log in as always." if request.app.state.serving.settings.local_users else ""
    text = f"Try again in a moment.{local} Whoever runs Rind finds the reason in the server's log."
    return _page(request, 503, "Your company's login cannot be reached", text, ("/login", "Back to the login"))


def _page(request: Request, status: int, title: str, text: str, link: tuple[str, str]) -> Response:
    values = {"text": text, "address": link[0], "label": link[1]}
    html = open_page(request, "sign_in_problem.html.j2", title, **values)
    return HTMLResponse(html, status, headers={"retry-after": "5"} if status == 503 else None)
