"""The pages in a real browser: click, filter, sort, download, log in and out, on a wide screen and a phone."""

from __future__ import annotations

import io
import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import uvicorn
from served import OWN, PASSWORD, PICTURES, QUICK

from serving.access import Access
from serving.app import create_app
from serving.folder import FolderStore
from serving.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"]  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no browser: apt-get install --no-install-recommends chromium"),
]
PAGES = {"This week": "/", "Watermelons": "/watermelons", "True North": "/true-north", "Health score": "/health-score",
         "Model": "/model"}  # fmt: skip


@pytest.fixture(scope="module")
def address(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(results, tmp_path_factory.mktemp("access"), login_attempts_per_minute=100) as found:
        yield found


@contextmanager
def served(results: Path, folder: Path, **settings: Any) -> Iterator[str]:
    """A server on a port of its own, with a viewer, a CSM and an admin."""
    access = Access(folder / "access.sqlite", QUICK)
    for name, role, csm in (("vera", "viewer", ""), ("amara", "csm", OWN), ("ada", "admin", "")):
        access.add_user(name, PASSWORD, role, csm)
    app = create_app(FolderStore(results, 0), access, Settings(**settings))
    app.state.serving.pictures = PICTURES
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    access.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        found = tool.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=ARGS)
        yield found
        found.close()


@pytest.fixture(params=[1280, 390])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def enter(browser: Any, address: str, name: str = "vera", width: int = 1280, script: bool = True) -> Any:
    """A new page, logged in; anything that the browser complains about fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale="en-GB", java_script_enabled=script, accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.complaints = complaints
    page.goto(address)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("h1:has-text('accounts at risk')")
    return page


def ids(page: Any) -> list[str]:
    """The accounts of the list on the page."""
    links = page.locator("table.list tbody th a")
    return [str(link.get_attribute("href")).rsplit("/", 1)[1] for link in links.all()]


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
    assert ids(page) == list(listing["account_id"])[:50]
    page.get_by_role("link", name="Next").click()
    assert ids(page) == list(listing["account_id"])[50:100]
    page.get_by_label("Segment").select_option("small_business")
    page.get_by_label("CSM").select_option("Ben Carter")
    page.get_by_role("button", name="Show").click()
    chosen = listing[(listing["segment"] == "small_business") & (listing["csm"] == "Ben Carter")]
    assert ids(page) == list(chosen["account_id"])
    assert page.locator(".tiles dd").first.inner_text() == f"{12 * chosen['mrr_at_risk'].sum():,.0f}"
    page.get_by_role("link", name="MRR at risk").click()
    assert ids(page) == list(chosen.sort_values("mrr_at_risk", ascending=False)["account_id"])
    page.get_by_role("link", name="Clear").click()
    page.get_by_label("Account", exact=True).fill("north")
    page.get_by_role("button", name="Show").click()
    assert ids(page) == list(listing.loc[listing["name"].str.contains("North"), "account_id"])
    page.context.close()


def test_a_download_has_the_rows_of_the_page(browser: Any, address: str, listing: pd.DataFrame) -> None:
    page = enter(browser, address)
    page.get_by_label("Risk").select_option("red")
    page.get_by_role("button", name="Show").click()
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
    for said in (f"{row['churn_probability']:.0%}", f"{row['health_score']:.0f}", f"{row['mrr_at_risk']:,.0f}"):
        assert said in tiles
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


@pytest.mark.parametrize("language", ["de-CH", "fr-FR"])
def test_other_locales_and_long_names_fit_a_phone_too(
    browser: Any, results: Path, tmp_path: Path, language: str
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(results, folder)
    run = json.loads((folder / "run.json").read_text())
    run["facts"]["company"] = "/srv/customers/a_very_long_name_without_any_blanks/source"
    (folder / "run.json").write_text(json.dumps(run))
    with served(folder, tmp_path, demo=True, currency="CHF") as address:
        context = browser.new_context(viewport={"width": 390, "height": 900}, locale=language)
        page = context.new_page()
        page.set_default_timeout(60_000)
        for path in (*PAGES.values(), "/accounts/A00003", "/accounts/nobody"):
            page.goto(f"{address}{path}")
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        context.close()


def test_the_list_can_be_searched_without_a_script_too(browser: Any, address: str, listing: pd.DataFrame) -> None:
    page = enter(browser, address, script=False)
    page.get_by_label("Risk").select_option("red")
    page.get_by_role("button", name="Show").click()
    assert ids(page) == list(listing.loc[listing["risk_band"] == "red", "account_id"])[:50]
    page.get_by_role("link", name="Account", exact=True).click()
    assert len(ids(page)) > 0
    page.context.close()


def test_weights_can_be_tried_without_a_script_too(browser: Any, address: str) -> None:
    page = enter(browser, address, script=False)
    page.goto(f"{address}/health-score?usage=90")
    assert page.get_by_role("columnheader", name="Yours").count() == 2
    page.get_by_label("Green from").fill("80")
    page.get_by_role("button", name="Recompute").click()
    assert "green_from=80" in page.url
    page.context.close()


def test_a_csm_starts_with_the_own_accounts(browser: Any, address: str, listing: pd.DataFrame) -> None:
    page = enter(browser, address, "amara")
    assert ids(page) == list(listing.loc[listing["csm"] == OWN, "account_id"])
    page.get_by_label("CSM").select_option("Everybody")
    page.get_by_role("button", name="Show").click()
    assert ids(page) == list(listing["account_id"])[:50]
    page.context.close()


def test_after_logging_out_the_way_back_is_closed(browser: Any, address: str) -> None:
    page = enter(browser, address)
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{address}/login")
    page.go_back()
    page.wait_for_selector("h1:has-text('Log in')")
    assert page.locator("table.list").count() == 0
    page.context.close()


def test_an_admin_reads_who_saw_what(browser: Any, address: str) -> None:
    page = enter(browser, address, "ada")
    page.get_by_role("link", name="Audit").click()
    page.get_by_label("Who").select_option("ada")
    page.get_by_role("button", name="Show").click()
    assert {cell.inner_text() for cell in page.locator("tbody td:nth-child(2)").all()} == {"ada"}
    page.context.close()


def test_the_keyboard_reaches_the_content_first(browser: Any, address: str) -> None:
    page = enter(browser, address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.context.close()


CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const style = getComputedStyle(node), found = rgb(style.backgroundColor);
      if (style.backgroundImage !== 'none') return null;
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.closest('svg, [aria-disabled], .quiet, .skip') || !node.checkVisibility()) continue;
    const behind = ground(node);
    if (!behind) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${node.textContent.trim().slice(0, 40)} ${ratio.toFixed(1)}`);
  }
  return [...new Set(poor)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(browser: Any, address: str, scheme: str) -> None:
    """WCAG AA: 4.5 to 1."""
    page = enter(browser, address)
    page.emulate_media(color_scheme=scheme)
    for path in (*PAGES.values(), "/accounts/A00003"):
        page.goto(f"{address}{path}")
        assert page.evaluate(CONTRAST) == [], path
    page.context.close()
