"""The forecast of each quarter beside what came, as an SVG in the page's own colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

WIDTH, HEIGHT, TOP, BOTTOM, LEFT = 760, 250, 12, 30, 74
MARK = 7


def quarters_picture(rows: Sequence[tuple[str, Mapping[str, Any]]], title: str, money: Mapping[float, str]) -> Markup:
    """One column a quarter: the interval as a bar, the expected as a line, last year's rate as a cross, what came as a
    point.

    All amounts are shares of what was there on the day of the forecast, so that quarters can be compared.

    Parameters
    ----------
    rows
        The name of a quarter, and its row of forecast.parquet (None for what is not known).
    money
        Share -> how the axis writes it.
    """
    known = [(name, row) for name, row in rows if row.get("arr")]
    if not known:
        return Markup("")
    low, high = min(money), max(money)
    step = (WIDTH - LEFT) / len(known)
    grid = "".join(_grid_line(share, words, low, high) for share, words in money.items())
    columns = "".join(
        _column(name, row, LEFT + step * (n + 0.5), min(step * 0.45, 34), low, high)
        for n, (name, row) in enumerate(known)
    )
    head = f'<svg class="quarters" role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return Markup(f"{head}{grid}{columns}</svg>")


def shares(row: Mapping[str, Any]) -> dict[str, float]:
    """The amounts of a forecast as shares of what was there on its day."""
    names = ("low", "high", "arr_expected", "arr_naive", "arr_actual")
    return {name: row[name] / row["arr"] for name in names if row.get("arr") and row.get(name) is not None}


def _y(share: float, low: float, high: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (high - share) / ((high - low) or 1)


def _grid_line(share: float, words: str, low: float, high: float) -> str:
    y = _y(share, low, high)
    return (
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="end" x="{LEFT - 8}" y="{y + 4:.1f}">{escape(words)}</text>'
    )


def _column(name: str, row: Mapping[str, Any], x: float, width: float, low: float, high: float) -> str:
    at = {key: _y(share, low, high) for key, share in shares(row).items()}
    left, right = x - width / 2, x + width / 2
    parts = [f'<text class="middle" x="{x:.1f}" y="{HEIGHT - 8}">{escape(name)}</text>']
    if "low" in at and "high" in at:
        tall = at["low"] - at["high"]
        parts.append(
            f'<rect class="range" x="{left:.1f}" y="{at["high"]:.1f}" width="{width:.1f}" height="{tall:.1f}"/>'
        )
    if "arr_expected" in at:
        y = at["arr_expected"]
        parts.append(f'<line class="expected" x1="{left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
    if "arr_naive" in at:
        parts.append(f'<path class="naive" d="{_cross(x, at["arr_naive"])}"/>')
    if "arr_actual" in at:
        parts.append(f'<circle class="actual" cx="{x:.1f}" cy="{at["arr_actual"]:.1f}" r="5"/>')
    return "".join(parts)


def _cross(x: float, y: float) -> str:
    s = MARK / 1.4
    return f"M{x - s:.1f} {y - s:.1f}L{x + s:.1f} {y + s:.1f}M{x - s:.1f} {y + s:.1f}L{x + s:.1f} {y - s:.1f}"
