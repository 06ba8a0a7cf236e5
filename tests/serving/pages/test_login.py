"""Logging in and out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from served import BROWSER, PASSWORD, Site, log_in, site, token

from rind.serving.access.cookies import COOKIE


@pytest.fixture
def here(results: Path, tmp_path: Path) -> Iterator[Site]:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=20) as made:
        yield made


def test_logging_in_shows_the_page_that_was_asked_for_and_logging_out_ends_it(here: Site) -> None:
    here.access.users.add("jonas", PASSWORD, "viewer")
    browser = here.client(**BROWSER)
    location = browser.get("/model?x=1").headers["location"]
    assert location == "/login?next=%2Fmodel%3Fx%3D1"
    answer = log_in(browser, "jonas", then="/model")
    assert answer.headers["location"] == "/model"
    kept = answer.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=lax" in kept
    page = browser.get("/").text
    cookie = browser.cookies[COOKIE]
    assert browser.post("/logout", data={"csrf": token(page)}).status_code == 303
    assert here.client(cookie=f"{COOKIE}={cookie}").get("/v1/risk-list").status_code == 401  # on the server too


def test_after_a_few_attempts_a_name_has_to_wait(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=3) as here:
        here.access.users.add("jonas", PASSWORD, "viewer")
        statuses = [log_in(here.client(**BROWSER), "jonas", "wrong password!").status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        assert log_in(here.client(**BROWSER), "jonas").status_code == 429  # the right one too


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                    "//[", "/x\r\nset-cookie: a=b"])  # fmt: skip
def test_the_login_leads_nowhere_else(here: Site, target: str) -> None:
    here.access.users.add("jonas", PASSWORD, "viewer")
    assert here.client(**BROWSER).get("/login", params={"next": target}).status_code == 200
    assert log_in(here.client(**BROWSER), "jonas", then=target).headers["location"] == "/"


@pytest.mark.parametrize("name", ["jonas", "nobody", "' OR 1=1 --"])
def test_a_wrong_password_is_refused_whoever_asks(here: Site, name: str) -> None:
    here.access.users.add("jonas", PASSWORD, "viewer")
    browser = here.client(**BROWSER)
    answer = log_in(browser, name, "wrong password!")
    assert answer.status_code == 401
    assert "Name or password is wrong" in answer.text
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("sent", ["", "guess", None])
def test_a_form_without_its_token_is_refused(here: Site, sent: str | None) -> None:
    browser = here.logged_in()
    data = {} if sent is None else {"csrf": sent}
    assert browser.post("/logout", data=data).status_code == 403
    assert browser.get("/").status_code == 200
    assert here.client(**BROWSER).post(
        "/login", data={"name": "x", "password": "y", "csrf": sent or "z"}
    ).status_code == 403  # fmt: skip
