"""Answers to the list in a real browser, on a desktop and on a phone, without a script too."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from browsing import WANTS_BROWSER, enter
from served import OWN

pytestmark = WANTS_BROWSER


@pytest.mark.parametrize(("width", "script"), [(1280, True), (390, False)])
def test_a_csm_answers_on_the_row_and_on_the_page_of_the_account(
    browser: Any, address: str, listing: pd.DataFrame, width: int, script: bool
) -> None:
    page = enter(browser, address, "amara", width=width, script=script)
    rows = listing[listing["csm"] == OWN]
    row = rows.iloc[0 if script else 1]
    line = page.locator("table.list tbody tr").filter(has_text=row["name"])
    line.get_by_text("Answer", exact=True).click()
    line.get_by_role("button", name="Seen").click()
    page.locator("table.list tbody tr").filter(has_text=row["name"]).get_by_text("seen", exact=True).wait_for()
    page.goto(f"{address}/accounts/{row['account_id']}")
    page.get_by_role("group", name="Judge reason 1").get_by_role("button", name="useful").click()
    page.get_by_label("New note").fill("They want SSO.")
    page.get_by_role("button", name="Add").click()
    page.get_by_text("Begin an intervention").click()
    page.get_by_label("What", exact=True).fill("Success plan")
    page.get_by_role("button", name="Begin", exact=True).click()
    assert page.locator('[aria-pressed="true"]').inner_text() == "useful"
    assert page.get_by_text("They want SSO.").count() == 3  # a note, a line of the timeline, and of everything done
    assert page.get_by_text("Success plan").count() >= 2
    page.goto(f"{address}/book")
    assert row["name"] in page.locator("#way").locator("..").inner_text()
    for path in ("/book", "/books", f"/accounts/{row['account_id']}", "/"):
        page.goto(f"{address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    assert page.complaints == []
    page.context.close()
