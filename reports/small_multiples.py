"""Many small lines side by side: one number through time, as an SVG in the page's own colours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup, escape

WIDTH, HEIGHT, EDGE = 240, 54, 4


def line(values: Sequence[float | None], title: str, partial: int = 0) -> Markup:
    """A line from left to right over the values, gaps where one is missing, a point at the last one.

    Parameters
    ----------
    values
        In the order of time, None where nothing is known. The lowest lies at the bottom, the highest at the top.
    title
        For screen readers.
    partial
        How many of the last values are preliminary: their point is hollow.
    """
    known = [value for value in values if value is not None]
    if not known:
        return Markup("")
    low, high = min(known), max(known)
    points = [None if value is None else _place(n, len(values), value, low, high) for n, value in enumerate(values)]
    runs = [list(run) for there, run in groupby(points, key=lambda point: point is not None) if there]
    drawn = "".join(
        f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in filter(None, run))}"/>' for run in runs
    )
    last = max(n for n, point in enumerate(points) if point is not None)
    place = points[last]
    kind = "hollow" if last >= len(values) - partial else "now"
    dot = f'<circle class="{kind}" cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="3"/>' if place else ""
    head = f'<svg class="trend" role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return Markup(f"{head}>{drawn}{dot}</svg>")


def _place(n: int, count: int, value: float, low: float, high: float) -> tuple[float, float]:
    x = EDGE + (WIDTH - 2 * EDGE) * (n / (count - 1) if count > 1 else 0.5)
    share = (value - low) / (high - low) if high > low else 0.5
    return x, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share
