"""The page of the watermelons."""

from __future__ import annotations

import pandas as pd
from served import Site, accounts, listed, read


def test_the_page_draws_how_much_green_churn_was_flagged_before(here: Site) -> None:
    assert "when they were 30, 60 and 90 days from leaving" in read(here, "/watermelons")


def test_a_point_of_the_quadrant_opens_its_account(here: Site, listing: pd.DataFrame) -> None:
    page = read(here, "/watermelons")
    start = page.index("<svg role", page.index('id="picture"'))
    picture = page[start : page.index("</svg>", start)]
    assert set(accounts(picture)) == set(listing["account_id"])
    assert listed(page) == list(listing.loc[listing["watermelon"], "account_id"])[:50]
