"""The page of the audit log, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from rind.serving.access.middleware import LOGIN_FAILED
from rind.serving.pages.shared import framed
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import RequestContext, needs

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/audit", "Audit", scope="audit")
MOST_LINES = 200
ACTIONS = (
    "see", "export", "score", "feedback", "login", LOGIN_FAILED, "login refused", "logout", "refused", "users add",
    "users role", "users password", "users remove", "keys create", "keys revoke", "serve", "serve --demo",
)  # fmt: skip


@router.get("/audit")
async def audit(
    context: Annotated[RequestContext, needs("audit")],
    who: Annotated[str, Query(max_length=100)] = "", action: Annotated[str, Query(max_length=30)] = "",
) -> HTMLResponse:  # fmt: skip
    """Who saw, exported and tried what: the latest lines, filtered by user and action."""
    serving, fmt = context.serving, context.format
    events = await run_in_threadpool(serving.access.audit.events, MOST_LINES, who, action)
    names = sorted(user.name for user in await run_in_threadpool(serving.access.users.all))
    content = serving.renderer.render(
        "audit.html.j2", events=events, who=who, action=action, names=names, actions=ACTIONS, fmt=fmt
    )
    return framed(context, content, "Audit log")
