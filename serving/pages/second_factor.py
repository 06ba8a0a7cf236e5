"""The page on which local users set up their second factor, renew its recovery codes, and switch it off."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

import segno
from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from rind.serving.access.second_factors import SecondFactors
from rind.serving.pages.login import Short, is_password
from rind.serving.pages.sessions import is_local, own_page
from rind.serving.problems import ProblemError
from rind.serving.request_context import AnyPrincipal, RequestContext, check_csrf

router = APIRouter(include_in_schema=False)
MENU = None
Act = Literal["begin", "confirm", "codes", "off"]
WRONG_CODE = "This code is wrong, or was used before: wait for the next one."
WRONG_PASSWORD = "The password is wrong."


@router.get("/second-factor")
async def second_factor(request: Request, context: AnyPrincipal) -> HTMLResponse:
    """Whether the reader has a second factor, and the form for what comes next."""
    return await _page(request, context)


@router.post("/second-factor")
async def change(
    request: Request, context: AnyPrincipal, act: Annotated[Act, Form()], csrf: Short = "", password: Short = "",
    code: Short = "",
) -> Response:  # fmt: skip
    """Begin (asks for the password), confirm by the first code, renew recovery codes or switch off (ask for a code)."""
    request.state.action, request.state.detail = "second factor", act
    check_csrf(context, csrf)
    if not is_local(request):
        raise ProblemError(404, "Only local users have a second factor here.")
    serving, user = context.serving, context.principal.name
    allowed = serving.login_attempts.may_try if act == "begin" else serving.login_attempts.may_try_code
    if not allowed(user, context.address):
        raise ProblemError(429, headers={"retry-after": "60"})
    factors, codes, wrong = serving.access.second_factors, list[str](), ""
    if act == "begin":
        wrong = "" if await is_password(serving, user, password) else WRONG_PASSWORD
        if not wrong and not factors.is_on(user):
            await run_in_threadpool(factors.begin, user)
    elif act == "confirm":
        codes = await run_in_threadpool(factors.confirm, user, code)
        wrong = "" if codes else WRONG_CODE
    elif not await run_in_threadpool(factors.accept, user, code):
        wrong = WRONG_CODE
    else:
        codes = await run_in_threadpool(_renewed_or_off, factors, user, act)
    if wrong:
        request.state.action = "second factor refused"
    return await _page(request, context, codes, wrong)


def _renewed_or_off(factors: SecondFactors, user: str, act: Act) -> list[str]:
    if act == "codes":
        return factors.renew_recovery_codes(user)
    factors.reset(user)
    return []


async def _page(
    request: Request, context: RequestContext, codes: list[str] | None = None, wrong: str = ""
) -> HTMLResponse:
    factors, user, local = context.serving.access.second_factors, context.principal.name, is_local(request)
    factor = await run_in_threadpool(factors.of, user) if local else None
    uri = await run_in_threadpool(factors.uri, user) if local else ""
    content = context.serving.renderer.render(
        "second_factor.html.j2", local=local, factor=factor, uri=uri, picture=picture_of(uri), codes=codes or [],
        secret=parse_qs(urlsplit(uri).query).get("secret", [""])[0], wrong=wrong, csrf=context.principal.csrf,
        fmt=context.format,
    )  # fmt: skip
    answer = own_page(context, content, "Second factor")
    answer.status_code = 422 if wrong else 200
    return answer


def picture_of(uri: str) -> Markup:
    """The QR code as inline SVG, dark on light in every colour scheme; "" of ""."""
    if not uri:
        return Markup("")
    drawn = segno.make(uri, error="m").svg_inline(scale=5, light="#fff", dark="#000", border=4, title="QR code")
    return Markup(drawn)
