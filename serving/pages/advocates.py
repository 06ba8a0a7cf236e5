"""The page of the accounts that are ready to be asked for a reference, or to be offered more."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from rind.serving.pages.shared import page
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.documents import listed_objects, mapping_of

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/advocates", "Advocates")
KINDS = {"advocate": "Ready to be asked for a reference", "expansion": "Ready to be offered more"}
MOST_LISTED = 50


@router.get("/advocates")
async def advocates(context: Reader) -> HTMLResponse:
    """The accounts that the reader may see, the best first, each with its reason."""
    return await page(context, "advocates.html.j2", "Advocates", (), lambda: _values(context))


def _values(context: RequestContext) -> dict[str, Any]:
    document = context.week.document("advocate_list")
    visible = [
        row for row in listed_objects(document, "accounts")
        if context.visibility.shows(str(row.get("account_id")), row.get("csm"))
    ]  # fmt: skip
    groups = [(kind, title, [row for row in visible if row.get("kind") == kind]) for kind, title in KINDS.items()]
    return {
        "groups": groups,
        "rules": mapping_of(document, "rules"),
        "most": MOST_LISTED,
        "known": document is not None,
    }
