"""Attacks."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import openpyxl
import pandas as pd
import pytest
from served import BROWSER, Site, site, token

from benchmarks.made_results import make_results
from rind.common.errors import UsageError
from rind.pipelines.cli.serve import _settings as settings_of
from rind.pipelines.data import write
from rind.pipelines.params import load
from rind.serving.access.cookies import COOKIE
from rind.serving.settings import LOOPBACK

PAGES = ("/", "/watermelons", "/true-north", "/health-score", "/model", "/accounts/A00003", "/risk-list.csv", "/audit",
         "/risk-list.xlsx", "/accounts/A00003/risk.svg")  # fmt: skip
API = ("/v1/risk-list", "/v1/accounts/A00003", "/v1/watermelons", "/v1/true-north", "/v1/health-score", "/readyz",
       "/metrics", "/v1/openapi.json")  # fmt: skip
NASTY = ("' OR '1'='1", "'; DROP TABLE users; --", '"', "1 UNION SELECT password FROM users", "%27", "\x00", "{{7*7}}",
         "<script>alert(1)</script>", "../../etc/passwd", "=1+1", "a" * 150)  # fmt: skip


@pytest.mark.parametrize("given", ["", "guess", None])
def test_a_form_without_its_token_is_refused(here: Site, given: str | None) -> None:
    browser = here.logged_in()
    data = {} if given is None else {"csrf": given}
    assert browser.post("/logout", data=data).status_code == 403
    assert browser.get("/").status_code == 200
    assert here.client(**BROWSER).post(
        "/login", data={"name": "x", "password": "y", "csrf": given or "z"}
    ).status_code == 403  # fmt: skip


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"},
                                     {"origin": "null"}])  # fmt: skip
def test_a_form_of_another_site_is_refused_even_with_the_token(here: Site, headers: dict[str, str]) -> None:
    browser = here.logged_in()
    data = {"csrf": token(browser.get("/").text)}
    assert browser.post("/logout", data=data, headers=headers).status_code == 403


def test_a_session_scores_only_with_its_token_in_a_header(here: Site) -> None:
    browser = here.logged_in()
    body = {"accounts": [{"features": {}}]}
    assert browser.post("/v1/score", json=body).status_code == 403
    right = {"x-csrf-token": token(browser.get("/").text)}
    assert browser.post("/v1/score", json=body, headers=right).status_code == 200


def test_names_are_data_in_pages_and_downloads(here: Site) -> None:
    browser = here.logged_in()
    page = browser.get("/").text
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    rows = list(csv.DictReader(io.StringIO(browser.get("/risk-list.csv").text)))
    dangerous = [row["name"] for row in rows if row["name"].lstrip("'").startswith(("=", "+", "-", "@"))]
    assert len(dangerous) == 3
    assert all(name.startswith("'") for name in dangerous)
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/risk-list.xlsx").content))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_download_holds_the_rows_of_the_filters(here: Site, results: Path) -> None:
    listing = pd.read_parquet(results / "risk_list.parquet")
    browser = here.logged_in()
    answer = browser.get("/risk-list.csv?band=red&sort=mrr&order=asc")
    wanted = listing[listing["risk_band"] == "red"].sort_values("mrr", kind="stable")
    found = pd.read_csv(io.StringIO(answer.text))
    assert list(found["account_id"]) == list(wanted["account_id"])
    assert answer.headers["content-disposition"].endswith('risk_list_2026-06-29.csv"')


async def raw(app: Any, path: str, cookie: str) -> tuple[int, bytes]:
    """Status and body of a GET whose path goes to the application as it stands: HTTP clients tidy it up."""
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode()), (b"accept", b"text/html")]
    scope = {"type": "http", "method": "GET", "path": unquote(path), "raw_path": path.encode(), "query_string": b"",
             "headers": headers, "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 80), "scheme": "http",
             "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"}}  # fmt: skip
    told: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    return told[0]["status"], b"".join(message.get("body", b"") for message in told[1:])


@pytest.mark.parametrize("path", ["/static/../access.sqlite", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd",
                                  "/accounts/..%2f..%2fetc%2fpasswd", "/accounts/../v1/risk-list", "/accounts/%00",
                                  "/risk-list.sqlite", "/access.sqlite"])  # fmt: skip
def test_paths_lead_nowhere_else(here: Site, path: str) -> None:
    cookie = here.logged_in().cookies[COOKIE]
    status, body = here.loop.run(raw(here.app, path, f"{COOKIE}={cookie}"))
    assert status == 404
    assert b"root:" not in body
    assert b"SQLite format" not in body


@pytest.mark.parametrize("value", NASTY)
def test_sql_and_code_in_every_parameter_is_text(here: Site, value: str) -> None:
    browser = here.logged_in("admin")
    before = here.access.users.all()
    for name in ("q", "csm", "segment", "band", "sort", "order", "page", "renewal_within_days", "watermelons"):
        for path in ("/", "/risk-list.csv", "/v1/risk-list"):
            answer = browser.get(path, params={name: value})
            assert answer.status_code in (200, 422), (path, name)
            assert path != "/" or "<script>alert(1)</script>" not in answer.text
    for path in ("/audit?who=", "/audit?action=", "/health-score?usage=", "/v1/watermelons?q=", "/login?next="):
        route, _, name = path.partition("?")
        assert browser.get(route, params={name[:-1]: value}).status_code in (200, 303, 422), path
    assert browser.get(f"/v1/accounts/{quote(value, safe='')}").status_code in (404, 422)
    assert here.access.users.all() == before


def test_an_unknown_parameter_is_refused(here: Site) -> None:
    answer = here.program("read").get("/v1/risk-list?pagesize=10")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "query.pagesize"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422), (b"[]", 422), (b'{"accounts": []}', 422), (b'{"accounts": [{"features": {"a": [1]}}]}', 422),
        (b'{"accounts": [{"features": {}}], "more": 1}', 422), (b"\xff\xfe", 422), (b"[" * 100_000, 400),
        (b'{"accounts": [{"features": {"usage__events__28d": "many"}}]}', 422),
        (b'{"accounts": [{"features": {"usage__events__28d": 1e999}}]}', 422),
    ],
)  # fmt: skip
def test_malformed_bodies_are_told_what_is_wrong(here: Site, body: bytes, status: int) -> None:
    answer = here.program("score").post("/v1/score", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


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
    got, asked = browser.get(path), browser.request("HEAD", path)
    assert (asked.status_code, asked.content) == (200, b"")
    same = ("content-type", "content-length", "cache-control", "content-security-policy")
    assert [asked.headers[name] for name in same] == [got.headers[name] for name in same]
    assert stranger.request("HEAD", path).status_code == {"/healthz": 200, "/v1/risk-list": 401}.get(path, 303)
    for method in ("OPTIONS", "TRACE", "DELETE"):
        assert browser.request(method, path).status_code in (403, 405)
        assert stranger.request(method, path).status_code in (401, 405, 303)


def test_ids_with_slashes_quotes_and_other_letters_are_reached_and_are_text(tmp_path: Path) -> None:
    odd = ["a/b", "../../x", "x' OR '1'='1", "ü ñ 漢", "a?b#c", '"><script>alert(1)</script>', "risk.svg", "50%", "a b"]
    make_results(tmp_path, accounts=30, weeks=20)
    first = list(pd.read_parquet(tmp_path / "risk_list.parquet")["account_id"][: len(odd)])
    for name in ("risk_list", "backtest", "explanations", "features", "adoption", "previous_list"):
        rows = pd.read_parquet(tmp_path / f"{name}.parquet")
        names = rows["account_id"].astype("object").replace(dict(zip(first, odd, strict=True)))
        write(rows.assign(account_id=names), tmp_path / f"{name}.parquet")
    run = json.loads((tmp_path / "run.json").read_text())
    del run["manifest"]
    (tmp_path / "run.json").write_text(json.dumps(run))
    with site(tmp_path, tmp_path / "access.sqlite") as here:
        browser = here.logged_in()
        links = re.findall(r'class="name"><a href="([^"]*)"', browser.get("/").text)
        for link, account in zip(links, odd, strict=False):
            page = browser.get(link)
            assert page.status_code == 200, account
            assert "<script>alert(1)" not in page.text
            assert browser.get(f"/v1{link}").json()["account"]["account_id"] == account
            shown = re.findall(r'img src="([^"]*)"', page.text)[-1]
            assert browser.get(shown).headers["content-type"] == "image/svg+xml", account


def test_a_request_under_another_name_is_refused(here: Site) -> None:
    assert here.client(host="evil.example").get("/healthz").status_code == 421
    assert here.client(host="evil.example:80").get("/login").status_code == 421


def test_a_demo_is_known_by_the_names_of_this_machine_only() -> None:
    given = load(None, ["serving.hosts=[rind.example.com]", "serving.https=true"])
    assert settings_of(given, demo=True).hosts == LOOPBACK
    assert settings_of(given, demo=False).hosts == (*LOOPBACK, "rind.example.com")


def test_other_names_want_https() -> None:
    with pytest.raises(UsageError, match=r"serving\.https"):
        settings_of(load(None, ["serving.hosts=[rind.example.com]"]), demo=False)


@pytest.mark.parametrize("path", ["/login", "/", "/v1/risk-list", "/nowhere", "/static/rind.css", "/healthz"])
def test_every_answer_has_the_headers_that_keep_it_safe(here: Site, path: str) -> None:
    headers = here.logged_in().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert ("no-store" in headers["cache-control"]) == (path not in ("/v1/risk-list", "/static/rind.css"))


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


def test_pages_hold_no_inline_script_or_style(here: Site) -> None:
    browser = here.logged_in("admin")
    for path in ("/", "/watermelons", "/model", "/accounts/A00003", "/audit"):
        page = browser.get(path).text
        assert " style=" not in page, path
        assert "<style" not in page, path
        assert page.count("<script") == page.count('<script src="/static/'), path
        assert " onclick" not in page, path
