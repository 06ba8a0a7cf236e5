"""Pages of lists."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypedDict, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

MOST_ROWS = 200
Item = TypeVar("Item")


class PageQuery(BaseModel):
    """Which page of a list; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: int = Field(1, ge=1, le=100_000, description="Counted from 1; a page beyond the last is empty")
    page_size: int = Field(50, ge=1, le=MOST_ROWS)


class PagingMembers(TypedDict):
    """The members of `serving.api.schemas.Paging`."""

    page: int
    page_size: int
    pages: int
    total: int
    next: str | None


def page_of(request: Request, rows: Sequence[Item], query: PageQuery) -> tuple[Sequence[Item], PagingMembers]:
    """The rows of one page, and where in the list it is."""
    size, page, total = query.page_size, query.page, len(rows)
    pages = max(1, math.ceil(total / size))
    following = str(request.url.include_query_params(page=page + 1).replace(scheme="", netloc=""))
    paging = PagingMembers(
        page=page, page_size=size, pages=pages, total=total, next=following if page < pages else None
    )
    return rows[(page - 1) * size : page * size], paging
