"""What a reader sees first, and whether everybody can read it: list, letters, tabs, keyboard, contrast (axe-core)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import PAGES, WANTS_BROWSER, served
from health_company import BOUNDS, proposed, record_of
from moment_examples import page as moments_page
from report_examples import AS_OF, facts, lists

from rind.common.facts.health import CurvesRecord, HealthRecord
from rind.reports.charts import family_importance
from rind.reports.health_page import HealthContext, render_health
from rind.reports.page import PageContext, render_page
from rind.reports.risk_list import changes
from rind.reports.summary import summarise

pytestmark = WANTS_BROWSER

SIZES = {1280: 900, 390: 844}
LEAST_LETTER = 11  # pixels, as shown
LETTERS = """() => [...document.querySelectorAll("figure svg text")].map(text => {
    const at = text.getScreenCTM();
    return Math.hypot(at.a, at.b) * parseFloat(getComputedStyle(text).fontSize);
})"""
IN_SIGHT = """() => {
    const box = document.querySelector("[aria-current=page]").getBoundingClientRect();
    return box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight;
}"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def demo(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(results, tmp_path_factory.mktemp("access"), demo=True) as address:
        yield address


LATER = [pytest.param(screen, marks=pytest.mark.bench) for screen in ((1280, "dark"), (390, "light"))]
"""The other combinations of width and scheme: `make bench` looks at them."""


@pytest.fixture(params=[(1280, "light"), (390, "dark"), *LATER], ids=str)
def screen(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    width, scheme = request.param
    size = {"width": width, "height": SIZES[width]}
    context = browser.new_context(viewport=size, color_scheme=scheme, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def pages_on(screen: Any) -> list[str]:
    """Each page is looked at in both widths and in both schemes, the two that differ most by width in all four."""
    most_different = ["/", "/accounts/A00003"]
    dark = screen.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    if dark == (screen.viewport_size["width"] == 1280):
        return most_different
    return [*PAGES.values(), *most_different[1:], "/book?csm=Amara+Okafor", "/nowhere"]


def test_every_page_is_without_findings_of_axe_fits_and_has_letters_that_can_be_read(demo: str, screen: Any) -> None:
    for path in pages_on(screen):
        screen.goto(f"{demo}{path}")
        assert [finding["id"] for finding in Axe().run(screen).response["violations"]] == [], path
        assert screen.evaluate(FITS), path
        assert min(screen.evaluate(LETTERS), default=LEAST_LETTER) >= LEAST_LETTER, path


def test_the_list_begins_on_the_first_screen_and_the_active_tab_is_in_sight(demo: str, screen: Any) -> None:
    for path in PAGES.values():
        screen.goto(f"{demo}{path}")
        assert screen.evaluate(IN_SIGHT), path
    screen.goto(demo)
    first = screen.locator("table.list tbody tr").first.bounding_box()
    assert first["y"] + 60 < screen.viewport_size["height"]


def test_the_html_list_is_without_findings_of_axe_fits_and_has_letters_that_can_be_read(
    screen: Any, tmp_path: Path
) -> None:
    listed, previous = lists(30)
    summary, moved = summarise(listed, AS_OF), changes(listed, previous, 10)
    chart = family_importance(pd.DataFrame({"family": ["usage"], "importance": [0.5]}))
    page = render_page(PageContext(facts(), listed, summary, moved, {"Families": chart}, 20))
    assert findings(screen, page, tmp_path) == []


def test_the_page_of_the_weights_is_without_findings_of_axe_and_fits(screen: Any, tmp_path: Path) -> None:
    feature = "tickets__what__now"
    curves: CurvesRecord = {
        "current": {feature: [0, 100]}, "proposed": {feature: [10, 60]}, "evidence": None, "recommend": False,
        "words": "Which may be chance.",
    }  # fmt: skip
    record: HealthRecord = {**record_of(proposed()), "curves": curves}
    page = render_health(HealthContext("Hearth", record, BOUNDS, 28, "health_params.yaml"))
    assert findings(screen, page, tmp_path) == []


def test_the_page_of_the_moments_is_without_findings_of_axe_and_fits(screen: Any, tmp_path: Path) -> None:
    assert findings(screen, moments_page(), tmp_path) == []


def findings(screen: Any, page: str, folder: Path) -> list[str]:
    """Open a page that needs nothing else: why somebody could not read it."""
    (folder / "page.html").write_text(page, encoding="utf-8")
    screen.goto((folder / "page.html").as_uri())
    violations = [finding["id"] for finding in Axe().run(screen).response["violations"]]
    wide = [] if screen.evaluate(FITS) else ["it is wider than the screen"]
    small = [f"letters of {letter:.1f} pixels" for letter in screen.evaluate(LETTERS) if letter < LEAST_LETTER]
    return violations + wide + small
