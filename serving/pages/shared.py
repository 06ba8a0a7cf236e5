"""What all pages share: the inside is kept as long as the week is the same, the frame is the reader's own."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from starlette.responses import HTMLResponse

from rind.serving.request_context import Asked
from rind.serving.views.run_facts import facts_of


async def page(
    given: Asked, template: str, title: str, key: tuple[Hashable, ...], make: Callable[[], dict[str, Any]]
) -> HTMLResponse:
    """Answer with ``template`` over ``make()``'s values.

    Parameters
    ----------
    key
        What the values depend on, beyond the week and whose accounts are shown.
    """
    fmt = given.fmt
    content = await given.work(lambda: given.serving.pages.piece(template, (*given.base, *key), fmt, make))
    facts = facts_of(given.week)
    text = given.serving.pages.frame(content, title, given.who, given.request.url.path, fmt, facts=facts)
    return HTMLResponse(text)
