"""The forms by which readers answer to the list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest
from served import BROWSER, OTHER, OWN, Client, Site, accounts, listed, site, token

from rind.reports.formats import HOUSE
from rind.serving.feedback.acts import Acknowledge, Commitment, Intervention, Note, ReasonVerdict, Snooze
from rind.serving.pages.feedback import act_of
from rind.serving.problems import ProblemError


@pytest.fixture
def fresh(results: Path, tmp_path: Path) -> Iterator[Site]:
    with site(results, tmp_path / "access.sqlite") as made:
        yield made


def first_of(listing: pd.DataFrame, csm: str) -> str:
    return str(listing.loc[listing["csm"] == csm, "account_id"].iloc[0])


def send(browser: Client, account: str, page: str = "", **fields: str) -> Any:
    text = browser.get(page or f"/accounts/{account}").text
    back = page or f"/accounts/{account}#answers"
    return browser.post(f"/accounts/{account}/feedback", data={"csrf": token(text), "back": back, **fields})


def test_a_form_of_several_kinds_is_the_act_whose_button_was_pressed() -> None:
    shared = {"csrf": "x", "back": "/", "until": "2026-07-14", "csm": OWN, "note": "n", "playbook": "p"}
    assert act_of(shared | {"kind": "acknowledge"}) == Acknowledge(kind="acknowledge")
    assert act_of(shared | {"kind": "snooze"}) == Snooze.model_validate({"kind": "snooze", "until": "2026-07-14"})
    assert act_of(shared | {"judge": "2 known"}) == ReasonVerdict(kind="reason", reason=2, verdict="known")
    assert act_of(shared | {"kind": "note", "supersedes": "3"}) == Note(kind="note", note="n", supersedes=3)
    committed = act_of(shared | {"kind": "commitment", "category": "at_risk", "quarter": "2026-07-01"})
    assert committed == Commitment.model_validate(
        {"kind": "commitment", "category": "at_risk", "quarter": "2026-07-01"}
    )
    began = act_of(shared | {"kind": "intervention", "started_on": "2026-06-15", "cost": "", "ended_on": ""})
    assert began == Intervention.model_validate({"kind": "intervention", "playbook": "p", "started_on": "2026-06-15"})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": "dance"},
        {"kind": "commitment", "category": "sure"},
        {"judge": "useful"},
        {"judge": "9 useful"},
        {"kind": "note"},
    ],
)
def test_a_form_that_names_no_act_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ProblemError) as caught:
        act_of(fields)
    assert caught.value.status == 422


def test_what_a_csm_answers_stands_on_the_page_with_who_and_when(fresh: Site, listing: pd.DataFrame) -> None:
    account, browser = first_of(listing, OWN), fresh.logged_in("csm", OWN, name="amara")
    answer = send(browser, account, judge="1 useful")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts/{account}#answers")
    send(browser, account, kind="note", note="They <b>want</b> SSO.")
    send(browser, account, kind="intervention", playbook="Success plan", started_on="2026-06-22", cost="900")
    send(browser, account, kind="snooze", until="2026-07-14")
    send(browser, account, kind="assign", csm=OTHER)
    page = browser.get(f"/accounts/{account}").text
    assert "They &lt;b&gt;want&lt;/b&gt; SSO." in page
    for words in ("Success plan", "Snoozed until 14 Jul 2026", f"<b>{OTHER}</b> took it on", "amara"):
        assert words in page
    assert page.count('aria-pressed="true"') == 1
    assert fresh.logged_in("admin").get(f"/accounts/{account}").text.count("They &lt;b&gt;want") >= 1


def test_the_page_of_another_reader_carries_the_token_of_that_reader(fresh: Site, listing: pd.DataFrame) -> None:
    account = first_of(listing, OWN)
    readers = [fresh.logged_in("csm", OWN), fresh.logged_in("admin")]
    tokens = []
    for reader in readers:
        page = reader.get(f"/accounts/{account}").text
        form = page[page.index('class="feedback"') :]
        tokens.append(token(form))
        assert set(re.findall(r'name="csrf" value="([^"]+)"', page)) == {tokens[-1]}
    assert tokens[0] != tokens[1]


def test_a_viewer_and_the_csm_of_others_see_the_answers_and_no_form(fresh: Site, listing: pd.DataFrame) -> None:
    account = first_of(listing, OTHER)
    send(fresh.logged_in("admin", name="ada"), account, kind="note", note="called")
    for browser in (fresh.logged_in("viewer"), fresh.logged_in("csm", OWN)):
        page = browser.get(f"/accounts/{account}").text
        assert "called" in page
        assert '/feedback"' not in page
        form = browser.get("/").text
        data = {"kind": "note", "note": "x", "csrf": token(form), "back": "/"}
        assert browser.post(f"/accounts/{account}/feedback", data=data).status_code == 403


def test_a_form_without_the_token_of_the_session_changes_nothing(fresh: Site, listing: pd.DataFrame) -> None:
    account, browser = first_of(listing, OWN), fresh.logged_in("admin")
    for data in ({"kind": "acknowledge"}, {"kind": "acknowledge", "csrf": "guessed"}):
        assert browser.post(f"/accounts/{account}/feedback", data=data).status_code == 403
    assert (
        fresh.client(**BROWSER).post(f"/accounts/{account}/feedback", data={"kind": "acknowledge"}).status_code == 401
    )
    assert fresh.app.state.serving.feedback.revision == 0


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_a_form_leads_back_to_this_server_only(fresh: Site, listing: pd.DataFrame, back: str) -> None:
    account, browser = first_of(listing, OWN), fresh.logged_in("admin")
    data = {"csrf": token(browser.get("/").text), "back": back, "kind": "acknowledge"}
    assert browser.post(f"/accounts/{account}/feedback", data=data).headers["location"] == "/"


def test_a_row_is_answered_and_the_list_comes_back_with_its_filters(fresh: Site, listing: pd.DataFrame) -> None:
    browser, account = fresh.logged_in("admin"), first_of(listing, OWN)
    answer = send(browser, account, "/?csm=all&band=red", kind="acknowledge")
    assert answer.headers["location"] == "/?csm=all&band=red"
    row = browser.get("/?csm=all").text
    row = row[row.index(f'href="/accounts/{account}"') :]
    assert ">seen</span>" in row[: row.index("</tr>")]


def test_what_is_snoozed_is_told_as_such_and_keeps_its_place(fresh: Site, listing: pd.DataFrame) -> None:
    browser, account = fresh.logged_in("admin"), str(listing["account_id"].iloc[1])
    before = listed(browser.get("/").text)
    send(browser, account, kind="snooze", until="2026-07-14")
    page = browser.get("/").text
    assert listed(page) == before
    assert "snoozed until 14 Jul 2026" in page


def test_not_yet_worked_leaves_out_what_was_worked_on_the_page_in_downloads_and_in_the_api(
    fresh: Site, listing: pd.DataFrame
) -> None:
    browser, account = fresh.logged_in("admin"), str(listing["account_id"].iloc[0])
    program = fresh.program("read", "export")
    everybody = program.get("/v1/risk-list?not_worked=true").json()["paging"]["total"]
    send(browser, account, kind="acknowledge")
    assert account not in listed(browser.get("/?not_worked=true").text)
    assert account in listed(browser.get("/").text)
    assert account not in browser.get("/risk-list.csv?not_worked=true").text
    body = program.get("/v1/risk-list?not_worked=true").json()
    assert body["paging"]["total"] == everybody - 1
    assert account not in [row["account_id"] for row in body["accounts"]]
    assert program.get("/v1/watermelons?not_worked=true").status_code == 200


def test_the_switch_orders_the_list_by_money(fresh: Site, listing: pd.DataFrame) -> None:
    browser = fresh.logged_in()
    page = browser.get("/?order=money").text
    assert listed(page) == list(listing.sort_values("mrr_at_risk", ascending=False)["account_id"])[:50]
    assert re.search(r'order=money#list" aria-current="true">Save this much first', page)
    assert accounts(page)


def test_the_model_page_shows_the_verdicts_by_feature(fresh: Site, listing: pd.DataFrame) -> None:
    browser, account = fresh.logged_in("admin"), first_of(listing, OWN)
    assert "Nobody has judged a reason yet" in browser.get("/model").text
    send(browser, account, judge="1 useful")
    send(browser, account, judge="2 wrong")
    page = browser.get("/model").text
    assert "Of 2 reasons judged 1 useful, 0 known before, 1 wrong." in page
    assert "Verdicts on reasons, by feature" in page


def test_a_commitment_stands_on_the_account_in_the_book_and_beside_the_forecast(
    fresh: Site, listing: pd.DataFrame
) -> None:
    account, browser = first_of(listing, OWN), fresh.logged_in("csm", OWN, name="amara")
    assert "No CSM has committed to an account for Q3 2026 yet." in browser.get("/forecast").text
    assert "has a commitment for Q3 2026 yet" in browser.get("/book").text
    for category in ("commit", "at_risk"):
        assert send(browser, account, kind="commitment", category=category, quarter="2026-07-01").status_code == 303
    page = browser.get(f"/accounts/{account}").text
    assert "<b>At risk</b> for Q3 2026" in page
    assert page.count(">commitment: ") == 2
    book = browser.get("/book").text
    book = book[book.index('id="committed"') : book.index('id="moved"')]
    assert accounts(book) == [account]
    assert "<td>At risk</td>" in book
    row = listing.set_index("account_id").loc[account]
    for path, counted in (("/forecast", 1), (f"/forecast?csm={quote(OWN)}", 1), (f"/forecast?csm={quote(OTHER)}", 0),
                          (f"/forecast?segment={quote(row['segment'])}", 1)):  # fmt: skip
        page = browser.get(path).text
        line = f'At risk</th><td class="n">1</td><td class="n">{HOUSE.arr(row["mrr"])}</td>'
        assert page.count(line) == counted, path


def test_a_quarter_that_is_over_takes_no_commitment(fresh: Site, listing: pd.DataFrame) -> None:
    account, browser = first_of(listing, OWN), fresh.logged_in("admin")
    assert send(browser, account, kind="commitment", category="commit", quarter="2026-01-01").status_code == 422
    assert fresh.app.state.serving.feedback.revision == 0
