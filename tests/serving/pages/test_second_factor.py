"""Setting up a second factor, and logging in with it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from company_login import oidc
from served import BROWSER, PASSWORD, Client, Site, log_in, site, token

from rind.serving.access.cookies import COOKIE
from rind.serving.access.principals import Identity


@pytest.fixture
def here(results: Path, tmp_path: Path) -> Iterator[Site]:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=30, oidc=oidc()) as made:
        yield made


def act(browser: Client, **data: str) -> httpx.Response:
    """Send the form of the page."""
    return browser.post("/second-factor", data={"csrf": token(browser.get("/second-factor").text)} | data)


def codes_ahead(app: pyotp.TOTP) -> Iterator[str]:
    """A code that was not used before, each time: those of now and of the next half-minute."""
    yield app.at(time.time())
    yield app.at(time.time() + 30)


def set_up(browser: Client) -> tuple[Iterator[str], list[str]]:
    """The app's further codes, and the recovery codes."""
    page = act(browser, act="begin", password=PASSWORD).text
    codes = codes_ahead(pyotp.TOTP(re.findall(r"<code>([A-Z2-7]{32})</code>", page)[0]))
    shown = act(browser, act="confirm", code=next(codes)).text
    return codes, re.findall(r"<code>([0-9a-f]{5}(?:-[0-9a-f]{5}){3})</code>", shown)


def give_code(client: Client, form: Any, code: str) -> httpx.Response:
    pending = re.findall(r'name="pending" value="([^"]+)"', form.text)[0]
    return client.post(
        "/login/code", data={"csrf": token(form.text), "pending": pending, "code": code, "next": "/model"}
    )


def test_the_page_shows_a_picture_and_the_key_and_then_recovery_codes_once(here: Site) -> None:
    browser = here.logged_in(name="jonas")
    assert "Set it up" in browser.get("/second-factor").text
    begun = act(browser, act="begin", password=PASSWORD)
    assert "<svg width=" in begun.text
    assert " style=" not in begun.text
    _, recovery = set_up(browser)
    assert len(recovery) == 10
    page = browser.get("/second-factor").text
    assert "Recovery codes left: 10" in page
    assert not any(code in page for code in recovery)
    assert "<svg width=" not in page


def test_after_the_password_a_code_is_asked_for_and_before_it_there_is_no_session(here: Site) -> None:
    codes, _ = set_up(here.logged_in(name="jonas"))
    client = here.client(**BROWSER)
    form = log_in(client, "jonas", then="/model")
    assert (form.status_code, "Your code" in form.text) == (200, True)
    assert COOKIE not in client.cookies
    assert client.get("/").status_code == 303
    wrong = give_code(client, form, "000000")
    assert (wrong.status_code, "wrong, or was used before" in wrong.text) == (401, True)
    answer = give_code(client, form, next(codes))
    assert (answer.status_code, answer.headers["location"]) == (303, "/model")
    assert client.get("/").status_code == 200
    assert give_code(client, form, "000000").status_code == 403  # the form is used up


def test_a_code_that_was_used_lets_nobody_in_a_second_time(here: Site) -> None:
    codes, recovery = set_up(here.logged_in(name="jonas"))
    code = next(codes)
    for used in (code, recovery[0]):
        client = here.client(**BROWSER)
        assert give_code(client, log_in(client, "jonas"), used).status_code == 303
        other = here.client(**BROWSER)
        assert give_code(other, log_in(other, "jonas"), used).status_code == 401
        assert COOKIE not in other.cookies


def test_guessing_codes_is_slowed_like_guessing_passwords_and_ends_with_the_password(
    results: Path, tmp_path: Path
) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=12) as here:
        set_up(here.logged_in(name="jonas"))
        client = here.client(**BROWSER)
        form = log_in(client, "jonas")
        statuses = [give_code(client, form, f"{n:06}").status_code for n in range(6)]
        assert statuses == [401] * 5 + [303]  # from the start, with the password
        form = log_in(client, "jonas")
        assert [give_code(client, form, f"{n:06}").status_code for n in range(4)][-1] == 429


def test_a_pending_login_of_nobody_or_without_its_form_lets_nobody_in(here: Site) -> None:
    codes, _ = set_up(here.logged_in(name="jonas"))
    client = here.client(**BROWSER)
    form = log_in(client, "jonas")
    code = next(codes)
    for pending in ("jonas", "x" * 43):
        data = {"csrf": token(form.text), "pending": pending, "code": code}
        assert client.post("/login/code", data=data).headers["location"].startswith("/login?next=")
    pending = re.findall(r'name="pending" value="([^"]+)"', form.text)[0]
    elsewhere = here.client(**BROWSER)
    assert elsewhere.post("/login/code", data={"csrf": "x", "pending": pending, "code": code}).status_code == 403


def test_to_begin_takes_the_password_and_to_switch_off_takes_a_code(here: Site) -> None:
    browser = here.logged_in(name="jonas")
    assert act(browser, act="begin", password="wrong password!").status_code == 422
    assert here.access.second_factors.of("jonas") is None
    codes, recovery = set_up(browser)
    for what in ("off", "codes"):
        assert act(browser, act=what, code="000000").status_code == 422
    assert len(set(re.findall(r"<code>([0-9a-f-]{23})</code>", act(browser, act="codes", code=next(codes)).text))) == 10
    assert act(browser, act="off", code=recovery[0]).status_code == 422  # the old ones are void
    assert here.access.second_factors.is_on("jonas")
    here.access.second_factors.reset("jonas")
    assert log_in(here.client(**BROWSER), "jonas").status_code == 303


def test_who_comes_by_the_company_or_by_a_key_has_none_here(here: Site) -> None:
    here.access.sessions.open_company("t", Identity("1", "ada@acme.example", "admin"), "", 1)
    for client in (here.client(**BROWSER, cookie=f"{COOKIE}=t"), here.program("read")):
        assert "asked for there, not here" in client.get("/second-factor").text
    program = here.program("read")
    assert program.post("/second-factor", data={"act": "begin", "password": PASSWORD}).status_code == 404


def test_neither_codes_nor_secrets_stand_in_the_audit_log(here: Site) -> None:
    browser = here.logged_in(name="jonas")
    codes, recovery = set_up(browser)
    client = here.client(**BROWSER)
    code = next(codes)
    give_code(client, log_in(client, "jonas"), code)
    lines = [(event.action, event.detail, event.status) for event in here.access.audit.events(who="jonas")]
    assert lines[:2] == [
        ("login", "with the second factor", 303),
        ("second factor", "the password was right; the code is asked for", 200),
    ]
    assert not any(secret in str(lines) for secret in (code, recovery[0], PASSWORD))
