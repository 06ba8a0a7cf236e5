"""A row of counts as a small picture: SVG for pages, blocks for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

BLOCKS = "▁▂▃▄▅▆▇█"
HEIGHT, BAR, GAP = 28, 4, 1


def blocks(values: Sequence[float]) -> str:
    """One character a value: a blank for 0, else a block as high as its share of the largest."""
    most = max(values, default=0)
    return "".join(" " if v <= 0 else BLOCKS[min(int(v / most * len(BLOCKS)), len(BLOCKS) - 1)] for v in values)


def bars(values: Sequence[float], title: str) -> Markup:
    """One bar a value as an SVG in the page's own colours, named for screen readers; the last one is marked."""
    most = max(values, default=0) or 1
    width = max(len(values) * (BAR + GAP), 1)
    parts = []
    for i, value in enumerate(values):
        height = max(HEIGHT * value / most, 0.8) if value > 0 else 0
        kind = ' class="now"' if i == len(values) - 1 else ""
        parts.append(
            f'<rect x="{i * (BAR + GAP)}" y="{HEIGHT - height:.1f}" width="{BAR}" height="{height:.1f}"{kind}/>'
        )
    head = f'<svg class="spark" role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {HEIGHT}" width="{width}"'
    return Markup(f'{head} height="{HEIGHT}" preserveAspectRatio="none">{"".join(parts)}</svg>')
