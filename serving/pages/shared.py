"""What all pages share: rendering that is cached while the week is the same, and charts inside pages."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from rind.serving.rendering.pictures import Drawing
from rind.serving.rendering.renderer import filled
from rind.serving.request_context import RequestContext
from rind.serving.views.run_facts import facts_of


async def page(
    context: RequestContext,
    template: str,
    title: str,
    key: tuple[Hashable, ...],
    make: Callable[[], Mapping[str, Any]],
    fill: Callable[[str, str], str] = lambda *_: "",
) -> HTMLResponse:
    """Answer with ``template`` over ``make()``'s values.

    Parameters
    ----------
    key
        What the values depend on, beyond the week and whose accounts are shown.
    fill
        What stands in the slots of the template: what changes within the week, or is another for each reader.
    """
    piece = await context.run(
        lambda: context.serving.renderer.piece(template, (*context.cache_key, *key), context.format, make)
    )
    return framed(context, filled(piece, fill), title)


def framed(context: RequestContext, content: Markup, title: str) -> HTMLResponse:
    """The whole page around its inside: the menu, the week, and a notice where this week is not the newest."""
    frame = context.serving.renderer.frame(
        content,
        title,
        context.principal,
        context.request.url.path,
        context.format,
        facts=facts_of(context.week),
        newer_problem=context.serving.store.problem(),
    )
    return HTMLResponse(frame)


def open_page(request: Request, template: str, title: str, **values: Any) -> str:
    """A page for whoever is not logged in: it has no menu and knows no week."""
    renderer = request.app.state.serving.renderer
    fmt = renderer.format(request.headers.get("accept-language", ""))
    html: str = renderer.frame(renderer.render(template, title=title, **values), title, None, request.url.path, fmt)
    return html


async def inline_chart(context: RequestContext, key: tuple[str, ...], drawing: Drawing) -> Markup:
    """A chart for the inside of a page, drawn once a week, locale and visibility."""
    whole_key = ("inline", *context.cache_key, context.format.name, *key)
    chart: Markup | None = context.serving.renderer.cache.get(whole_key)
    if chart is None:
        chart = Markup(await context.serving.pictures.svg(drawing))
        context.serving.renderer.cache.put(whole_key, chart)
    return chart
