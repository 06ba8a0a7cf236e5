"""Charts inside a page: they take the page's colours and have names for screen readers."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from rind.reports.charts import FAINT, INK, AnyChart, to_svg

GROUND = re.compile(r'<rect width="[\d.]+" height="[\d.]+" fill="#ffffff"\s*/?>(?:</rect>)?')
"""The white ground of a chart."""


def inline_svg(chart: AnyChart, title: str) -> Markup:
    """The chart for use inside a page: named for screen readers, in the page's own ink and without a ground."""
    svg = to_svg(chart)
    svg = svg.replace(INK, "currentColor").replace(FAINT, "var(--line)")
    return Markup(named(GROUND.sub("", svg, count=1), title))


def named(svg: str, title: str) -> str:
    """The picture under one name for screen readers, instead of one for each of its marks."""
    plain = re.sub(r' aria-\w+="[^"]*"| role="graphics-[^"]*"', "", svg)
    return plain.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
