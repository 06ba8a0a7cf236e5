"""The page of the audit log, for admins, and the log as JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, StreamingResponse

from rind.serving.access.audit import Wanted, as_json_line, moment
from rind.serving.access.middleware import LOGIN_FAILED
from rind.serving.pages.shared import framed
from rind.serving.problems import ProblemError
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import RequestContext, needs

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/audit", "Audit", scope="audit")
MOST_LINES = 200
ACTIONS = (
    "see", "export", "score", "feedback", "login", LOGIN_FAILED, "login refused", "logout", "session ended",
    "role changed", "sessions", "second factor", "refused", "users", "keys", "rollback", "forget", "prune", "backup",
    "restore", "audit", "serve",
)  # fmt: skip
"""What the page offers to filter by; each takes the longer ones that begin with it along."""
Auditor = Annotated[RequestContext, needs("audit")]
Who = Annotated[str, Query(max_length=300)]
Action = Annotated[str, Query(max_length=60)]
Since = Annotated[str, Query(max_length=40)]


@router.get("/audit")
async def audit(
    context: Auditor, who: Who = "", action: Action = "", since: Since = "",
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
) -> HTMLResponse:  # fmt: skip
    """Who saw, exported, decided and tried what: the latest lines, or those before the line of an id."""
    access, wanted = context.serving.access, _wanted(who, action, since)
    events = await run_in_threadpool(
        access.audit.events, MOST_LINES + 1, wanted.who, wanted.action, wanted.since, before
    )
    shown, older = events[:MOST_LINES], events[MOST_LINES - 1].id if len(events) > MOST_LINES else None
    users = [user.name for user in await run_in_threadpool(access.users.all)]
    names = sorted({*users, *(session.name for session in await run_in_threadpool(access.sessions.all))})
    content = context.serving.renderer.render(
        "audit.html.j2", events=shown, who=who, action=action, since=since, older=older, names=names, actions=ACTIONS,
        most=MOST_LINES, filters={"who": who, "action": action, "since": since}, fmt=context.format,
    )  # fmt: skip
    return framed(context, content, "Audit log")


@router.get("/audit.jsonl")
async def audit_lines(
    request: Request, context: Auditor, who: Who = "", action: Action = "", since: Since = "",
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> StreamingResponse:  # fmt: skip
    """All lines that fit, the oldest first, one JSON object a line; ``after`` goes on behind the line of an id."""
    request.state.action = "audit export"
    wanted, log = _wanted(who, action, since), context.serving.access.audit

    def lines() -> Iterator[str]:
        for line in log.lines(wanted, after):
            yield as_json_line(line) + "\n"

    headers = {"content-disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=headers)


def _wanted(who: str, action: str, since: str) -> Wanted:
    try:
        return Wanted(who, action, moment(since))
    except ValueError:
        what = "a day such as 2026-11-29, or a moment in ISO 8601"
        raise ProblemError(422, errors=[{"where": "since", "what": what}]) from None
