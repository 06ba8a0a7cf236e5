"""JSON answers: cached while the week is the same, with an ETag; and the problems that the document names."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from starlette.responses import Response

from rind.serving.problems import PROBLEM_JSON, ProblemError
from rind.serving.request_context import RequestContext
from rind.serving.store.protocols import Week

Described = dict[int | str, dict[str, Any]]
"""Status -> its part of the OpenAPI document."""


def described_problems(descriptions: Mapping[int, str]) -> Described:
    """Status -> description, as the OpenAPI document wants it, each with the schema of a problem."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": text, "content": content} for status, text in descriptions.items()}


PROBLEMS = described_problems(
    {
        400: "The request cannot be read",
        401: "No session and no key, or one that is no longer good",
        403: "The key lacks the scope",
        404: "No such account, or not one of yours",
        422: "A parameter is not as it should be",
        503: "There is no complete week yet",
    }
)
TAG = {"description": "To be sent as If-None-Match with the next request", "schema": {"type": "string"}}
NOT_CHANGED: Described = {200: {"headers": {"ETag": TAG}}, 304: {"description": "The same as If-None-Match"}}


async def cached_json(context: RequestContext, key: Hashable, make: Callable[[], Mapping[str, Any]]) -> Response:
    """The JSON of ``make()``, cached while the week is the same; 304 where the client has it already."""
    cache, whole_key = context.serving.renderer.cache, ("api", context.cache_key, key)
    cached: tuple[bytes, str] | None = cache.get(whole_key)
    if cached is None:
        body = as_json(await context.run(make))
        cached = (body, f'"{hashlib.sha256(body).hexdigest()[:24]}"')
        cache.put(whole_key, cached)
    body, tag = cached
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    held = context.request.headers.get("if-none-match", "")
    if tag in {part.strip().removeprefix("W/") for part in held.split(",")} or held.strip() == "*":
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def as_json(value: Any) -> bytes:
    """JSON, with null for the NaN and infinity that JSON does not have."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)
    except ValueError:
        text = json.dumps(finite(value), ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode()


def finite(value: Any) -> Any:
    """The value with None for each NaN and infinity in it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list | tuple) else value


def week_members(week: Week) -> dict[str, Any]:
    """The members that tell which week an answer is of."""
    return {"as_of": week.as_of.isoformat(), "version": week.version}


def missing_result(name: str) -> ProblemError:
    """The answer where a run left a result out."""
    return ProblemError(404, f"This run has no {name}; run `rind run` again with the present version.")
