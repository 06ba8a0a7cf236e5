"""The page of the watermelons."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from served import Site, accounts, listed, read, share


def test_the_page_draws_how_much_green_churn_was_flagged_before(here: Site) -> None:
    assert "within 30, 60 and 90 days before they left" in read(here, "/watermelons")


def test_a_point_of_the_quadrant_opens_its_account(here: Site, listing: pd.DataFrame) -> None:
    page = read(here, "/watermelons")
    start = page.index("<svg role", page.index('id="picture"'))
    picture = page[start : page.index("</svg>", start)]
    assert set(accounts(picture)) == set(listing["account_id"])
    assert listed(page) == list(listing.loc[listing["watermelon"], "account_id"])[:50]


def test_table_tile_and_chart_count_flagged_green_churn_alike(here: Site, results: Path) -> None:
    record = json.loads((results / "metrics.json").read_text())["watermelons"]
    page = read(here, "/watermelons")
    assert page.count(share(record["recall_within_90_days"])) >= 2
    assert share(record["accounts_recall"]) not in page[page.index('id="record"') :].split("<figure")[0]
