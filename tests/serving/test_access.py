"""Attacks, and the ways in that must work."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import openpyxl
import pandas as pd
import pytest
from served import BROWSER, OTHER, OWN, PASSWORD, QUICK, Client, Site, listed, log_in, site, token

import serving.access as access_module
from benchmarks.made_results import make_results
from common.errors import UsageError
from pipelines.cli_serve import _settings as settings_of
from pipelines.data import write
from pipelines.params import load
from serving.access import Access, Event
from serving.folder import FolderStore
from serving.gate import COOKIE
from serving.server import configured
from serving.settings import LOOPBACK

PAGES = ("/", "/watermelons", "/true-north", "/health-score", "/model", "/accounts/A00003", "/risk-list.csv", "/audit",
         "/risk-list.xlsx", "/accounts/A00003/risk.svg")  # fmt: skip
API = ("/v1/risk-list", "/v1/accounts/A00003", "/v1/watermelons", "/v1/true-north", "/v1/health-score", "/readyz",
       "/metrics", "/v1/openapi.json")  # fmt: skip
NASTY = ("' OR '1'='1", "'; DROP TABLE users; --", '"', "1 UNION SELECT password FROM users", "%27", "\x00", "{{7*7}}",
         "<script>alert(1)</script>", "../../etc/passwd", "=1+1", "a" * 150)  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Names that a spreadsheet would run, and one that a browser would."""
    folder = tmp_path_factory.mktemp("results")
    make_results(folder, accounts=60, weeks=20)
    listing = pd.read_parquet(folder / "risk_list.parquet")
    listing.loc[:3, "name"] = ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "<script>alert(1)</script>"]
    write(listing, folder / "risk_list.parquet")
    import json

    run = json.loads((folder / "run.json").read_text())
    del run["manifest"]
    (folder / "run.json").write_text(json.dumps(run))
    return folder


@pytest.fixture(scope="module")
def weeks(results: Path) -> FolderStore:
    return FolderStore(results, 0)


@pytest.fixture
def here(weeks: FolderStore, results: Path, tmp_path: Path) -> Iterator[Site]:
    with site(results, tmp_path / "access.sqlite", store=weeks, login_attempts_per_minute=20) as made:
        yield made


@pytest.fixture
def strict(weeks: FolderStore, results: Path, tmp_path: Path) -> Iterator[Site]:
    """A CSM sees nothing but the own accounts."""
    with site(results, tmp_path / "access.sqlite", store=weeks, csm_sees="own_only") as made:
        yield made


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


def test_logging_in_shows_the_page_that_was_asked_for_and_logging_out_ends_it(here: Site) -> None:
    here.access.add_user("jonas", PASSWORD, "viewer")
    browser = here.client(**BROWSER)
    asked = browser.get("/model?x=1").headers["location"]
    assert asked == "/login?next=%2Fmodel%3Fx%3D1"
    answer = log_in(browser, "jonas", then="/model")
    assert answer.headers["location"] == "/model"
    kept = answer.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=lax" in kept
    page = browser.get("/").text
    cookie = browser.cookies[COOKIE]
    assert browser.post("/logout", data={"csrf": token(page)}).status_code == 303
    assert here.client(cookie=f"{COOKIE}={cookie}").get("/v1/risk-list").status_code == 401  # on the server too


@pytest.mark.parametrize("name", ["jonas", "nobody", "' OR 1=1 --"])
def test_a_wrong_password_is_refused_whoever_asks(here: Site, name: str) -> None:
    here.access.add_user("jonas", PASSWORD, "viewer")
    browser = here.client(**BROWSER)
    answer = log_in(browser, name, "wrong password!")
    assert answer.status_code == 401
    assert "Name or password is wrong" in answer.text
    assert COOKIE not in browser.cookies


def test_after_a_few_attempts_a_name_has_to_wait(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=3) as here:
        here.access.add_user("jonas", PASSWORD, "viewer")
        found = [log_in(here.client(**BROWSER), "jonas", "wrong password!").status_code for _ in range(4)]
        assert found == [401, 401, 401, 429]
        assert log_in(here.client(**BROWSER), "jonas").status_code == 429  # the right one too


