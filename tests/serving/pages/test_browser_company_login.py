"""Sign-in by the company's own login in a real browser: let in, not let in, taken away, sent twice, logged out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from browsing import WANTS_BROWSER, served
from company_login import MadeProvider, oidc, provider

pytestmark = WANTS_BROWSER
AT_RISK = "h1:has-text('accounts at risk')"


@pytest.fixture(scope="module")
def acme() -> Iterator[MadeProvider]:
    with provider() as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("company_login")


@pytest.fixture(scope="module")
def site(acme: MadeProvider, results: Path, folder: Path) -> Iterator[str]:
    with served(results, folder, oidc=oidc(acme.issuer), oidc_secret="s") as address:
        yield address


def log_in(browser: Any, site: str, subject: str) -> Any:
    """A new browser window whose user logs in at the company."""
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{site}/model")
    page.get_by_role("link", name="Log in with Acme").click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()
    return page


def grow_older(folder: Path) -> None:
    """As if a minute had passed since the provider answered last."""
    with closing(sqlite3.connect(folder / "access.sqlite")) as file:
        file.execute("UPDATE company_sessions SET checked_at = '2026-01-01T00:00:00+00:00'")
        file.commit()


def test_in_and_out_again_with_the_page_that_was_asked_for_and_an_answer_that_counts_once(
    browser: Any, site: str, acme: MadeProvider
) -> None:
    acme.put("ada", "rind-admins")
    page = log_in(browser, site, "ada")
    page.wait_for_url(f"{site}/model")
    assert "ada@acme.example" in page.locator("header.top").inner_text()
    page.get_by_role("link", name="Audit").click()
    page.wait_for_selector("h1:has-text('Audit log')")
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("link", name="ada@acme.example").click()
    page.wait_for_selector("h1:has-text('Sessions')")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    request = acme.last("/oauth2/authorize").query
    page.goto(f"{site}/login/company/callback?code=any&state={request['state']}")
    page.wait_for_selector("h1:has-text('This sign-in is over')")
    page.goto(site)
    page.wait_for_selector(AT_RISK)
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{site}/login")
    assert acme.last("/oauth2/end_session").query["id_token_hint"].startswith("ey")
    page.goto(f"{site}/model")
    page.wait_for_selector("h1:has-text('Log in')")
    page.context.close()


def test_without_a_group_a_page_says_so_and_another_account_can_be_taken(
    browser: Any, site: str, acme: MadeProvider
) -> None:
    acme.put("eve", "everybody")
    acme.put("vera", "board")
    page = log_in(browser, site, "eve")
    page.wait_for_selector("h1:has-text('You are not let in')")
    assert "eve@acme.example" in page.locator("main").inner_text()
    page.get_by_role("link", name="Use another account").click()
    page.get_by_placeholder("sub").fill("vera")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_selector(AT_RISK)
    assert acme.last("/oauth2/authorize").query["prompt"] == "login"
    page.context.close()


def test_a_role_that_is_taken_away_ends_the_session_and_the_company_says_no(
    browser: Any, site: str, acme: MadeProvider, folder: Path
) -> None:
    acme.put("amara", "rind-admins")
    page = log_in(browser, site, "amara")
    page.wait_for_url(f"{site}/model")
    acme.put("amara", "everybody")
    grow_older(folder)
    page.get_by_role("link", name="This week").click()
    page.get_by_placeholder("sub").fill("amara")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_selector("h1:has-text('You are not let in')")
    assert "amara@acme.example" in page.locator("main").inner_text()
    page.goto(f"{site}/model")
    assert page.get_by_role("link", name="Log in with Acme").is_visible()
    page.context.close()
