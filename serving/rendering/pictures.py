"""Charts as SVG, drawn in a process of their own: drawing one holds Python's lock for a tenth of a second."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from rind.serving.addresses import account_segment
from rind.serving.problems import ProblemError

Theme = Literal["light", "dark", "inline"]
DARK = {"#1f2933": "#e6eaee", "#d5dbe1": "#37424d", "#0072b2": "#4aa8dd", "#c65102": "#ef8a4a", "#7a8691": "#98a4af"}
POINT = re.compile(r'<path aria-label="([^"]*)"[^>]*?( transform="[^"]*" d="[^"]*"[^>]*)/?>(?:</path>)?')
LINK_ARIA = "data-aria-"  # stands for aria- in a link until `named` has removed the other aria attributes
SECONDS = 30.0


@dataclass(frozen=True)
class Drawing:
    """What to draw: a function of `reports`, its arguments, and the names behind its points.

    Parameters
    ----------
    chart
        "module.function" inside the package ``reports``.
    arguments
        Of the function; frames are sent to the other process.
    title
        For screen readers.
    links
        Account id -> words: points whose description is the id become links to the account.
    focusable
        Those of them that the keyboard stops at; it skips the others, which may be hundreds.
    """

    chart: str
    arguments: Sequence[Any]
    title: str
    theme: Theme = "light"
    links: Mapping[str, str] = field(default_factory=dict)
    focusable: frozenset[str] = frozenset()


class Pictures:
    """One drawing process; started at the first picture, or by `warm`."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def warm(self) -> None:
        """Start the process and let it import what it needs."""
        self._executor().submit(_warm)

    async def svg(self, drawing: Drawing) -> str:
        """The picture; 503 where it cannot be drawn in time."""
        loop = asyncio.get_running_loop()
        for attempt in (1, 2):
            try:
                return await asyncio.wait_for(loop.run_in_executor(self._executor(), draw, drawing), SECONDS)
            except BrokenProcessPool:
                self.close()
                if attempt == 2:
                    break
            except TimeoutError:
                break
        raise ProblemError(503, "This picture cannot be drawn now; load the page again.")

    def close(self) -> None:
        """End the process."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _executor(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_lower_priority)
        return self._pool


def _lower_priority() -> None:
    """Let the process that answers requests run first."""
    os.nice(5)


def _warm() -> None:
    import pandas as pd

    draw(Drawing("account_charts.small_series", (pd.DataFrame({"as_of": [pd.Timestamp(0)], "value": [1.0]}),), ""))


def draw(drawing: Drawing) -> str:
    """The chart as SVG: for an ``<img>`` in light or dark, or for the inside of a page, in the page's own colours."""
    from importlib import import_module

    from rind.reports.charts import to_svg
    from rind.reports.inline_svg import GROUND, inline_svg, named

    module, function = drawing.chart.split(".")
    chart = getattr(import_module(f"rind.reports.{module}"), function)(*drawing.arguments)
    if drawing.theme == "inline" and not drawing.links:
        return str(inline_svg(chart, drawing.title))
    svg = GROUND.sub("", to_svg(chart), count=1)
    if drawing.theme == "dark":
        for light, dark in DARK.items():
            svg = svg.replace(light, dark)
    if drawing.theme == "inline":
        svg = svg.replace("#1f2933", "currentColor").replace("#d5dbe1", "var(--line)")
        svg = POINT.sub(lambda point: _link(point, drawing.links, drawing.focusable), svg)
    picture = named(svg, drawing.title)
    if drawing.links:  # an image holds no links
        picture = picture.replace('role="img"', 'role="group"', 1).replace(LINK_ARIA, "aria-")
    return picture


def unavailable(theme: Theme) -> str:
    """A picture that says that the real one cannot be drawn."""
    words = "This picture cannot be drawn now; load the page again."
    ink = DARK["#1f2933"] if theme == "dark" else "#1f2933"
    text = f'<text x="50%" y="50%" text-anchor="middle" font-family="Arial, sans-serif" font-size="13" fill="{ink}">'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="170" role="img">{text}{words}</text></svg>'


def _link(point: re.Match[str], links: Mapping[str, str], focusable: frozenset[str]) -> str:
    from html import unescape

    account = unescape(point[1])
    if account not in links:
        return point[0]
    address = account_segment(account)
    words = escape(links[account])
    shown = f'{LINK_ARIA}label="{words}"' if account in focusable else f'tabindex="-1" {LINK_ARIA}hidden="true"'
    return f'<a href="/accounts/{address}" {shown}><title>{words}</title><path{point[2]}/></a>'
