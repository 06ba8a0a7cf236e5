"""The application: pages and API, the middleware in front of both, and the answers to errors."""

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
from rind.serving.access.company_login.door import CompanyLogin
from rind.serving.access.company_login.metadata import ProviderError
from rind.serving.access.database import AccessFileError
from rind.serving.access.middleware import BUSY, AccessMiddleware
from rind.serving.api.registry import ENDPOINTS
from rind.serving.api.schemas import Problem, ScoreRequest
from rind.serving.feedback.file import Feedback, beside
from rind.serving.metrics import Metrics, Surroundings
from rind.serving.pages.registry import NAVIGATION, PAGES
from rind.serving.problems import ProblemError, invalid_fields, problem_response, wants_page
from rind.serving.rendering.renderer import PageRenderer
from rind.serving.request_context import Scorer, Serving
from rind.serving.settings import Settings
from rind.serving.store.protocols import Store, Week

logger = logging.getLogger(__name__)

ABOUT = """The weekly risk list of Rind as data.

Send an API key as `Authorization: Bearer rind_...` (`rind keys create`). Lists come in pages; every answer carries an
`ETag`, and a request with `If-None-Match` costs nothing while the week is the same. Errors are
`application/problem+json` (RFC 9457)."""
FLUSH_SECONDS = 1.0
SEEN_SECONDS = 60.0
PRUNE_SECONDS = 86_400.0


def create_app(
    store: Store, access: Access, settings: Settings | None = None, scorer: Callable[[Week], Scorer] | None = None,
    surroundings: Surroundings | None = None,
) -> FastAPI:  # fmt: skip
    """The ASGI application.

    Parameters
    ----------
    store
        Where the weeks are.
    access
        Users, sessions, keys, audit. Feedback lies in a file beside theirs.
    scorer
        Gives the model that scored a week, for POST /v1/score; None: there is none, and the endpoint answers 501.
    surroundings
        What lies beside the results, for /metrics; None: nothing is known of it.
    """
    settings = settings or Settings()
    renderer = PageRenderer(settings, NAVIGATION)
    feedback = Feedback(beside(access.path), None if settings.demo else access.audit)
    company_login = _company_login(access, settings)
    serving = Serving(store, access, settings, renderer, Metrics(), feedback, scorer, company_login)
    serving.metrics.watch(store, surroundings or Surroundings())
    app = _DescribedApp(
        title="Rind", description=ABOUT, version=version("rind"), lifespan=_lifespan,
        openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.serving = serving
    for module in (*ENDPOINTS, *PAGES):
        app.include_router(module.router)
    app.mount("/static", _CachedFiles(directory=str(files("rind.serving.pages") / "static")), name="static")
    _handle_errors(app)
    app.add_middleware(
        AccessMiddleware, access=access, settings=settings, metrics=serving.metrics,
        error_page=lambda scope, problem: _error_page(serving, scope, problem), company_login=company_login,
    )  # fmt: skip
    return app


def _company_login(access: Access, settings: Settings) -> CompanyLogin | None:
    if settings.oidc is None or settings.demo:
        return None
    return CompanyLogin(settings.oidc, settings.oidc_secret, access.sessions, access.audit)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    serving: Serving = app.state.serving
    tasks = [asyncio.create_task(work) for work in (_keep_audit_log(serving), _try_company_login(serving))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        serving.access.audit.flush()
        serving.feedback.close()
        serving.pictures.close()


async def _try_company_login(serving: Serving) -> None:
    """Say in the log whether the company's own login answers: whoever sets it up sees a wrong issuer at once."""
    if serving.company_login is None:
        return
    try:
        metadata = await serving.company_login.provider.metadata()
    except ProviderError as error:
        logger.error("nobody can log in by the company's login yet: %s", error)
    else:
        logger.info("the company's login answers: %s", metadata.issuer)


async def _keep_audit_log(serving: Serving) -> None:
    """Write the pending lines of the audit log every `FLUSH_SECONDS`, when sessions were seen, and prune once a day."""
    pruned_at = seen_at = float("-inf")
    while True:
        if time.monotonic() - pruned_at > PRUNE_SECONDS:
            pruned_at = time.monotonic()
            await asyncio.to_thread(_prune, serving)
        await asyncio.sleep(FLUSH_SECONDS)
        await asyncio.to_thread(serving.access.audit.flush)
        if time.monotonic() - seen_at > SEEN_SECONDS:
            seen_at = time.monotonic()
            await asyncio.to_thread(serving.access.sessions.write_seen)


def _prune(serving: Serving) -> None:
    days = serving.settings.audit_days
    if days is None:
        return
    try:
        deleted = serving.access.audit.prune(days)
    except (AccessFileError, sqlite3.Error) as error:  # the next day tries again
        logger.error("the audit log could not be pruned: %s", error)
    else:
        logger.info("%d lines of the audit log were older than %g days", deleted, days)


class _CachedFiles(StaticFiles):
    """Static files, which browsers may keep for a day: the address of a file changes with its content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=86400"
        return response


class _DescribedApp(FastAPI):
    """Adds to the OpenAPI document what the middleware does for all routes: the key, and the problem documents."""

    def openapi(self) -> dict[str, Any]:
        """FastAPI's document, with the API key as security scheme and the schema of every problem."""
        document = super().openapi()
        scheme = {"type": "http", "scheme": "bearer", "description": "A key of `rind keys create`"}
        components = document.setdefault("components", {})
        components["securitySchemes"] = {"key": scheme}
        components["schemas"]["Problem"] = Problem.model_json_schema()
        body = ScoreRequest.model_json_schema(ref_template="#/components/schemas/{model}")
        components["schemas"] |= body.pop("$defs") | {"ScoreRequest": body}
        document["security"] = [{"key": []}]
        return document


def _handle_errors(app: FastAPI) -> None:
    """Answer known errors with their problem; the middleware answers 500 to all others."""

    async def handle(request: Request, error: Exception) -> Response:
        problem = _problem_of(error)
        if wants_page(request.scope):
            return _error_page(request.app.state.serving, request.scope, problem)
        return problem_response(problem, request.url.path)

    for kind in (ProblemError, HTTPException, RequestValidationError, RindError):
        app.add_exception_handler(kind, handle)


def _problem_of(error: Exception) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return ProblemError(422, errors=invalid_fields(error.errors()))
    if isinstance(error, AccessFileError):
        return BUSY
    if isinstance(error, RindError):
        return ProblemError(503, error.message, headers={"retry-after": "10"})
    assert isinstance(error, HTTPException)
    return ProblemError(error.status_code, headers=error.headers)


def _error_page(serving: Serving, scope: Scope, problem: ProblemError) -> Response:
    renderer = serving.renderer
    content = renderer.render("error.html.j2", problem=problem)
    principal = scope.get("state", {}).get("principal")
    text = renderer.frame(content, problem.title, principal, scope["path"], renderer.format(""))
    return HTMLResponse(text, problem.status, headers=problem.headers)
