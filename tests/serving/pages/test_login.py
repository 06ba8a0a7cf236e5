"""Logging in and out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from served import BROWSER, PASSWORD, Client, Site, log_in, site, token

from rind.serving.access.cookies import COOKIE, FORM_COOKIE


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


def at(here: Site, address: str) -> Client:
    """A browser at this address."""
    client = here.client(**BROWSER)
    client._http = httpx.AsyncClient(
        transport=httpx.ASGITransport(here.app, client=(address, 5000)), base_url="http://localhost", headers=BROWSER
    )
    return client


def test_nobody_uses_up_the_attempts_of_somebody_at_another_address(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=3) as here:
        here.access.users.add("jonas", PASSWORD, "viewer")
        statuses = [log_in(at(here, "203.0.113.7"), "jonas", "wrong password!").status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        assert log_in(at(here, "203.0.113.7"), "jonas").status_code == 429  # the right one too
        assert log_in(at(here, "203.0.113.8"), "jonas").status_code == 303
        lines = [(e.action, e.status) for e in here.access.audit.events(who="jonas") if e.address == "203.0.113.7"]
        assert lines.count(("login refused", 429)) == 2


def test_a_login_cookie_that_somebody_planted_has_no_valid_form(here: Site) -> None:
    here.access.users.add("jonas", PASSWORD, "viewer")
    data = {"name": "jonas", "password": PASSWORD}
    for made_up in ("x", "x.y.z", f"abc.9999999999.{'0' * 64}"):
        planted = here.client(**BROWSER, cookie=f"{FORM_COOKIE}={made_up}")
        assert planted.post("/login", data=data | {"csrf": made_up}).status_code == 403
        form = planted.get("/login")
        assert FORM_COOKIE in form.headers["set-cookie"]  # another one in its place
        assert planted.post("/login", data=data | {"csrf": token(form.text)}).status_code == 403
    attacker = at(here, "203.0.113.7")
    form = attacker.get("/login")
    theirs = f"{FORM_COOKIE}={attacker.cookies[FORM_COOKIE]}"
    elsewhere = here.client(**BROWSER, cookie=theirs)  # a pair that fits, given to another address
    assert elsewhere.post("/login", data=data | {"csrf": token(form.text)}).status_code == 403
    assert attacker.post("/login", data=data | {"csrf": token(form.text)}).status_code == 303


def test_a_session_cookie_that_somebody_planted_never_becomes_a_session(here: Site) -> None:
    here.access.users.add("jonas", PASSWORD, "viewer")
    browser = here.client(**BROWSER)
    browser.cookies.set(COOKIE, "planted", domain="localhost.local")
    assert log_in(browser, "jonas").status_code == 303
    assert "planted" not in {cookie.value for cookie in browser.cookies.jar if cookie.domain == "localhost"}
    assert here.client(**BROWSER, cookie=f"{COOKIE}=planted").get("/").status_code == 303


def test_over_https_the_cookies_belong_to_this_very_host(results: Path, tmp_path: Path) -> None:
    """As browsers ask of the prefix __Host-: Secure, Path=/, no Domain; on plain HTTP they would refuse it."""
    with site(results, tmp_path / "access.sqlite", secure_cookies=True) as here:
        here.access.users.add("jonas", PASSWORD, "viewer")
        browser = here.client(**BROWSER)
        form = browser.get("/login")
        name, _, rest = form.headers["set-cookie"].partition("=")
        pair = f"{name}={rest.split(';')[0]}"
        data = {"name": "jonas", "password": PASSWORD, "csrf": token(form.text)}
        answer = browser.post("/login", data=data, headers={"cookie": pair})
        session = next(c for c in answer.headers.get_list("set-cookie") if COOKIE in c)
        for cookie in (form.headers["set-cookie"], session):
            assert cookie.startswith("__Host-rind_")
            assert "; path=/;" in f"{cookie.lower()};"
            assert "secure" in cookie.lower()
            assert "domain" not in cookie.lower()
        value = session.partition("=")[2].split(";")[0]
        assert browser.get("/", headers={"cookie": f"__Host-{COOKIE}={value}"}).status_code == 200
        assert browser.get("/", headers={"cookie": f"{COOKIE}={value}"}).status_code == 303  # planted without TLS


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
