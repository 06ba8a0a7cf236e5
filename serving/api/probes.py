"""What machines ask of a server: whether it lives, whether it is ready, its metrics."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from rind.serving.api.answers import PROBLEMS
from rind.serving.api.schemas import Health, Ready
from rind.serving.request_context import AnyPrincipal

router = APIRouter(responses=PROBLEMS)


@router.get("/healthz", operation_id="isAlive", response_model=Health, tags=["server"], responses={401: {}},
            openapi_extra={"security": []})  # fmt: skip
async def healthz() -> Any:
    """Whether the process runs; open to everybody."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="isReady", response_model=Ready, tags=["server"])
async def readyz(context: AnyPrincipal) -> Any:
    """Whether a complete week is served, and which; ``problem`` says why it is not the newest."""
    problem = context.serving.store.problem()
    words = problem.message if problem else None
    return {"status": "ready", "as_of": context.week.as_of, "version": context.week.version, "problem": words}


@router.get("/metrics", operation_id="getMetrics", tags=["server"], response_class=Response,
            responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})  # fmt: skip
async def metrics(context: AnyPrincipal) -> Response:
    """Counts and durations for Prometheus; wants the scope ``metrics``."""
    context.require("metrics")
    context.serving.metrics.newest_unreadable.set(context.serving.store.problem() is not None)
    return Response(generate_latest(context.serving.metrics.registry), headers={"content-type": CONTENT_TYPE_LATEST})
