"""The page What works: what each playbook did to the risk of leaving, against comparable accounts that got none."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from rind.serving.pages.shared import page
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.documents import mapping_or_nothing
from rind.serving.views.effects import playbooks
from rind.serving.views.run_facts import facts_of

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/effects", "What works")


@router.get("/effects")
async def effects(context: Reader) -> HTMLResponse:
    """Sums over all accounts, no account by name: the same for every reader."""
    return await page(context, "effects.html.j2", "What works", (), lambda: _values(context))


def _values(context: RequestContext) -> dict[str, Any]:
    known = mapping_or_nothing(context.week.document("effects"))
    return {
        "playbooks": playbooks(context.week, context.format),
        "horizon_days": known.get("horizon_days") or facts_of(context.week).horizon_days,
        "started_from": known.get("started_from"), "started_until": known.get("started_until"),
        "not_judged": known.get("not_judged") or 0, "words": known.get("words") or [],
    }  # fmt: skip
