"""Names that want to be something else, on every page, picture and answer of the API: they stay names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pandas as pd
import pytest
from served import Site, site

from benchmarks.made_results import make_results
from rind.pipelines.data import write
from rind.serving.addresses import account_segment
from rind.serving.pages.registry import PAGES

NAMES = (
    "=cmd|' /C calc'!A0", "+1+1", "-2-3", "@SUM(A1:A9)", "\tTab first", "<script>alert(1)</script>",
    "</td></tr><img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "' onmouseover='alert(1)", "AT&amp;T & Co",
    "javascript:alert(1)", "</title><script>alert(1)</script>", "<!--", "-->", "]]>", "{{ 7*7 }}{% raw %}%s",
    "\u202egnirts desrever", "\u0645\u0624\u0633\u0633\u0629", "CR\rin it", "CRLF\r\nSet-Cookie: a=b",
    "\u2028line\u0085end", "..", "../../etc/passwd", "<style>*{display:none}</style>", "&" * 500, "x" * 500, " blanks ",
    "'; DROP TABLE users; --",
)  # fmt: skip
ADDRESSES = {"href": r"(/|\?|#)[^/\\]?.*|", "src": r"/(static|accounts)/.*", "action": r"/[^/\\].*|/"}


class Page(HTMLParser):
    """Fails at what a name may not become: a script, a handler, a style, an address that leads elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag not in ("style", "iframe", "object", "base"), tag
        assert tag != "script" or str(given.get("src")).startswith("/static/"), given
        for name, value in attrs:
            assert not name.startswith("on"), (tag, attrs)
            assert name != "style", (tag, attrs)
            if name in ADDRESSES:
                assert re.fullmatch(ADDRESSES[name], value or "", re.DOTALL), (tag, name, value)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    make_results(folder, accounts=40, weeks=20)
    listing = pd.read_parquet(folder / "risk_list.parquet")
    names = [NAMES[n % len(NAMES)] for n in range(len(listing))]
    ids = {
        old: f"{name[:100]}{n}" if n else ".."
        for n, (old, name) in enumerate(zip(listing["account_id"], names, strict=True))
    }
    for file in ("risk_list", "backtest", "explanations", "features", "adoption", "previous_list"):
        rows = pd.read_parquet(folder / f"{file}.parquet")
        rows["account_id"] = rows["account_id"].astype("object").replace(ids)
        if file == "risk_list":
            texts = dict.fromkeys(("name", "segment", "csm", "reason_1", "reason_2", "playbook"), names)
            rows = rows.assign(**texts, watermelon=True)
        write(rows, folder / f"{file}.parquet")
    run = json.loads((folder / "run.json").read_text())
    del run["manifest"]
    run.setdefault("facts", {})["company"] = NAMES[5]
    (folder / "run.json").write_text(json.dumps(run))
    with site(folder, tmp_path_factory.mktemp("access") / "access.sqlite") as made:
        yield made


def test_no_page_takes_a_name_for_anything_else(here: Site) -> None:
    browser = here.logged_in("admin", name="<script>alert(1)</script>")
    browser.get("/", params={"q": NAMES[5], "csm": NAMES[7]})  # into the audit log
    paths = {route.path for page in PAGES for route in page.router.routes if "GET" in route.methods}
    for path in sorted(path for path in paths if "{" not in path):
        answer = browser.get(path)
        without = (404,) if path.startswith("/login/company") else ()  # there is no company login here
        assert answer.status_code in (200, 303, *without), path
        if answer.headers.get("content-type", "").startswith("text/html"):
            Page(answer.text)
    shown = Page(browser.get("/").text).text
    assert all(name.strip() in shown or name.split()[0] in shown for name in NAMES)


def test_the_page_the_pictures_and_the_answer_of_each_account_hold_its_name_as_text(here: Site) -> None:
    browser = here.logged_in("admin")
    for row in pd.read_parquet(here.folder / "risk_list.parquet").itertuples():
        at = f"/accounts/{account_segment(row.account_id)}"
        page = browser.get(at)
        assert page.status_code == 200, row.account_id
        assert row.name.split()[0] in Page(page.text).text, row.name
        account = browser.get(f"/v1{at}").json()["account"]
        assert (account["account_id"], account["name"]) == (row.account_id, row.name)
    Page(browser.get(f"{at}/risk.svg").text)


def test_no_name_becomes_a_header_of_a_download_or_of_an_answer(here: Site) -> None:
    browser = here.logged_in("admin")
    for path in ("/risk-list.csv", "/risk-list.xlsx", "/v1/risk-list"):
        for name in NAMES:
            answer = browser.get(path, params={"q": name})
            assert answer.status_code in (200, 422), (path, name)
            assert "set-cookie" not in answer.headers
            assert answer.headers.get("x-content-type-options") == "nosniff"


def test_a_body_of_twenty_megabytes_is_refused_before_it_is_read(here: Site) -> None:
    body, program = b" " * (20 * 2**20), here.program("score")
    json_ = {"content-type": "application/json"}

    async def pieces() -> object:
        for start in range(0, len(body), 2**16):
            yield body[start : start + 2**16]

    assert program.post("/v1/score", content=body, headers=json_).status_code == 413
    assert program.post("/v1/score", content=pieces(), headers=json_).status_code == 413
    assert here.client().post("/login", content=body).status_code == 413
