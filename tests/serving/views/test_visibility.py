"""Whose accounts a CSM sees."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from served import OTHER, OWN, Site, listed, site

from rind.pipelines.data import write
from rind.serving.api.schemas import AccountDetail
from rind.serving.store.folder import FolderStore


@pytest.fixture(scope="module")
def weeks(results: Path) -> FolderStore:
    return FolderStore(results, 0)


@pytest.fixture
def here(weeks: FolderStore, results: Path, tmp_path: Path) -> Iterator[Site]:
    with site(results, tmp_path / "access.sqlite", store=weeks) as made:
        yield made


@pytest.fixture
def strict(weeks: FolderStore, results: Path, tmp_path: Path) -> Iterator[Site]:
    """A CSM sees nothing but the own accounts."""
    with site(results, tmp_path / "access.sqlite", store=weeks, csm_sees="own_only") as made:
        yield made


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
    run = json.loads((folder / "run.json").read_text())
    del run["manifest"]
    (folder / "run.json").write_text(json.dumps(run))
    own, other = (left.loc[left["csm"] == csm, "account_id"].iloc[0] for csm in (OWN, OTHER))
    with site(folder, tmp_path / "access.sqlite", csm_sees="own_only") as here:
        csm, viewer = here.logged_in("csm", OWN), here.logged_in()
        for browser, account in ((csm, own), (viewer, own), (viewer, other)):
            page = browser.get(f"/accounts/{account}")
            assert page.status_code == 200
            assert "is not on the list of" in page.text
            assert "24 weeks since" in page.text
            members = browser.get(f"/v1/accounts/{account}").json()
            assert AccountDetail.model_validate(members).account is None
            assert (members["former"]["account_id"], members["former"]["csm"]) == (
                account,
                OWN if account == own else OTHER,
            )
            assert (len(members["history"]), members["reasons"], members["margin"]) == (24, [], None)
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


def test_an_account_that_was_assigned_to_a_csm_opens_to_that_csm_and_closes_with_the_assignment(
    strict: Site, results: Path
) -> None:
    rows = others(results)
    account, owner = rows["account_id"].iloc[0], rows["csm"].iloc[0]
    csm, admin = strict.logged_in("csm", OWN), strict.program("read", "feedback")
    paths = [f"/accounts/{account}", f"/v1/accounts/{account}", f"/accounts/{account}/risk.svg"]
    before = len(listed(csm.get("/").text))
    for name, status, more in ((OWN, 200, 1), (owner, 404, 0)):
        answer = admin.post(f"/v1/accounts/{account}/feedback", json={"kind": "assign", "csm": name})
        assert answer.status_code in (200, 201)
        assert [csm.get(path).status_code for path in paths] == [status] * 3
        assert len(listed(csm.get("/").text)) == before + more
