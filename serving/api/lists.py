"""The risk list and the watermelons."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from rind.serving.api.answers import NOT_CHANGED, PROBLEMS, cached_json, week_members
from rind.serving.api.paging import PageQuery, page_of
from rind.serving.api.schemas import RiskList, Watermelons
from rind.serving.request_context import Reader
from rind.serving.store.run_document import horizon_days
from rind.serving.views.filters import ListFilter, ListOrder
from rind.serving.views.risk_list import Row

router = APIRouter(responses=PROBLEMS)


class _OrderQuery(PageQuery, ListOrder):
    """Pages of the sorted list."""


class _FilterQuery(PageQuery, ListFilter):
    """Pages of a list that has its order."""


@router.get("/v1/risk-list", operation_id="getRiskList", response_model=RiskList, responses=NOT_CHANGED, tags=["list"])
async def risk_list(request: Request, context: Reader, query: Annotated[_OrderQuery, Query()]) -> Response:
    """The accounts of this week, in the order of the list (the run's `risk.order`) unless sorted otherwise."""

    def make() -> dict[str, Any]:
        """The body of the answer: one page of the chosen accounts, in the order that was asked for."""
        positions, paging = page_of(request, context.chosen(query).tolist(), query)
        return week_members(context.week) | {
            "horizon_days": horizon_days(context.week.document("run") or {}),
            "paging": paging,
            "accounts": [account_members(context.risk_list.records[n]) for n in positions],
        }

    return await cached_json(context, ("risk-list", query, context.feedback_key(query)), make)


@router.get(
    "/v1/watermelons", operation_id="getWatermelons", response_model=Watermelons, responses=NOT_CHANGED, tags=["list"]
)
async def watermelons(request: Request, context: Reader, query: Annotated[_FilterQuery, Query()]) -> Response:
    """The accounts that are green outside and red inside, and the measured record of such flags."""

    def make() -> dict[str, Any]:
        """The body of the answer: one page of the flagged accounts, and the measured record of the flags."""
        chosen = ListOrder.model_validate(query.model_dump(exclude={"page", "page_size"}) | {"watermelons": True})
        positions, paging = page_of(request, context.chosen(chosen).tolist(), query)
        return week_members(context.week) | {
            "paging": paging,
            "record": (context.week.document("metrics") or {}).get("watermelons"),
            "accounts": [account_members(context.risk_list.records[n]) for n in positions],
        }

    return await cached_json(context, ("watermelons", query, context.feedback_key(query)), make)


def account_members(row: Row) -> dict[str, Any]:
    """A row of the list as the API shows it: the reasons as one list, everything else under its own name."""
    members = {name: value for name, value in row.items() if not name.startswith("reason_")}
    reasons = [row.get(f"reason_{n}") for n in (1, 2, 3)]
    return members | {"reasons": [reason for reason in reasons if reason], "watermelon": bool(row.get("watermelon"))}
