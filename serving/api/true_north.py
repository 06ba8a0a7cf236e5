"""The moments after which accounts stay, and the accounts in launch."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from rind.common.results import RESULTS
from rind.serving.api.answers import NOT_CHANGED, PROBLEMS, cached_json, missing_result, week_members
from rind.serving.api.paging import PageQuery, page_of
from rind.serving.api.schemas import TrueNorth
from rind.serving.request_context import Reader, RequestContext

router = APIRouter(responses=PROBLEMS)


@router.get(
    "/v1/true-north", operation_id="getTrueNorth", response_model=TrueNorth, responses=NOT_CHANGED, tags=["list"]
)
async def true_north(request: Request, context: Reader, query: Annotated[PageQuery, Query()]) -> Response:
    """The moments after which accounts stay, and the accounts in launch with their next step."""
    document = context.week.document("true_north")
    if document is None:
        raise missing_result(RESULTS["true_north"].path)

    def make() -> dict[str, Any]:
        account_ids, paging = page_of(request, _in_launch(context), query)
        moments = {"moments": document.get("moments") or [], "words": document.get("words")}
        accounts = [_account_members(context, account_id) for account_id in account_ids]
        return week_members(context.week) | moments | {"paging": paging, "accounts": accounts}

    return await cached_json(context, ("true-north", query), make)


def _in_launch(context: RequestContext) -> list[str]:
    """The ids of the visible accounts in launch."""
    adoption = context.week.table("adoption")
    account_ids: list[str] = [] if adoption is None else adoption["account_id"].tolist()
    return [account_id for account_id in account_ids if context.risk_list.row(account_id, context.visibility)]


def _account_members(context: RequestContext, account_id: str) -> dict[str, Any]:
    row = context.risk_list.records[context.risk_list.position[account_id]]
    return (context.accounts.adoption(account_id) or {}) | {"name": row["name"], "csm": row["csm"]}
