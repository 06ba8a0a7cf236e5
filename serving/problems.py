"""Errors as people and programs want them: a page with words, or application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

PROBLEM_JSON = "application/problem+json"
DETAILS = {
    400: "The request cannot be read.",
    401: "Log in, or send an API key as `Authorization: Bearer KEY`.",
    403: "You are known, but this is not yours to see or do.",
    404: "There is nothing here that you may see.",
    405: "This address does not do that.",
    413: "The body is larger than the server takes.",
    415: "Send JSON, as application/json.",
    421: "This server is not known by that name.",
    422: "Something in the request is not as it should be.",
    429: "Too many attempts; wait a minute.",
    500: "Something went wrong here; it was written to the server's log.",
    503: "There are no complete results to show yet.",
}


class ProblemError(Exception):
    """An error that the client sees: its status, its detail, and nothing of the inside of the server."""

    def __init__(
        self, status: int, detail: str = "", *, errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.status = status
        self.detail = detail or DETAILS.get(status, "")
        self.errors = errors
        self.headers = dict(headers or {})

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    def body(self, path: str) -> dict[str, Any]:
        """The members of a problem document."""
        errors = {"errors": self.errors} if self.errors else {}
        return {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail} | {
            "instance": path, **errors
        }  # fmt: skip


def problem_response(problem: ProblemError, path: str) -> Response:
    """The problem as JSON."""
    text = json.dumps(problem.body(path), ensure_ascii=False)
    return Response(text, problem.status, media_type=PROBLEM_JSON, headers=problem.headers)


def wants_page(scope: Scope) -> bool:
    """Whether a person with a browser asks, rather than a program."""
    if scope["path"].startswith("/v1/") or scope["path"] in ("/healthz", "/readyz", "/metrics"):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def invalid_fields(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Pydantic's errors as the ``errors`` of a problem document: where, what; the first twenty."""
    return [{"where": ".".join(str(part) for part in e["loc"]), "what": str(e["msg"])} for e in islice(errors, 20)]