def attempts(here: Site, app: Any, proxied: str, count: int) -> list[int]:
    """The answers to attempts under as many names, as a proxy on this machine hands them on."""
    headers = BROWSER | {"x-forwarded-for": proxied, "x-forwarded-proto": "https"}
    client = Client(app, here.loop, headers)
    form = client.get("/login")
    cookies = {"cookie": form.headers["set-cookie"].split(";")[0]}  # secure ones do not come back over plain HTTP
    data = {"password": "wrong password!", "csrf": token(form.text)}
    return [
        client.post("/login", data=data | {"name": f"{proxied} {n}"}, headers=cookies).status_code for n in range(count)
    ]


def test_behind_a_proxy_each_address_has_its_own_attempts_and_stands_in_the_audit_log(
    results: Path, tmp_path: Path
) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=1, secure_cookies=True) as here:
        listening = configured(here.app, here.settings, 0)
        listening.load()
        assert attempts(here, listening.loaded_app, "203.0.113.7", 11) == [401] * 10 + [429]
        assert attempts(here, listening.loaded_app, "203.0.113.8", 1) == [401]
        told = [event.address for event in here.access.events(action="login failed")]
        assert (told.count("203.0.113.7"), told.count("203.0.113.8")) == (10, 1)


def test_without_a_proxy_nobody_is_believed_to_be_somebody_else(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=1) as here:
        listening = configured(here.app, here.settings, 0)
        listening.load()
        attempts(here, listening.loaded_app, "203.0.113.7", 1)
        assert {event.address for event in here.access.events()} == {"127.0.0.1"}


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                    "//[", "/x\r\nset-cookie: a=b"])  # fmt: skip
def test_the_login_leads_nowhere_else(here: Site, target: str) -> None:
    here.access.add_user("jonas", PASSWORD, "viewer")
    assert here.client(**BROWSER).get("/login", params={"next": target}).status_code == 200
    assert log_in(here.client(**BROWSER), "jonas", then=target).headers["location"] == "/"


