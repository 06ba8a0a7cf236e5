"""Sign-in by the company's own login, against a real provider."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from company_login import MadeProvider, consent, logout_claims, logout_token, made_provider, oidc, provider, sign_in
from served import BROWSER, OWN, PASSWORD, Site, log_in, site, token

from rind.serving.access.cookies import COOKIE, FLOW_COOKIE

NOBODY_LISTENS = "http://localhost:9"


@pytest.fixture(scope="module")
def acme() -> Iterator[MadeProvider]:
    with provider() as made:
        yield made


@pytest.fixture
def here(acme: MadeProvider, results: Path, tmp_path: Path) -> Iterator[Site]:
    settings = oidc(acme.issuer)
    with site(results, tmp_path / "access.sqlite", oidc=settings, oidc_secret="our secret") as made:
        yield made


def grow_older(here: Site, seconds: int) -> None:
    """As if the provider had answered so long ago for the last time."""
    here.access.database.execute(
        "UPDATE company_sessions SET checked_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', checked_at, ?)",
        f"-{seconds} seconds",
    )


def test_who_has_a_mapped_group_is_let_in_with_its_role_and_no_account_is_made(here: Site, acme: MadeProvider) -> None:
    acme.put("ada", "everybody", "rind-admins")
    browser, answer = sign_in(here, "ada", "/model")
    assert (answer.status_code, answer.headers["location"]) == (303, "/model")
    page = browser.get("/audit").text
    assert "ada@acme.example" in page
    assert "· admin" in page
    assert here.access.users.all() == []
    assert FLOW_COOKIE not in browser.cookies


def test_the_request_has_pkce_state_and_nonce_and_the_code_is_exchanged_with_the_verifier(
    here: Site, acme: MadeProvider
) -> None:
    acme.put("ada", "rind-admins")
    sign_in(here, "ada")
    begun, exchanged = acme.last("/oauth2/authorize").query, acme.last("/oauth2/token").form
    challenge = urlsafe_b64encode(sha256(exchanged["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert (begun["code_challenge"], begun["code_challenge_method"]) == (challenge, "S256")
    assert len({begun["state"], begun["nonce"], exchanged["code_verifier"]}) == 3
    assert begun["redirect_uri"] == exchanged["redirect_uri"] == "http://localhost/login/company/callback"
    assert begun["scope"] == "openid profile email"


def test_a_csm_of_the_company_login_sees_the_own_book(here: Site, acme: MadeProvider) -> None:
    acme.put("amara", "cs", name=OWN)
    browser, _ = sign_in(here, "amara")
    session = here.access.sessions.session(browser.cookies[COOKIE])
    assert session is not None
    principal = session.principal
    assert (principal.role, principal.csm, principal.name) == ("csm", OWN, "amara@acme.example")


@pytest.mark.parametrize("groups", [(), ("everybody",), ("RIND-ADMINS",)])
def test_who_has_no_mapped_group_gets_a_page_that_says_so_and_no_session(
    here: Site, acme: MadeProvider, groups: tuple[str, ...]
) -> None:
    acme.put("eve", *groups)
    browser, answer = sign_in(here, "eve")
    assert answer.status_code == 403
    assert "eve@acme.example, but none of the groups" in answer.text
    assert COOKIE not in browser.cookies
    assert here.access.sessions.all() == []
    refused = here.access.audit.events(action="login refused")[0]
    assert (refused.who, refused.status) == ("eve@acme.example", 403)


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(here: Site, acme: MadeProvider) -> None:
    acme.put("ada", "rind-admins")
    browser = here.client(**BROWSER)
    back = consent(browser.get("/login/company").headers["location"], "ada")
    kept = browser.cookies[FLOW_COOKIE]
    assert here.client(**BROWSER).get(back).status_code == 403  # a link that somebody else sent
    assert browser.get(back.replace("state=", "state=0")).status_code == 403
    assert browser.get(back).status_code == 303
    for cookies in ({}, {"cookie": f"{FLOW_COOKIE}={kept}"}):
        answer = here.client(**BROWSER, **cookies).get(back)
        assert answer.status_code == 403
        assert "This sign-in is over" in answer.text


def test_a_role_that_the_provider_takes_away_ends_within_a_minute(here: Site, acme: MadeProvider) -> None:
    acme.put("ada", "rind-admins")
    browser, _ = sign_in(here, "ada")
    acme.put("ada", "board")
    assert browser.get("/audit").status_code == 200  # the last answer counts for 45 seconds
    grow_older(here, 46)
    assert browser.get("/audit").status_code == 403
    assert browser.get("/").status_code == 200
    acme.put("ada", "everybody")
    grow_older(here, 46)
    ended = browser.get("/model?x=1")
    assert ended.headers["location"] == "/login/company?next=%2Fmodel%3Fx%3D1"
    assert browser.get("/v1/risk-list").status_code == 401
    assert [e.action for e in here.access.audit.events(who="ada@acme.example")][:3].count("session ended") == 1


def test_a_session_that_the_provider_ended_is_over_here_too(here: Site, acme: MadeProvider) -> None:
    acme.put("ada", "rind-admins")
    browser, _ = sign_in(here, "ada")
    acme.forget_tokens("ada")
    grow_older(here, 46)
    assert browser.get("/").headers["location"] == "/login/company"
    assert here.access.sessions.all() == []


def test_the_provider_is_asked_once_for_a_page_and_not_again_soon(here: Site, acme: MadeProvider) -> None:
    acme.put("ada", "rind-admins")
    browser, _ = sign_in(here, "ada")
    grow_older(here, 46)
    before = len(acme.asked)
    for _ in range(3):
        assert browser.get("/").status_code == 200
    assert [one.path for one in acme.asked[before:]] == ["/oauth2/token", "/userinfo"]


def test_while_the_provider_is_down_its_people_wait_and_local_users_log_in(here: Site, acme: MadeProvider) -> None:
    acme.put("ada", "rind-admins")
    browser, _ = sign_in(here, "ada")
    here.access.users.add("jonas", PASSWORD, "viewer")
    away = here.app.state.serving.company_login.provider
    away._settings, away._metadata = oidc(NOBODY_LISTENS), None
    assert browser.get("/").status_code == 200
    grow_older(here, 46)
    waits = browser.get("/")
    assert (waits.status_code, waits.headers["retry-after"]) == (503, "5")
    assert "cannot be reached just now" in waits.text
    begun = here.client(**BROWSER).get("/login/company")
    assert begun.status_code == 503
    assert "Local users of Rind log in as always" in begun.text
    assert log_in(here.client(**BROWSER), "jonas").status_code == 303
    assert here.client(**BROWSER).get("/login").status_code == 200
    assert "Log in" in browser.get("/login").text, "the same person may come in as a local user"
    csrf, waiting = token(browser.get("/login").text), browser.cookies[COOKIE]
    away._settings, away._rests_until = oidc(acme.issuer), 0.0
    assert browser.get("/").status_code == 200  # the session has waited
    assert csrf
    away._settings, away._metadata = oidc(NOBODY_LISTENS), None
    page = browser.get("/")
    grow_older(here, 46)
    assert browser.post("/logout", data={"csrf": token(page.text)}).status_code in (200, 303)
    assert here.client(cookie=f"{COOKIE}={waiting}").get("/v1/risk-list").status_code == 401


def test_logging_out_ends_the_session_here_and_leads_to_the_log_out_of_the_provider(
    here: Site, acme: MadeProvider
) -> None:
    acme.put("ada", "rind-admins")
    browser, _ = sign_in(here, "ada")
    session = browser.cookies[COOKIE]
    answer = browser.post("/logout", data={"csrf": token(browser.get("/").text)})
    url = answer.headers["refresh"].partition("url=")[2]
    assert url.startswith(f"{acme.issuer}/oauth2/end_session?client_id=rind&post_logout_redirect_uri=http")
    assert "id_token_hint=ey" in url
    assert here.client(cookie=f"{COOKIE}={session}").get("/v1/risk-list").status_code == 401


def test_local_users_can_be_switched_off(acme: MadeProvider, results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as before:
        browser = before.logged_in(name="jonas")
    with site(results, tmp_path / "access.sqlite", oidc=oidc(acme.issuer), local_users=False) as here:
        cookie = f"{COOKIE}={browser.cookies[COOKIE]}"
        assert here.client(cookie=cookie).get("/v1/risk-list").status_code == 401
        form = here.client(**BROWSER)
        page = form.get("/login").text
        assert "Log in with Acme" in page
        assert 'name="password"' not in page
        data = {"name": "jonas", "password": PASSWORD, "csrf": "x"}
        assert form.post("/login", data=data).status_code == 403


def test_without_a_company_login_its_addresses_lead_nowhere_and_its_sessions_are_void(
    here: Site, acme: MadeProvider, results: Path, tmp_path: Path
) -> None:
    acme.put("ada", "rind-admins")
    browser, _ = sign_in(here, "ada")
    cookie = f"{COOKIE}={browser.cookies[COOKIE]}"
    with site(results, tmp_path / "access.sqlite") as without:
        assert without.client(cookie=cookie).get("/v1/risk-list").status_code == 401
        assert without.client(**BROWSER).get("/login/company").status_code == 404
        assert without.client(**BROWSER).get("/login/company/callback?code=x&state=y").status_code == 404


def test_no_token_code_or_secret_is_written_anywhere(
    here: Site, acme: MadeProvider, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level("DEBUG")
    acme.put("ada", "rind-admins")
    browser = here.client(**BROWSER)
    back = consent(browser.get("/login/company").headers["location"], "ada")
    for path in (back, back, f"{back}&error=x"):
        browser.get(path)
    grow_older(here, 46)
    browser.get("/")
    code, renewed = (next(a.form for a in reversed(acme.asked) if name in a.form) for name in ("code", "refresh_token"))
    secrets = [code["code"], code["code_verifier"], renewed["refresh_token"], browser.cookies[COOKIE], "our secret"]
    lines = [f"{event.path} {event.detail}" for event in here.access.audit.events()]
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("rind")]
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("access.sqlite*")).decode("latin-1")
    assert any("/login/company/callback" in line for line in lines)
    assert [secret for secret in secrets for text in (*lines, *logged, kept) if secret in text] == []


def test_a_logout_token_of_the_provider_ends_the_sessions_of_its_person_at_once(here: Site, acme: MadeProvider) -> None:
    acme.put("ada", "rind-admins")
    acme.put("bo", "board")
    (ada, _), (bo, _) = sign_in(here, "ada"), sign_in(here, "bo")
    here.app.state.serving.company_login.provider = made_provider(acme.issuer)
    token = logout_token(logout_claims(acme.issuer, sid="s1"))
    provider_itself = here.client()
    answer = provider_itself.post("/login/company/logout", data={"logout_token": token})
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")
    assert ada.get("/").headers["location"] == "/login"
    assert bo.get("/").status_code == 200
    events = {event.action: event for event in here.access.audit.events()}
    assert (events["session ended"].who, events["back-channel logout"].detail) == (
        "ada@acme.example",
        "sessions ended: 1",
    )

    again = provider_itself.post("/login/company/logout", data={"logout_token": token})
    assert (again.status_code, again.headers["cache-control"]) == (400, "no-store")
    assert again.json() == {
        "error": "invalid_request", "error_description": "the logout token is refused: it was used before"
    }  # fmt: skip
    late = logout_token(logout_claims(acme.issuer))
    assert provider_itself.post("/login/company/logout", data={"logout_token": late}).status_code == 200, (
        "nobody is left"
    )


@pytest.mark.parametrize(
    "body",
    [{}, {"data": {"logout_token": ""}}, {"data": {"other": "x"}}, {"json": {"logout_token": "x"}},
     {"files": {"logout_token": b"x"}}, {"content": b"\xff", "headers": {"content-type": "multipart/form-data"}}],
)  # fmt: skip
def test_a_call_without_a_logout_token_is_refused_and_ends_nothing(
    here: Site, acme: MadeProvider, body: dict[str, Any]
) -> None:
    acme.put("ada", "rind-admins")
    ada, _ = sign_in(here, "ada")
    assert here.client().post("/login/company/logout", **body).status_code == 400
    assert ada.get("/").status_code == 200
    assert here.client().get("/login/company/logout").status_code == 405
    cross_site = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert here.client(**cross_site).post("/login/company/logout", **body).status_code == 403


def test_the_provider_may_send_a_token_again_where_its_keys_could_not_be_read(here: Site, acme: MadeProvider) -> None:
    acme.put("ada", "rind-admins")
    ada, _ = sign_in(here, "ada")
    company = here.app.state.serving.company_login
    company.provider = away = made_provider(NOBODY_LISTENS)
    away._rests_until = float("inf")
    token = {"logout_token": logout_token(logout_claims(acme.issuer))}
    assert here.client().post("/login/company/logout", data=token).status_code == 503
    company.provider = made_provider(acme.issuer)
    assert here.client().post("/login/company/logout", data=token).status_code == 200
    assert ada.get("/").headers["location"] == "/login"
