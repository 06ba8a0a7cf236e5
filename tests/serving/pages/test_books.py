"""The page of all books and that of one CSM, for each role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from served import OTHER, OWN, Site, accounts, listed, site, token

from rind.serving.store.folder import FolderStore


@pytest.fixture
def fresh(results: Path, tmp_path: Path) -> Iterator[Site]:
    with site(results, tmp_path / "access.sqlite") as made:
        yield made


def test_a_csm_opens_the_own_book_and_leadership_any(fresh: Site, listing: pd.DataFrame) -> None:
    for browser, path, csm in (
        (fresh.logged_in("csm", OWN), "/book", OWN),
        (fresh.logged_in("viewer"), f"/book?csm={quote(OTHER)}", OTHER),
    ):
        page = browser.get(path)
        assert page.status_code == 200
        assert f"The book of {csm}" in page.text
        own = set(listing.loc[listing["csm"] == csm, "account_id"])
        assert set(accounts(page.text[page.text.index('id="open"') : page.text.index('id="moved"')])) <= own


def test_who_sees_the_own_accounts_only_sees_no_other_book(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", csm_sees="own_only") as strict:
        browser = strict.logged_in("csm", OWN)
        assert OTHER not in browser.get("/books").text
        page = browser.get(f"/book?csm={quote(OTHER)}").text
        assert f"The book of {OWN}" in page
        assert OTHER not in page


def test_a_book_that_nobody_has_is_not_found(fresh: Site) -> None:
    assert fresh.logged_in("admin").get("/book?csm=Mallory").status_code == 404


@pytest.mark.parametrize("path", ["/book", "/book?csm=", "/book?csm=%20", "/book?csm=all"])
def test_a_book_of_nobody_in_particular_is_that_of_all(fresh: Site, path: str) -> None:
    answer = fresh.logged_in("admin").get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/books")


def test_what_is_worked_is_not_open_any_more(fresh: Site) -> None:
    browser = fresh.logged_in("csm", OWN)
    page = browser.get("/book").text
    first = accounts(page[page.index('id="open"') : page.index('id="renewals"')])[0]
    data = {"csrf": token(page), "kind": "acknowledge", "back": "/book"}
    assert browser.post(f"/accounts/{first}/feedback", data=data).headers["location"] == "/book"
    after = browser.get("/book").text
    assert first not in accounts(after[after.index('id="open"') : after.index('id="renewals"')])


def test_all_books_add_up_to_the_list(fresh: Site, listing: pd.DataFrame) -> None:
    page = fresh.logged_in("admin").get("/books").text
    assert all(csm in page for csm in listing["csm"].unique())
    assert f"of {len(listing)} accounts" in page


def test_the_book_says_how_much_of_this_weeks_work_is_done_and_the_list_shows_it(
    fresh: Site, listing: pd.DataFrame
) -> None:
    mine = listing[(listing["csm"] == OWN) & listing["within_capacity"]]["account_id"].tolist()
    own, other = fresh.logged_in("csm", OWN), fresh.logged_in("admin")
    assert f"This week's {len(mine)}</a>" in other.get(f"/book?csm={quote(OWN)}").text
    page = own.get("/book").text
    assert f"Your {len(mine)} of this week</a>" in page
    assert f"the first {len(mine)} of the list; 0 are taken care of." in page
    data = {"csrf": token(page), "kind": "acknowledge", "back": "/book"}
    own.post(f"/accounts/{mine[0]}/feedback", data=data)
    assert "1 is taken care of." in own.get("/book").text
    listed_now = own.get(f"/?csm={quote(OWN)}&within_capacity=true").text
    assert listed(listed_now) == mine
    assert listed_now.count("this week's 12</span>") == len(mine)
    assert "Your 12 of this week" in listed_now


def test_the_book_says_what_the_list_before_said_where_that_reads_differently_today(
    results: Path, tmp_path: Path
) -> None:
    store = FolderStore(results, 0)
    week = store.current()
    week._tables["previous_list"] = week.table("previous_list").assign(published_probability=0.005)
    with site(results, tmp_path / "access.sqlite", store=store) as here:
        page = here.logged_in("csm", OWN).get("/book").text
    assert "<small>the list then said 0.5" in page[page.index('id="moved"') :]
