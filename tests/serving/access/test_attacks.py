"""Attacks on the whole server, through every page and endpoint."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin

import openpyxl
import pandas as pd
import pytest
from served import Site, site

from benchmarks.made_results import make_results
from rind.pipelines.data import write
from rind.serving.access.cookies import COOKIE


async def raw(app: Any, path: str, cookie: str) -> tuple[int, bytes]:
    """Status and body of a GET whose path goes to the application as it stands: HTTP clients tidy it up."""
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode()), (b"accept", b"text/html")]
    scope = {"type": "http", "method": "GET", "path": unquote(path), "raw_path": path.encode(), "query_string": b"",
             "headers": headers, "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 80), "scheme": "http",
             "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"}}  # fmt: skip
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages[0]["status"], b"".join(message.get("body", b"") for message in messages[1:])


NASTY = ("' OR '1'='1", "'; DROP TABLE users; --", '"', "1 UNION SELECT password FROM users", "%27", "\x00", "{{7*7}}",
         "<script>alert(1)</script>", "../../etc/passwd", "=1+1", "a" * 150)  # fmt: skip


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


def test_ids_with_slashes_quotes_and_other_letters_are_reached_and_are_text(tmp_path: Path) -> None:
    odd = [
        "a/b",
        "..",
        ".",
        "a\r\nb",
        "a\nb",
        "../../x",
        "~Li4",
        "a/feedback",
        "\\x",
        "x' OR '1'='1",
        "ü ñ 漢",
        "a?b#c",
        '"><script>alert(1)</script>',
        "risk.svg",
        "50%",
        "a b",
    ]
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
            assert urljoin("http://localhost/", link).endswith(link), account  # as browsers tidy it up
            page = browser.get(link)
            assert page.status_code == 200, account
            assert "<script>alert(1)" not in page.text
            assert browser.get(f"/v1{link}").json()["account"]["account_id"] == account
            shown = re.findall(r'img src="([^"]*)"', page.text)[-1]
            assert browser.get(shown).headers["content-type"] == "image/svg+xml", account
            assert browser.get(f"/v1{link}/feedback").json()["account_id"] == account


def test_pages_hold_no_inline_script_or_style(here: Site) -> None:
    browser = here.logged_in("admin")
    for path in ("/", "/watermelons", "/model", "/accounts/A00003", "/audit"):
        page = browser.get(path).text
        assert " style=" not in page, path
        assert "<style" not in page, path
        assert page.count("<script") == page.count('<script src="/static/'), path
        assert " onclick" not in page, path
