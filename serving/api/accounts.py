"""One account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from rind.serving.api.answers import NOT_CHANGED, PROBLEMS, cached_json, week_members
from rind.serving.api.lists import account_members
from rind.serving.api.schemas import AccountDetail
from rind.serving.request_context import AccountId, Reader
from rind.serving.views.account import Columns
from rind.serving.views.risk_list import Row

router = APIRouter(responses=PROBLEMS)
HISTORY = ("as_of", "churn_probability", "health_score", "health_band", "watermelon", "churned")
FLAGS = ("churned", "watermelon")


class DetailQuery(BaseModel):
    """How much of an account to show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reasons: int = Field(10, ge=0, le=500, description="How many features, the strongest first")
    history: int = Field(520, ge=0, le=5000, description="How many past weeks, the latest ones")


@router.get(
    "/v1/accounts/{account_id:path}", operation_id="getAccount", response_model=AccountDetail, responses=NOT_CHANGED,
    tags=["accounts"],
)  # fmt: skip
async def account(context: Reader, account_id: AccountId, query: Annotated[DetailQuery, Query()]) -> Response:
    """An account: its score, what drives it, its past scores; of one that is not on the list any more, its past."""
    row = context.risk_list.row(account_id, context.visibility)
    former = None if row is not None else await context.former(account_id)

    def make() -> dict[str, Any]:
        """The body of the answer: what `schemas.AccountDetail` declares."""
        explanation = context.accounts.explanation(account_id, None if row is None else row.get("segment"))
        return week_members(context.week) | {
            "account": None if row is None else account_members(row),
            "former": None if former is None else _former_members(account_id, former.last_row),
            "base_value": explanation.base,
            "margin": explanation.margin,
            "families": explanation.totals,
            "reasons": [vars(contribution) for contribution in explanation.strongest(query.reasons)],
            "history": _past_scores(context.accounts.lists("history", account_id, HISTORY), query.history),
        }

    return await cached_json(context, ("account", account_id, query), make)


def _former_members(account_id: str, last_row: Row) -> dict[str, Any]:
    return {"account_id": account_id} | {name: last_row.get(name) for name in ("name", "segment", "csm")}


def _past_scores(history: Columns, most: int) -> list[dict[str, Any]]:
    """One object per past week, at most ``most`` of the latest."""
    columns = {name: values[-most:] if most else [] for name, values in history.items()}
    for flag in FLAGS:
        if flag in columns:
            columns[flag] = [None if value is None or value != value else bool(value) for value in columns[flag]]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
