"""The ways in that must work, and who may see what."""

from __future__ import annotations

import io
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from served import BROWSER, OTHER, OWN, PASSWORD, QUICK, Client, Site, listed, log_in, site, token

from rind.common.errors import UsageError
from rind.pipelines.data import write
from rind.serving.access.access_file import Access
from rind.serving.access.cookies import COOKIE
from rind.serving.api.schemas import AccountDetail
from rind.serving.server import uvicorn_config

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


def test_logging_in_shows_the_page_that_was_asked_for_and_logging_out_ends_it(here: Site) -> None:
    here.access.users.add("jonas", PASSWORD, "viewer")
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
    here.access.users.add("jonas", PASSWORD, "viewer")
    browser = here.client(**BROWSER)
    answer = log_in(browser, name, "wrong password!")
    assert answer.status_code == 401
    assert "Name or password is wrong" in answer.text
    assert COOKIE not in browser.cookies


def test_after_a_few_attempts_a_name_has_to_wait(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=3) as here:
        here.access.users.add("jonas", PASSWORD, "viewer")
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
        listening = uvicorn_config(here.app, here.settings, 0)
        listening.load()
        assert attempts(here, listening.loaded_app, "203.0.113.7", 11) == [401] * 10 + [429]
        assert attempts(here, listening.loaded_app, "203.0.113.8", 1) == [401]
        told = [event.address for event in here.access.audit.events(action="login failed")]
        assert (told.count("203.0.113.7"), told.count("203.0.113.8")) == (10, 1)


def test_without_a_proxy_nobody_is_believed_to_be_somebody_else(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", login_attempts_per_minute=1) as here:
        listening = uvicorn_config(here.app, here.settings, 0)
        listening.load()
        attempts(here, listening.loaded_app, "203.0.113.7", 1)
        assert {event.address for event in here.access.audit.events()} == {"127.0.0.1"}


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                    "//[", "/x\r\nset-cookie: a=b"])  # fmt: skip
def test_the_login_leads_nowhere_else(here: Site, target: str) -> None:
    here.access.users.add("jonas", PASSWORD, "viewer")
    assert here.client(**BROWSER).get("/login", params={"next": target}).status_code == 200
    assert log_in(here.client(**BROWSER), "jonas", then=target).headers["location"] == "/"


def test_a_session_expires(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = here.logged_in()
    assert browser.get("/").status_code == 200
    real = here.access.database.now
    monkeypatch.setattr(here.access.database, "now", lambda later=timedelta(): real(later + timedelta(hours=12.1)))
    assert browser.get("/").status_code == 303


def test_a_new_password_and_a_removal_end_all_sessions(here: Site) -> None:
    first, second = here.logged_in(name="jonas"), here.logged_in(name="mia")
    here.access.users.set_password("jonas", "another long one")
    here.access.users.remove("mia")
    assert first.get("/").status_code == second.get("/").status_code == 303


def test_a_key_does_what_its_scopes_say_until_it_is_revoked(here: Site) -> None:
    reader, scorer = here.program("read"), here.program("score")
    assert reader.get("/v1/risk-list").status_code == 200
    assert reader.get("/metrics").status_code == reader.get("/risk-list.csv").status_code == 403
    assert scorer.get("/v1/risk-list").status_code == 403
    body = {"accounts": [{"account_id": "x", "features": {"usage__events__28d": 0}}]}
    assert scorer.post("/v1/score", json=body).json()["scores"][0]["churn_probability"] == 0.5
    assert reader.post("/v1/score", json=body).status_code == 403
    for key in here.access.keys.all():
        here.access.keys.revoke(key.id)
    assert reader.get("/v1/risk-list").status_code == scorer.get("/readyz").status_code == 401


def test_a_key_may_expire(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = here.access.keys.create("tests", ["read"], days=1)
    client = here.client(authorization=f"Bearer {key}")
    assert client.get("/v1/risk-list").status_code == 200
    real = here.access.database.now
    monkeypatch.setattr(here.access.database, "now", lambda later=timedelta(): real(later + timedelta(days=1.1)))
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
    for name in ("risk_list.parquet", "explanations.parquet"):
        rows = pd.read_parquet(folder / name)
        write(rows[~rows["account_id"].isin(left["account_id"])], folder / name)
    own, other = (left.loc[left["csm"] == csm, "account_id"].iloc[0] for csm in (OWN, OTHER))
    with site(folder, tmp_path / "access.sqlite", csm_sees="own_only") as here:
        csm, viewer = here.logged_in("csm", OWN), here.logged_in()
        for browser, account in ((csm, own), (viewer, own), (viewer, other)):
            page = browser.get(f"/accounts/{account}")
            assert page.status_code == 200
            assert "no longer on the list" in page.text
            assert "20 weeks since" in page.text
            told = browser.get(f"/v1/accounts/{account}").json()
            assert AccountDetail.model_validate(told).account is None
            assert (told["former"]["account_id"], told["former"]["csm"]) == (account, OWN if account == own else OTHER)
            assert (len(told["history"]), told["reasons"], told["margin"]) == (20, [], None)
            assert browser.get(f"/accounts/{account}/risk.svg").status_code == 200
        for path in ("/accounts/{}", "/accounts/{}/risk.svg", "/v1/accounts/{}"):
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
        strict.access.users.add("eve", PASSWORD, "viewer", OWN)
    with pytest.raises(UsageError, match="role"):
        strict.access.users.add("eve", PASSWORD, "root")


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="12 to 200"):
        Access(tmp_path / "access.sqlite", QUICK).users.add("jonas", "short", "viewer")


def test_the_demo_says_on_every_page_that_there_is_no_login(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", demo=True) as here:
        for path in ("/", "/model", "/nowhere"):
            assert "There is no login here" in here.client(**BROWSER).get(path).text
