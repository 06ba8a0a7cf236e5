"""The pages in a real browser: click, filter, sort, download, with and without a script."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from browsing import PAGES, WANTS_BROWSER, enter, listed
from served import share

pytestmark = WANTS_BROWSER


@pytest.fixture(params=[1280, 390])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_every_page_opens_by_a_click_and_fits_the_screen(browser: Any, address: str, width: int) -> None:
    page = enter(browser, address, width=width)
    for name, path in PAGES.items():
        page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name=name).click()
        page.wait_for_url(f"{address}{path}")
        assert page.locator("[aria-current=page]").inner_text() == name
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    assert page.complaints == []  # no script, style or picture was refused
    page.context.close()


def test_filter_sort_and_page_as_the_parquet_file_says(browser: Any, address: str, listing: pd.DataFrame) -> None:
    page = enter(browser, address)
    wanted = list(listing["account_id"])[:50]
    assert listed(page, wanted) == wanted
    page.get_by_role("link", name="Next").click()
    wanted = list(listing["account_id"])[50:100]
    assert listed(page, wanted) == wanted
    page.get_by_label("Segment").select_option("small_business")
    page.locator("select[name=csm]").select_option("Ben Carter")
    page.get_by_role("button", name="Show").click()
    chosen = listing[(listing["segment"] == "small_business") & (listing["csm"] == "Ben Carter")]
    wanted = list(chosen["account_id"])
    assert listed(page, wanted) == wanted
    assert page.locator(".tiles dd").first.inner_text() == f"{12 * chosen['mrr_at_risk'].sum():,.0f}"
    page.get_by_role("link", name="ARR at risk").click()
    wanted = list(chosen.sort_values("mrr_at_risk", ascending=False)["account_id"])
    assert listed(page, wanted) == wanted
    page.get_by_role("link", name="Clear").click()
    page.get_by_label("Account", exact=True).fill("north")
    page.get_by_role("button", name="Show").click()
    wanted = list(listing.loc[listing["name"].str.contains("North"), "account_id"])
    assert listed(page, wanted) == wanted
    page.context.close()


def test_a_download_has_the_rows_of_the_page(browser: Any, address: str, listing: pd.DataFrame) -> None:
    page = enter(browser, address)
    page.get_by_label("Risk").select_option("red")
    page.get_by_role("button", name="Show").click()
    wanted = list(listing.loc[listing["risk_band"] == "red", "account_id"])[:50]
    assert listed(page, wanted) == wanted
    for name, read in (("CSV", pd.read_csv), ("Excel", pd.read_excel)):
        with page.expect_download() as waited:
            page.get_by_role("link", name=name).click()
        content = io.BytesIO(Path(waited.value.path()).read_bytes())
        assert list(read(content)["account_id"]) == list(listing.loc[listing["risk_band"] == "red", "account_id"])
    page.context.close()


def test_the_account_shows_its_numbers_and_its_pictures(
    browser: Any, address: str, listing: pd.DataFrame, width: int
) -> None:
    page = enter(browser, address, width=width)
    row = listing.iloc[2]
    page.get_by_role("link", name=row["name"], exact=True).first.click()
    page.wait_for_url(f"{address}/accounts/{row['account_id']}")
    tiles = page.locator(".tiles").inner_text()
    for text in (share(row["churn_probability"]), f"{row['health_score']:.0f}", f"{12 * row['mrr_at_risk']:,.0f}"):
        assert text in tiles
    page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    until = time.monotonic() + 60
    while not page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)"):
        assert time.monotonic() < until, "a picture does not come"
        page.wait_for_timeout(100)
    assert page.locator("img").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.complaints == []
    page.context.close()


def test_a_point_of_the_quadrant_opens_the_account(browser: Any, address: str) -> None:
    page = enter(browser, address)
    page.goto(f"{address}/watermelons")
    point = page.locator("figure svg a").last
    wanted = point.get_attribute("href")
    point.click()
    page.wait_for_url(f"{address}{wanted}")
    number = wanted.rpartition("/")[2]
    assert number in page.locator("main").inner_text()
    page.context.close()


def test_a_watermelon_of_the_quadrant_is_named_when_the_keyboard_reaches_it(browser: Any, address: str) -> None:
    page = enter(browser, address)
    page.goto(f"{address}/watermelons")
    point = page.locator("figure svg a[aria-label]").first
    point.focus()
    assert page.locator(".tip").inner_text() == point.get_attribute("aria-label")
    assert page.locator("figure svg a:not([aria-label])").first.get_attribute("tabindex") == "-1"
    page.locator("h1").click()
    assert not page.locator(".tip").is_visible()
    assert page.complaints == []
    page.context.close()


def test_the_list_can_be_searched_without_a_script_too(browser: Any, address: str, listing: pd.DataFrame) -> None:
    page = enter(browser, address, script=False)
    page.get_by_label("Risk").select_option("red")
    page.get_by_role("button", name="Show").click()
    wanted = list(listing.loc[listing["risk_band"] == "red", "account_id"])[:50]
    assert listed(page, wanted) == wanted
    page.get_by_role("link", name="Account", exact=True).click()
    wanted = list(listing[listing["risk_band"] == "red"].sort_values("name")["account_id"])[:50]
    assert listed(page, wanted) == wanted
    page.context.close()


def test_weights_can_be_tried_without_a_script_too(browser: Any, address: str) -> None:
    page = enter(browser, address, script=False)
    page.goto(f"{address}/health-score?usage=90")
    assert page.get_by_role("columnheader", name="Yours").count() == 2
    page.get_by_label("Green from").fill("80")
    page.get_by_role("button", name="Recompute").click()
    assert "green_from=80" in page.url
    page.context.close()
