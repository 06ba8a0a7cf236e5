"""The application: pages, API, the gate in front of both, and what happens when something is not as it should be."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from rind.common.errors import RindError
from rind.serving.access.access_file import Access
from rind.serving.access.middleware import Gate, Measures
from rind.serving.api import accounts as api_accounts
from rind.serving.api import routes as api
from rind.serving.api.schemas import Problem
from rind.serving.pages import account as pages_account
from rind.serving.pages import health_score as pages_health
from rind.serving.pages import login as pages_login
from rind.serving.pages import more as pages_more
from rind.serving.pages import this_week as pages_week
from rind.serving.problems import ProblemError, problem_response, wants_page
from rind.serving.rendering.pages import Pages
from rind.serving.request_context import Scorer, Serving
from rind.serving.settings import Settings
from rind.serving.store.protocols import Store, Week

logger = logging.getLogger(__name__)

ABOUT = """The weekly risk list of Rind as data.

Send an API key as `Authorization: Bearer rind_...` (`rind keys create`). Lists come in pages; every answer carries an
`ETag`, and a request with `If-None-Match` costs nothing while the week is the same. Errors are
`application/problem+json` (RFC 9457)."""
FLUSH_SECONDS = 1.0
PRUNE_SECONDS = 86_400.0


def create_app(
    store: Store, access: Access, settings: Settings | None = None, scorer: Callable[[Week], Scorer] | None = None
) -> FastAPI:
    """The ASGI application.

    Parameters
    ----------
    store
        Where the weeks are.
    access
        Users, sessions, keys, audit.
    scorer
        Gives the model that scored a week, for POST /v1/score; None: there is none, and the endpoint says so.
    """
    settings = settings or Settings()
    serving = Serving(store, access, settings, Pages(settings), Measures(), scorer)
    app = _Described(
        title="Rind", description=ABOUT, version=version("rind"), lifespan=_lifespan,
        openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.serving = serving
    for routes in (api, api_accounts, pages_login, pages_week, pages_account, pages_health, pages_more):
        app.include_router(routes.router)
    app.mount("/static", _Static(directory=str(files("rind.serving.pages") / "static")), name="static")
    _handle_errors(app)
    app.add_middleware(
        Gate, access=access, settings=settings, measures=serving.measures, page=lambda s, p: _error_page(serving, s, p)
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    serving: Serving = app.state.serving

    async def keep_books() -> None:
        """Write the waiting lines of the audit log every few seconds, and forget old ones once a day."""
        pruned = float("-inf")
        while True:
            if time.monotonic() - pruned > PRUNE_SECONDS:
                pruned = time.monotonic()
                await asyncio.to_thread(_prune, serving)
            await asyncio.sleep(FLUSH_SECONDS)
            await asyncio.to_thread(serving.access.flush)

    task = asyncio.create_task(keep_books())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        serving.access.flush()
        serving.pictures.close()


def _prune(serving: Serving) -> None:
    try:
        gone = serving.access.prune(serving.settings.audit_days)
    except sqlite3.Error as error:  # tomorrow is another day
        logger.error("the audit log could not be pruned: %s", error)
    else:
        logger.info("%d lines of the audit log were older than %g days", gone, serving.settings.audit_days)


class _Static(StaticFiles):
    """Files that never change under one address."""

    def file_response(self, *given: Any, **more: Any) -> Response:
        answer = super().file_response(*given, **more)
        answer.headers["cache-control"] = "public, max-age=86400"
        return answer


class _Described(FastAPI):
    """Says in the OpenAPI document how to be let in; the gate does it, not the routes."""

    def openapi(self) -> dict[str, Any]:
        """The document of the framework, with the key that is asked for and the shape of every problem."""
        document = super().openapi()
        scheme = {"type": "http", "scheme": "bearer", "description": "A key of `rind keys create`"}
        parts = document.setdefault("components", {})
        parts["securitySchemes"] = {"key": scheme}
        parts["schemas"]["Problem"] = Problem.model_json_schema()
        document["security"] = [{"key": []}]
        return document


def _handle_errors(app: FastAPI) -> None:
    """Say what was foreseen; the gate answers for the rest."""

    async def foreseen(request: Request, error: Exception) -> Response:
        return _answer(request, _problem_of(error))

    for kind in (ProblemError, HTTPException, RequestValidationError, RindError):
        app.add_exception_handler(kind, foreseen)


def _problem_of(error: Exception) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        told = [{"where": ".".join(str(part) for part in e["loc"]), "what": str(e["msg"])} for e in error.errors()[:20]]
        return ProblemError(422, errors=told)
    if isinstance(error, RindError):
        return ProblemError(503, error.message, headers={"retry-after": "10"})
    assert isinstance(error, HTTPException)
    return ProblemError(error.status_code, headers=error.headers)


def _answer(request: Request, problem: ProblemError) -> Response:
    if wants_page(request.scope):
        return _error_page(request.app.state.serving, request.scope, problem)
    return problem_response(problem, request.url.path)


def _error_page(serving: Serving, scope: Scope, problem: ProblemError) -> Response:
    fmt = serving.pages.format("")
    template = serving.pages.environment.get_template("error.html.j2")
    from markupsafe import Markup

    content = Markup(template.render(problem=problem))
    who = scope.get("state", {}).get("principal")
    text = serving.pages.frame(content, problem.title, who, scope["path"], fmt)
    return HTMLResponse(text, problem.status, headers=problem.headers)
