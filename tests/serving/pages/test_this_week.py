"""The page of this week and its downloads."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from result_folders import write_results
from served import OTHER, OWN, Site, listed, read, site


def test_a_download_holds_the_rows_of_the_filters(here: Site, results: Path) -> None:
    listing = pd.read_parquet(results / "risk_list.parquet")
    answer = here.client().get("/risk-list.csv?band=red&sort=mrr&order=asc")
    wanted = listing[listing["risk_band"] == "red"].sort_values("mrr", kind="stable")
    table = pd.read_csv(io.StringIO(answer.text))
    assert list(table["account_id"]) == list(wanted["account_id"])
    assert answer.headers["content-disposition"].endswith('risk_list_2026-06-29.csv"')


@pytest.mark.parametrize(("setting", "shown"), [({}, "money in EUR"), ({"currency": "CHF"}, "money in CHF")])
def test_the_workbook_names_the_currency_of_the_pages(
    results: Path, tmp_path: Path, setting: dict[str, str], shown: str
) -> None:
    shutil.copytree(results, tmp_path / "results")
    run = json.loads((results / "run.json").read_text())
    run["facts"]["currency"] = "EUR"
    (tmp_path / "results/run.json").write_text(json.dumps(run))
    with site(tmp_path / "results", tmp_path / "access.sqlite", demo=True, **setting) as made:
        book = openpyxl.load_workbook(io.BytesIO(made.client().get("/risk-list.xlsx").content))
    assert shown in str(book["This week"].oddFooter.left.text)


def test_the_list_shows_fifty_accounts_a_page_riskiest_first(here: Site, listing: pd.DataFrame) -> None:
    ids = list(listing.sort_values("rank")["account_id"])
    assert listed(read(here, "/")) == ids[:50]
    assert listed(read(here, "/?page=3")) == ids[100:]
    assert listed(read(here, "/?page=4")) == []


def test_the_filters_choose_what_they_say(here: Site, listing: pd.DataFrame) -> None:
    days = (pd.to_datetime(listing["term_ends_on"]) - pd.Timestamp("2026-06-29")).dt.days
    table = {
        "segment=enterprise": listing["segment"] == "enterprise",
        "csm=Ben+Carter": listing["csm"] == "Ben Carter",
        "band=red": listing["risk_band"] == "red",
        "renewal_within_days=60": (days >= 0) & (days <= 60),
        "watermelons=true": listing["watermelon"],
        "q=nOrTh+lo": listing["name"].str.lower().str.contains("north lo"),
        "band=red&csm=Ben+Carter": (listing["risk_band"] == "red") & (listing["csm"] == "Ben Carter"),
    }
    for query, chosen in table.items():
        assert chosen.any(), query
        assert listed(read(here, f"/?{query}")) == list(listing.loc[chosen, "account_id"])[:50], query


def test_a_form_that_sends_its_empty_fields_is_understood(here: Site, listing: pd.DataFrame) -> None:
    """As a browser without scripts sends it."""
    empty = "q=&segment=&csm=all&band=&renewal_within_days=&order="
    assert listed(read(here, f"/?{empty}")) == list(listing["account_id"])[:50]
    assert here.client().get(f"/risk-list.csv?{empty}").status_code == 200
    assert here.client().get("/v1/risk-list?renewal_within_days=").status_code == 200
    assert "Yours" not in read(here, "/health-score?usage=&amber_from=&segment=")


def test_the_columns_sort_both_ways(here: Site, listing: pd.DataFrame) -> None:
    by_money = listing.sort_values("mrr_at_risk", ascending=False, kind="stable")["account_id"]
    assert listed(read(here, "/?sort=mrr_at_risk")) == list(by_money)[:50]
    by_name = listing.sort_values("name", key=lambda name: name.str.lower(), kind="stable")["account_id"]
    assert listed(read(here, "/?sort=name&order=asc")) == list(by_name)[:50]


def test_what_is_at_stake_is_the_sum_of_the_list(here: Site, listing: pd.DataFrame) -> None:
    page = read(here, "/")
    assert f"{12 * listing['mrr_at_risk'].sum():,.0f}" in page
    own = listing[listing["csm"] == OWN]
    assert f"{12 * own['mrr_at_risk'].sum():,.0f}" in read(here, "/?csm=Amara+Okafor")


def test_a_stamp_of_a_guard_stands_above_the_list_and_other_notes_do_not(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "week", accounts=20)
    run = json.loads((folder / "run.json").read_text())
    run["facts"]["notes"] = ["Too odd: 1 USD counts as 1 <b>EUR</b>.", "broken rows set aside: contacts 21"]
    (folder / "run.json").write_text(json.dumps(run))
    with site(folder, tmp_path / "access.sqlite", demo=True) as opened:
        page = read(opened, "/")
    assert page.index("Too odd: 1 USD counts as 1 &lt;b&gt;EUR") < page.index("ARR at risk")
    assert "broken rows set aside" not in page


def test_every_filter_shows_in_the_title_and_in_the_tiles(here: Site, listing: pd.DataFrame) -> None:
    page = read(here, "/?band=red&segment=enterprise")
    chosen = listing[(listing["risk_band"] == "red") & (listing["segment"] == "enterprise")]
    assert f"{len(chosen)} of {len(listing)} accounts: enterprise, red." in page
    assert f"<dd>{12 * chosen['mrr_at_risk'].sum():,.0f}</dd>" in page


def test_the_ledger_of_the_week_names_accounts_and_money(here: Site, results: Path) -> None:
    page = read(here, "/")
    for line in json.loads((results / "ledger.json").read_text())["lines"]:
        assert f'<a href="/accounts/{line["account_id"]}">{line["name"]}</a>' in page
        assert f"{line['arr']:,.0f}" in page
    assert "1 gave notice" in page


def test_a_customer_that_gave_notice_stays_to_be_saved_and_has_a_page(here: Site, results: Path) -> None:
    (line,) = json.loads((results / "ledger.json").read_text())["save_or_close"]
    page = read(here, "/")
    assert line["name"] in page[page.index("Save or close") :]
    assert line["name"] not in read(here, f"/?csm={OWN if line['csm'] != OWN else OTHER}")
    account = read(here, f"/accounts/{line['account_id']}")
    assert "This customer gave notice on 22 Jun 2026; the contract runs to" in account


@pytest.mark.parametrize(
    ("order", "words", "switches"),
    [
        ("risk", "by their risk of leaving within 90 days", ["Most likely to leave", "Save this much first"]),
        ("mrr_at_risk", "by the ARR at risk within 90 days", ["Save this much first", "Most likely to leave"]),
        ("expected_value", "by what acting on them is expected to keep",
         ["Most to keep by acting", "Most likely to leave", "Save this much first"]),
    ],
)  # fmt: skip
def test_the_page_says_by_what_the_run_sorted_the_list(
    tmp_path: Path, order: str, words: str, switches: list[str]
) -> None:
    folder = write_results(tmp_path / "week", accounts=20)
    run = json.loads((folder / "run.json").read_text())
    run["parameters"]["risk"]["order"] = order
    (folder / "run.json").write_text(json.dumps(run))
    with site(folder, tmp_path / "access.sqlite", demo=True) as opened:
        page, by_risk = read(opened, "/"), read(opened, "/?order=risk")
    assert f"{words}." in page
    links = re.findall(
        r'#list"( aria-current="true")?>([^<]+)</a>', page[page.index('class="switch"') :].split("</nav>")[0]
    )
    assert [name for _, name in links] == switches
    assert [bool(current) for current, _ in links] == [True, *[False] * (len(links) - 1)]
    assert 'aria-current="true">Most likely to leave</a>' in by_risk
