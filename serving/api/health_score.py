"""The weights of the health score."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from rind.common.results import RESULTS
from rind.serving.api.answers import NOT_CHANGED, PROBLEMS, cached_json, missing_result, week_members
from rind.serving.api.schemas import HealthScore
from rind.serving.request_context import Reader

router = APIRouter(responses=PROBLEMS)
MEMBERS = ("current", "proposed", "evidence", "recommend", "words")


@router.get(
    "/v1/health-score", operation_id="getHealthScore", response_model=HealthScore, responses=NOT_CHANGED, tags=["list"]
)
async def health_score(context: Reader) -> Response:
    """The weights of the health score today and proposed, with the evidence."""
    document = context.week.document("health_score")
    if document is None:
        raise missing_result(RESULTS["health_score"].path)
    members = {name: document.get(name) for name in MEMBERS}
    return await cached_json(context, ("health-score",), lambda: week_members(context.week) | members)
