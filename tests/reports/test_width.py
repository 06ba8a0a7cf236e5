"""The weekly page in a real browser: nothing that it tells may lie beyond its edge, least of all on paper."""

from __future__ import annotations

from pathlib import Path

from browsing import CHROMIUM, WANTS_BROWSER
from report_examples import AS_OF, facts, lists

from rind.reports.page import PageContext, render_page
from rind.reports.risk_list import changes
from rind.reports.summary import summarise
from rind.reports.watermelon_section import baselines

pytestmark = WANTS_BROWSER

LIMITS = {"low": 0.111, "high": 0.888}
FIGURES = ("precision", "recall", "recall_within_30_days", "recall_within_60_days", "accounts_recall", "mrr_covered")
MEASURED = dict.fromkeys(FIGURES, 0.5) | {"intervals": dict.fromkeys(FIGURES, LIMITS), "lead_time_days": 78.0}


def test_the_record_of_the_flags_is_seen_to_its_last_column_on_a_screen_and_on_paper(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    listed, _ = lists(12)
    rules = ("random_green", "lowest_health", "probability_only")
    record = baselines({"base_rate": 0.04, **MEASURED, "baselines": dict.fromkeys(rules, MEASURED)})
    summary, moved = summarise(listed, AS_OF), changes(listed, None, 8)
    page = render_page(PageContext(facts(), listed, summary, moved, {}, 8, record=record))
    (tmp_path / "list.html").write_text(page, encoding="utf-8")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        for media, width in (("screen", 1280), ("print", 1000)):  # A4 landscape less its margins
            seen = browser.new_page(viewport={"width": width, "height": 900})
            seen.emulate_media(media=media)
            seen.goto(f"file://{tmp_path / 'list.html'}")
            inside, whole = seen.eval_on_selector(".record", "t => [t.parentElement.clientWidth, t.scrollWidth]")
            assert whole <= inside + 1, media
        browser.close()
