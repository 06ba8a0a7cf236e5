"""Who comes in by a browser, and who reads by keyboard, in the dark, on a phone, in another language."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from browsing import PAGES, WANTS_BROWSER, enter, listed, served
from served import OWN

pytestmark = WANTS_BROWSER


def test_a_csm_starts_with_the_own_accounts(browser: Any, address: str, listing: pd.DataFrame) -> None:
    page = enter(browser, address, "amara")
    wanted = list(listing.loc[listing["csm"] == OWN, "account_id"])
    assert listed(page, wanted) == wanted
    page.locator("select[name=csm]").select_option("Everybody")
    page.get_by_role("button", name="Show").click()
    wanted = list(listing["account_id"])[:50]
    assert listed(page, wanted) == wanted
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
    page.get_by_label("Who").fill("ada")
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
    for path in (*PAGES.values(), "/accounts/A00003", "/sessions", "/second-factor"):
        page.goto(f"{address}{path}")
        assert page.evaluate(CONTRAST) == [], path
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
