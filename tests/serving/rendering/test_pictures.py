"""Charts as SVG."""

from __future__ import annotations

import asyncio

import pandas as pd
import pytest

from rind.serving.problems import ProblemError
from rind.serving.rendering import pictures
from rind.serving.rendering.pictures import Drawing, Pictures, draw, unavailable

POINTS = pd.DataFrame({"as_of": pd.to_datetime(["2026-01-05", "2026-01-12"]), "value": [1.0, 2.0]})
QUADRANT = pd.DataFrame(
    {
        "account_id": ["a/b", "x<y"], "health_score": [80.0, 20.0], "churn_probability": [0.6, 0.1],
        "mrr": [100.0, 50.0], "watermelon": [True, False],
    }
)  # fmt: skip


def test_the_dark_picture_is_the_light_one_in_other_colours() -> None:
    light, dark = (
        draw(Drawing("account_charts.small_series", (POINTS,), "Uses", theme)) for theme in ("light", "dark")
    )
    assert 'aria-label="Uses"' in light
    assert "#1f2933" in light
    assert not any(colour in dark for colour in pictures.DARK)


def test_points_are_links_and_the_keyboard_stops_at_the_focusable_ones() -> None:
    links = {"a/b": "A & B", "x<y": "X"}
    svg = draw(Drawing("charts.health_quadrant", (QUADRANT, 65.0, 0.5), "All", "inline", links, frozenset({"a/b"})))
    assert '<a href="/accounts/~YS9i" aria-label="A &amp; B">' in svg
    assert '<a href="/accounts/x%3Cy" tabindex="-1" aria-hidden="true">' in svg
    assert 'role="group"' in svg


def test_a_picture_that_takes_too_long_is_a_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SECONDS", 0.001)
    drawer = Pictures()
    try:
        with pytest.raises(ProblemError) as raised:
            asyncio.run(drawer.svg(Drawing("account_charts.small_series", (POINTS,), "")))
        assert raised.value.status == 503
    finally:
        drawer.close()


def test_the_picture_in_the_place_of_one_says_so_in_the_colour_of_its_theme() -> None:
    assert "cannot be drawn now" in unavailable("light")
    assert pictures.DARK["#1f2933"] in unavailable("dark")
