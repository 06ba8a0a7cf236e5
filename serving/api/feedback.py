"""Feedback on an account: what readers said of it and did about it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rind.serving.api.accounts import DetailQuery
from rind.serving.api.accounts import account as account_detail
from rind.serving.api.answers import PROBLEMS, as_json, described_problems, week_members
from rind.serving.api.schemas import AccountFeedback
from rind.serving.feedback.acts import NewAct
from rind.serving.feedback.rules import SCOPE, Subject, entry_of
from rind.serving.request_context import AccountId, Reader, RequestContext, check_csrf
from rind.serving.views.feedback import feedback_members
from rind.serving.views.filters import parsed

router = APIRouter(responses=PROBLEMS)
LAST_PART = "/feedback"
REFUSALS = described_problems({409: "The act was replaced or withdrawn meanwhile"})


@router.get(
    "/v1/accounts/{account_id:path}/feedback", operation_id="getFeedback", response_model=AccountFeedback,
    tags=["feedback"],
)  # fmt: skip
async def feedback(request: Request, context: Reader, account_id: AccountId) -> Response:
    """What readers said of an account and did about it; it changes within the week."""
    if not request.scope["raw_path"].endswith(LAST_PART.encode()):  # an escaped slash: the id itself ends so
        query = parsed(DetailQuery, request.query_params)
        return await account_detail(context, account_id + LAST_PART, query)
    return _answer(context, await context.subject(account_id))


@router.post(
    "/v1/accounts/{account_id:path}/feedback", operation_id="addFeedback", response_model=AccountFeedback,
    responses=REFUSALS, tags=["feedback"],
)  # fmt: skip
async def add_feedback(request: Request, context: Reader, account_id: AccountId, act: NewAct) -> Response:
    """Add an act; nothing is ever changed or deleted, a later act replaces or withdraws an earlier one.

    It needs the scope ``feedback``; who is confined to a CSM acts on the accounts of this CSM only. A browser's session
    must send its token as ``X-CSRF-Token``; a key needs none.
    """
    context.require(SCOPE)
    check_csrf(context, request.headers.get("x-csrf-token", ""))
    subject = await context.subject(account_id)
    entry = entry_of(act, context.principal, subject)
    request.state.action, request.state.detail = SCOPE, entry.summary
    await run_in_threadpool(context.serving.feedback.add, entry, context.address)
    request.state.written_down = True
    return _answer(context, subject)


def _answer(context: RequestContext, subject: Subject) -> Response:
    state = context.serving.feedback.of(subject.account_id)
    members: dict[str, Any] = week_members(context.week) | {"account_id": subject.account_id}
    members |= feedback_members(state, subject.week, subject.reasons)
    return Response(as_json(members), media_type="application/json", headers={"cache-control": "no-store"})
