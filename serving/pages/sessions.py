"""The sessions of a user, to look at and to end; admins see those of everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rind.common.errors import UsageError
from rind.serving.problems import ProblemError
from rind.serving.request_context import AnyPrincipal, RequestContext, check_csrf

router = APIRouter(include_in_schema=False)
MENU = None
ADMINS = "audit"
"""The scope that only admins have."""


@router.get("/sessions")
async def sessions(request: Request, context: AnyPrincipal) -> HTMLResponse:
    """The sessions that have not ended: the reader's own ones, and for admins everybody's."""
    lines = await run_in_threadpool(context.serving.access.sessions.all)
    shown = [line for line in lines if _owner(context) in (None, line.name)]
    current = request.state.session.id if request.state.session else ""
    content = context.serving.renderer.render(
        "sessions.html.j2", lines=shown, current=current, everybody=_owner(context) is None,
        csrf=context.principal.csrf, local=is_local(request), fmt=context.format,
    )  # fmt: skip
    return own_page(context, content, "Sessions")


@router.post("/sessions/end")
async def end(
    request: Request, context: AnyPrincipal, session: Annotated[str, Form(max_length=40)],
    csrf: Annotated[str, Form(max_length=300)] = "",
) -> Response:  # fmt: skip
    """End one session; the next request of its browser asks for a login."""
    request.state.action, request.state.detail = "sessions end", session
    check_csrf(context, csrf)
    try:
        ended = await run_in_threadpool(context.serving.access.sessions.end_one, session, _owner(context))
    except UsageError:
        raise ProblemError(404, "There is no such session, or it is not yours, or it has ended already.") from None
    request.state.detail = f"{session} of {ended.name}"
    return RedirectResponse("/sessions", 303)


def is_local(request: Request) -> bool:
    """Whether this is a session of a local user: no program, and nobody of the company's login."""
    return request.state.session is not None and request.state.session.company is None


def own_page(context: RequestContext, content: Markup, title: str) -> HTMLResponse:
    """A page that shows no results, and so needs none."""
    path, renderer = context.request.url.path, context.serving.renderer
    return HTMLResponse(renderer.frame(content, title, context.principal, path, context.format))


def _owner(context: RequestContext) -> str | None:
    """Whose sessions the reader may see and end; None for everybody's."""
    return None if ADMINS in context.principal.scopes else context.principal.name
