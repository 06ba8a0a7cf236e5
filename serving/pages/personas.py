"""The page of the personas: who leaves and who stays, by what is known early."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from rind.reports.persona_text import GROUPS, KNOWN
from rind.serving.pages.shared import page
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.documents import listed_objects, mapping_or_nothing

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/personas", "Personas")


@router.get("/personas")
async def personas(context: Reader) -> HTMLResponse:
    """The rules that were found, the confirmed ones first; shares of past accounts, and no account by name."""
    return await page(context, "personas.html.j2", "Personas", (), lambda: _values(context))


def _values(context: RequestContext) -> dict[str, Any]:
    document = context.week.document("personas")
    rows = sorted(listed_objects(document, "personas"), key=lambda row: not row.get("confirmed"))
    searched = listed_objects(document, "groups")
    groups = [(name, title, [row for row in rows if row.get("group") == name],
               [row for row in searched if row.get("group") == name]) for name, title in GROUPS.items()]  # fmt: skip
    notes = mapping_or_nothing(document).get("notes") or []
    return {"groups": groups, "when": KNOWN, "notes": notes, "known": bool(searched)}