def test_a_session_expires(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = here.logged_in()
    assert browser.get("/").status_code == 200
    real = access_module._now
    monkeypatch.setattr(access_module, "_now", lambda later=None: real((later or timedelta()) + timedelta(hours=12.1)))
    assert browser.get("/").status_code == 303


def test_a_new_password_and_a_removal_end_all_sessions(here: Site) -> None:
    first, second = here.logged_in(name="jonas"), here.logged_in(name="mia")
    here.access.set_password("jonas", "another long one")
    here.access.remove_user("mia")
    assert first.get("/").status_code == second.get("/").status_code == 303


def test_a_key_does_what_its_scopes_say_until_it_is_revoked(here: Site) -> None:
    reader, scorer = here.program("read"), here.program("score")
    assert reader.get("/v1/risk-list").status_code == 200
    assert reader.get("/metrics").status_code == reader.get("/risk-list.csv").status_code == 403
    assert scorer.get("/v1/risk-list").status_code == 403
    body = {"accounts": [{"account_id": "x", "features": {"usage__events__28d": 0}}]}
    assert scorer.post("/v1/score", json=body).json()["scores"][0]["churn_probability"] == 0.5
    assert reader.post("/v1/score", json=body).status_code == 403
    for key in here.access.all_keys():
        here.access.revoke_key(key["id"])
    assert reader.get("/v1/risk-list").status_code == scorer.get("/readyz").status_code == 401


def test_a_key_may_expire(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = here.access.create_key("tests", ["read"], days=1)
    client = here.client(authorization=f"Bearer {key}")
    assert client.get("/v1/risk-list").status_code == 200
    real = access_module._now
    monkeypatch.setattr(access_module, "_now", lambda later=None: real((later or timedelta()) + timedelta(days=1.1)))
    assert client.get("/v1/risk-list").status_code == 401


@pytest.mark.parametrize("role", ["viewer", "csm"])
def test_only_an_admin_reads_the_audit_log_and_the_measures(here: Site, role: str) -> None:
    browser = here.logged_in(role, OWN if role == "csm" else "")
    assert browser.get("/audit").status_code == browser.get("/metrics").status_code == 403
    assert here.logged_in("admin").get("/audit").status_code == 200


def others(results: Path) -> pd.DataFrame:
    listing = pd.read_parquet(results / "risk_list.parquet")
    return listing[listing["csm"] != OWN]


def test_another_csms_account_does_not_exist_for_a_csm_who_sees_only_the_own(strict: Site, results: Path) -> None:
    account = others(results)["account_id"].iloc[0]
    for client in (strict.logged_in("csm", OWN), strict.program("read", "export", csm=OWN)):
        for path in ("/accounts/{}", "/accounts/{}/risk.svg", "/accounts/{}/families.svg", "/v1/accounts/{}"):
            assert client.get(path.format(account)).status_code == 404, path
            assert client.get(path.format("A99999")).status_code == 404, path


def test_a_former_account_is_shown_to_whom_it_belonged_and_to_no_other_csm(results: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    shutil.copytree(results, folder)
    listing = pd.read_parquet(folder / "risk_list.parquet")
    before = pd.read_parquet(folder / "previous_list.parquet")
    left = listing[listing["account_id"].isin(before["account_id"])].groupby("csm").nth(0)  # one of each CSM's
    write(listing[~listing["account_id"].isin(left["account_id"])], folder / "risk_list.parquet")
    own, other = (left.loc[left["csm"] == csm, "account_id"].iloc[0] for csm in (OWN, OTHER))
    with site(folder, tmp_path / "access.sqlite", csm_sees="own_only") as here:
        csm, viewer = here.logged_in("csm", OWN), here.logged_in()
        for browser, account in ((csm, own), (viewer, own), (viewer, other)):
            page = browser.get(f"/accounts/{account}")
            assert page.status_code == 200
            assert "no longer on the list" in page.text
            assert "20 weeks since" in page.text
            assert browser.get(f"/accounts/{account}/risk.svg").status_code == 200
        for path in ("/accounts/{}", "/accounts/{}/risk.svg"):
            assert csm.get(path.format(other)).status_code == 404
            assert viewer.get(path.format("A99999")).status_code == 404


def test_no_page_and_no_download_names_another_csms_account(strict: Site, results: Path) -> None:
    hidden = set(others(results)["account_id"])
    browser = strict.logged_in("csm", OWN)
    for path in ("/", "/?csm=all", f"/?csm={OTHER}", "/?sort=mrr&q=A000", "/watermelons", "/true-north",
                 "/risk-list.csv?csm=all", f"/risk-list.csv?csm={OTHER}", "/v1/risk-list?page_size=200",
                 f"/v1/risk-list?csm={OTHER}", "/v1/watermelons", "/v1/true-north"):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert not {account for account in hidden if account in answer.text}, path
        assert OTHER not in answer.text.replace(OTHER.replace(" ", "+"), ""), path
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/risk-list.xlsx").content))
    assert {row[4].value for row in book["This week"].iter_rows(min_row=2)} == {OWN}


def test_a_csm_sees_the_own_accounts_first_and_everybodys_when_asked(here: Site, results: Path) -> None:
    listing = pd.read_parquet(results / "risk_list.parquet")
    browser = here.logged_in("csm", OWN)
    assert listed(browser.get("/").text) == list(listing.loc[listing["csm"] == OWN, "account_id"])
    assert len(listed(browser.get("/?csm=all").text)) == 50
    assert browser.get(f"/accounts/{others(results)['account_id'].iloc[0]}").status_code == 200


def test_a_viewer_may_not_be_made_a_csm_by_asking(strict: Site) -> None:
    with pytest.raises(UsageError, match="csm"):
        strict.access.add_user("eve", PASSWORD, "viewer", OWN)
    with pytest.raises(UsageError, match="role"):
        strict.access.add_user("eve", PASSWORD, "root")


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
    before = here.access.users()
    for name in ("q", "csm", "segment", "band", "sort", "order", "page", "renewal_within_days", "watermelons"):
        for path in ("/", "/risk-list.csv", "/v1/risk-list"):
            answer = browser.get(path, params={name: value})
            assert answer.status_code in (200, 422), (path, name)
            assert path != "/" or "<script>alert(1)</script>" not in answer.text
    for path in ("/audit?who=", "/audit?action=", "/health-score?usage=", "/v1/watermelons?q=", "/login?next="):
        route, _, name = path.partition("?")
        assert browser.get(route, params={name[:-1]: value}).status_code in (200, 303, 422), path
    assert browser.get(f"/v1/accounts/{quote(value, safe='')}").status_code in (404, 422)
    assert here.access.users() == before


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
    assert [(e.who, e.path) for e in here.access.events() if e.status == 500] == [("jonas", path)]
    measured = here.app.state.serving.measures.registry
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


def test_the_audit_log_tells_who_saw_and_exported_what(here: Site) -> None:
    browser = here.logged_in(name="jonas")
    browser.get("/accounts/A00003?x=1")
    browser.get("/risk-list.csv?band=red")
    log_in(here.client(**BROWSER), "jonas", "wrong password!")
    here.client().get("/v1/risk-list")
    told = {(event.who, event.action, event.path, event.detail, event.status) for event in here.access.events()}
    assert ("jonas", "login", "/login", "", 303) in told
    assert ("jonas", "see", "/accounts/A00003", "x=1", 200) in told
    assert ("jonas", "export", "/risk-list.csv", "band=red", 200) in told
    assert ("jonas", "login failed", "/login", "", 401) in told
    assert ("", "refused", "/v1/risk-list", "", 401) in told


def test_lines_that_cannot_be_written_now_wait_and_keep_nobody_from_anything(tmp_path: Path) -> None:
    store, other = Access(tmp_path / "access.sqlite", QUICK), sqlite3.connect(tmp_path / "access.sqlite")
    store._con.execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN IMMEDIATE")  # another process holds the file
    store.note(Event("2026-07-01T00:00:00+00:00", "jonas", "see", "/first", "", "", 200))
    store.note(Event("2026-07-01T00:00:01+00:00", "jonas", "export", "/second", "", "", 200), at_once=True)
    assert not store.flush()
    other.rollback()
    other.close()
    assert store.flush()
    store.add_user("jonas", PASSWORD, "viewer")  # no transaction was left open
    assert [event.path for event in store.events()] == ["/second", "/first"]
    store.close()


def test_a_write_that_fails_half_way_leaves_neither_lines_nor_an_open_transaction(tmp_path: Path) -> None:
    store = Access(tmp_path / "access.sqlite", QUICK)
    store._con.execute("CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.path = '/second' "
                       "BEGIN SELECT RAISE(FAIL, 'the disk is full'); END")  # fmt: skip
    for path in ("/first", "/second"):
        store.note(Event("2026-07-01T00:00:00+00:00", "jonas", "see", path, "", "", 200))
    assert not store.flush()
    assert store._con.execute("SELECT count(*) FROM audit").fetchone() == (0,)
    store._con.execute("DROP TRIGGER full")
    assert [event.path for event in store.events()] == ["/second", "/first"]
    store.close()


def test_lines_are_forgotten_after_their_days_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_module, "PRUNED_AT_ONCE", 2)
    store, now = Access(tmp_path / "access.sqlite", QUICK), datetime.now(UTC)
    for days in (40, 31, 30.1, 29.9, 0):
        at = (now - timedelta(days=days)).isoformat(timespec="seconds")
        store.note(Event(at, "jonas", "see", f"/{days}", "", "", 200))
    store.flush()
    assert store.prune(30) == 3
    assert [event.path for event in store.events()] == ["/0", "/29.9"]
    store.close()


def test_a_server_prunes_when_it_starts(here: Site) -> None:
    here.access.note(Event("2020-01-01T00:00:00+00:00", "jonas", "see", "/old", "", "", 200), at_once=True)

    async def start() -> None:
        async with here.app.router.lifespan_context(here.app):
            while here.access.events():
                await asyncio.sleep(0.01)

    here.loop.run(asyncio.wait_for(start(), 30))
    assert here.access.events() == []


def test_the_file_holds_no_password_no_session_and_no_key(tmp_path: Path) -> None:
    store = Access(tmp_path / "access.sqlite", QUICK)
    store.add_user("jonas", PASSWORD, "viewer")
    session = store.log_in("jonas", PASSWORD, 1)
    key = store.create_key("tests", ["read"])
    store.close()
    assert session
    content = (tmp_path / "access.sqlite").read_bytes()
    assert not any(secret.encode() in content for secret in (PASSWORD, session, key, key.split("_", 2)[2]))
    assert b"$argon2id$" in content
    assert (tmp_path / "access.sqlite").stat().st_mode & 0o077 == 0


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="12 to 200"):
        Access(tmp_path / "access.sqlite", QUICK).add_user("jonas", "short", "viewer")


def test_the_demo_says_on_every_page_that_there_is_no_login(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", demo=True) as here:
        for path in ("/", "/model", "/nowhere"):
            assert "There is no login here" in here.client(**BROWSER).get(path).text
