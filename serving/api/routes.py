"""The API under /v1: the list, accounts, watermelons, moments, weights; and what machines ask of a server."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Hashable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from rind.serving.api.schemas import Health, Ready, RiskList, Watermelons
from rind.serving.problems import PROBLEM_JSON, ProblemError
from rind.serving.request_context import Asked, Known, Reader
from rind.serving.store.protocols import Week
from rind.serving.views.risk_lists import ListFilter, ListOrder

MOST_ROWS = 200
A_PROBLEM = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": what, "content": A_PROBLEM}
    for status, what in {
        400: "The request cannot be read",
        401: "No session and no key, or one that is no longer good",
        403: "The key lacks the scope",
        404: "No such account, or not one of yours",
        422: "A parameter is not as it should be",
        503: "There is no complete week yet",
    }.items()
}
TAG = {"description": "To be sent as If-None-Match with the next request", "schema": {"type": "string"}}
NOT_CHANGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": TAG}}, 304: {"description": "The same as If-None-Match"}
}  # fmt: skip
router = APIRouter(responses=PROBLEMS)


class Paged(BaseModel):
    """A page of any list; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: int = Field(1, ge=1, le=100_000, description="Counted from 1; a page beyond the last is empty")
    page_size: int = Field(50, ge=1, le=MOST_ROWS)


class _Order(Paged, ListOrder):
    """Pages of the sorted list."""


class _Filter(Paged, ListFilter):
    """Pages of a list that has its order."""


@router.get("/healthz", operation_id="isAlive", response_model=Health, tags=["server"], responses={401: {}},
            openapi_extra={"security": []})  # fmt: skip
async def healthz() -> Any:
    """Whether the process runs; open to everybody."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="isReady", response_model=Ready, tags=["server"])
async def readyz(given: Known) -> Any:
    """Whether a complete week is served, and which."""
    return {"status": "ready", "as_of": given.week.as_of, "version": given.week.version}


@router.get("/metrics", operation_id="getMetrics", tags=["server"], response_class=Response,
            responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})  # fmt: skip
async def metrics(given: Known) -> Response:
    """Counts and durations for Prometheus; wants the scope ``metrics``."""
    given.may("metrics")
    return Response(generate_latest(given.serving.measures.registry), headers={"content-type": CONTENT_TYPE_LATEST})


@router.get("/v1/risk-list", operation_id="getRiskList", response_model=RiskList, responses=NOT_CHANGED, tags=["list"])
async def risk_list(request: Request, given: Reader, asked: Annotated[_Order, Query()]) -> Response:
    """The accounts of this week, riskiest first unless sorted otherwise."""

    def make() -> dict[str, Any]:
        """The page of accounts, made only where the caller has no fresh copy."""
        rows = given.board.ordered(asked, given.view)
        shown, paging = cut(request, rows, asked)
        return head(given.week) | {
            "horizon_days": horizon(given.week),
            "paging": paging,
            "accounts": [row_of(given.board.records[n]) for n in shown],
        }

    return await answer(given, ("risk-list", asked), make)


@router.get(
    "/v1/watermelons", operation_id="getWatermelons", response_model=Watermelons, responses=NOT_CHANGED, tags=["list"]
)
async def watermelons(request: Request, given: Reader, asked: Annotated[_Filter, Query()]) -> Response:
    """The accounts that are green outside and red inside, and the measured record of such flags."""

    def make() -> dict[str, Any]:
        rows = given.board.select(asked.model_copy(update={"watermelons": True}), given.view)
        shown, paging = cut(request, rows, asked)
        record = (given.week.document("metrics") or {}).get("watermelons")
        accounts = [row_of(given.board.records[n]) for n in shown]
        return head(given.week) | {"paging": paging, "record": record, "accounts": accounts}

    return await answer(given, ("watermelons", asked), make)


async def answer(given: Asked, key: Hashable, make: Callable[[], dict[str, Any]]) -> Response:
    """The JSON of ``make()``, kept as long as the week is the same; 304 where the client has it."""
    whole = ("api", given.base, key)
    kept = given.serving.pages.kept.get(whole)
    if kept is None:
        body = as_json(await given.work(make))
        kept = (body, f'"{hashlib.sha256(body).hexdigest()[:24]}"')
        given.serving.pages.kept.put(whole, kept)
    body, tag = kept
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    known = given.request.headers.get("if-none-match", "")
    if tag in {part.strip().removeprefix("W/") for part in known.split(",")} or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def row_of(record: dict[str, Any]) -> dict[str, Any]:
    """A row of the list as the API tells it: the reasons as one list, everything else under its own name."""
    row = {name: value for name, value in record.items() if not name.startswith("reason_")}
    reasons = [record.get(f"reason_{n}") for n in (1, 2, 3)]
    return row | {"reasons": [reason for reason in reasons if reason], "watermelon": bool(record.get("watermelon"))}


def as_json(value: Any) -> bytes:
    """JSON, with null for the NaN and infinity that it does not have."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)
    except ValueError:
        text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode()


def plain(value: Any) -> Any:
    """Without NaN and infinity, which JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def head(week: Week) -> dict[str, Any]:
    return {"as_of": week.as_of.isoformat(), "version": week.version}


def horizon(week: Week) -> int | None:
    run = week.document("run") or {}
    found = (run.get("parameters") or {}).get("labels", {}).get("horizon_days")
    return None if found is None else int(found)


def cut(request: Request, rows: Any, asked: Any) -> tuple[Any, dict[str, Any]]:
    """The rows (a list or an array) of the page that was asked for, and where it is."""
    size, page, total = asked.page_size, asked.page, len(rows)
    pages = max(1, math.ceil(total / size))
    following = str(request.url.include_query_params(page=page + 1).replace(scheme="", netloc=""))
    paging = {"page": page, "page_size": size, "pages": pages, "total": total}
    paging |= {"next": following if page < pages else None}
    return rows[(page - 1) * size : page * size], paging


def missing(name: str) -> ProblemError:
    """What to say where a run left a result out."""
    return ProblemError(404, f"This run has no {name}; run `rind run` again with the present version.")
