"""The page of the voice of the customer: topics, what they are worth, and sentences for who may read them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from rind.reports.voice_text import SOURCES
from rind.serving.pages.shared import page
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.documents import listed_objects, mapping_of, mapping_or_nothing

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/voice", "Voice")
MOST_ACCOUNTS = 30


@router.get("/voice")
async def voice(context: Reader) -> HTMLResponse:
    """What customers say; the sentences and departures of accounts that the reader may see, and money where all are."""
    return await page(context, "voice.html.j2", "Voice of the customer", (), lambda: _values(context))


def _values(context: RequestContext) -> dict[str, Any]:
    document = context.week.document("voice_texts")
    topics = listed_objects(document, "topics")
    sentences = _visible(context, listed_objects(document, "sentences"))
    quoted: dict[tuple[Any, Any], list[dict[str, Any]]] = {}
    for sentence in sentences:
        quoted.setdefault((sentence.get("source"), sentence.get("topic")), []).append(sentence)
    groups = [
        (source, title, [(topic, quoted.get((source, topic.get("topic")), []))
                         for topic in topics if topic.get("source") == source])
        for source, title in SOURCES.items()
    ]  # fmt: skip
    post_mortem = mapping_of(document, "post_mortem")
    return {
        "groups": [group for group in groups if group[2]],
        "only": context.visibility.only,
        "reasons": listed_objects(post_mortem, "reasons"),
        "departed": _visible(context, listed_objects(post_mortem, "accounts"))[:MOST_ACCOUNTS],
        "notes": mapping_or_nothing(document).get("notes") or [],
    }


def _visible(context: RequestContext, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if context.visibility.shows(str(row.get("account_id")), row.get("csm"))]
