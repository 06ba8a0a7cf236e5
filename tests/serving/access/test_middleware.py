"""The middleware: who is let in, and what is refused before any route sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from served import BROWSER, Site, site, token

from rind.serving.access.cookies import COOKIE

PAGES = ("/", "/watermelons", "/true-north", "/health-score", "/model", "/accounts/A00003", "/risk-list.csv", "/audit",
         "/risk-list.xlsx", "/accounts/A00003/risk.svg")  # fmt: skip


API = ("/v1/risk-list", "/v1/accounts/A00003", "/v1/watermelons", "/v1/true-north", "/v1/health-score", "/readyz",
       "/metrics", "/v1/openapi.json")  # fmt: skip


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/accounts/A99999", "/docs", "/openapi.json"])
def test_without_a_login_a_page_leads_to_the_form(here: Site, path: str) -> None:
    answer = here.client(**BROWSER).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("path", [*API, "/v1/nowhere"])
def test_without_a_key_the_api_says_401(here: Site, path: str) -> None:
    for client in (here.client(), here.client(authorization="Bearer rind_00000000_nothing"),
                   here.client(cookie=f"{COOKIE}=guess")):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert here.client().post("/v1/score", json={"accounts": []}).status_code == 401


def test_only_health_the_form_and_its_looks_are_open(here: Site) -> None:
    open_ = {path: here.client(**BROWSER).get(path).status_code for path in ("/healthz", "/login", "/static/rind.css")}
    assert set(open_.values()) == {200}


def test_the_demo_says_on_every_page_that_there_is_no_login(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", demo=True) as here:
        for path in ("/", "/model", "/nowhere"):
            assert "There is no login here" in here.client(**BROWSER).get(path).text


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"},
                                     {"origin": "null"}])  # fmt: skip
def test_a_form_of_another_site_is_refused_even_with_the_token(here: Site, headers: dict[str, str]) -> None:
    browser = here.logged_in()
    data = {"csrf": token(browser.get("/").text)}
    assert browser.post("/logout", data=data, headers=headers).status_code == 403


def test_oversized_bodies_are_refused_with_and_without_a_length(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", max_body_bytes=1000, max_score_rows=2) as here:
        client = here.program("score")

        async def pieces() -> Any:
            for _ in range(50):
                yield b" " * 100

        json_ = {"content-type": "application/json"}
        assert client.post("/v1/score", content=b" " * 1001, headers=json_).status_code == 413
        assert client.post("/v1/score", content=pieces(), headers=json_).status_code == 413
        assert client.post("/v1/score", json={"accounts": [{"features": {}}] * 3}).status_code == 413
        assert here.client().post("/login", content=b"x" * 5000).status_code == 413


@pytest.mark.parametrize("path", ["/", "/v1/risk-list", "/healthz", "/accounts/A00003"])
def test_head_says_what_get_would_and_no_more(here: Site, path: str) -> None:
    browser, stranger = here.logged_in(), here.client(**BROWSER)
    full, head = browser.get(path), browser.request("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    same = ("content-type", "content-length", "cache-control", "content-security-policy")
    assert [head.headers[name] for name in same] == [full.headers[name] for name in same]
    assert stranger.request("HEAD", path).status_code == {"/healthz": 200, "/v1/risk-list": 401}.get(path, 303)
    for method in ("OPTIONS", "TRACE", "DELETE"):
        assert browser.request(method, path).status_code in (403, 405)
        assert stranger.request(method, path).status_code in (401, 405, 303)


def test_a_request_under_another_name_is_refused(here: Site) -> None:
    assert here.client(host="evil.example").get("/healthz").status_code == 421
    assert here.client(host="evil.example:80").get("/login").status_code == 421


@pytest.mark.parametrize(("path", "kind"), [("/", "text/html"), ("/v1/risk-list", "application/problem+json")])
def test_what_nobody_foresaw_is_answered_like_everything_else_and_written_down(
    here: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str, kind: str
) -> None:
    browser = here.logged_in(name="jonas")
    monkeypatch.setattr(here.store, "current", lambda: {}["a secret of the inside"])
    answer = browser.get(path)
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith(kind)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert "a secret" not in answer.text
    assert "a secret" in caplog.text
    assert [(e.who, e.path) for e in here.access.audit.events() if e.status == 500] == [("jonas", path)]
    measured = here.app.state.serving.metrics.registry
    labels = {"route": path, "status": "500"}
    assert measured.get_sample_value("rind_request_seconds_count", labels) == 1
