"""True North as data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from served import OWN, Client, Site


def test_all_pages_together_are_the_accounts_in_launch_with_their_names(program: Client, results: Path) -> None:
    adoption = pd.read_parquet(results / "adoption.parquet")
    names = pd.read_parquet(results / "risk_list.parquet").set_index("account_id")["name"]
    rows, path = [], "/v1/true-north?page_size=3"
    while path:
        body = program.get(path).json()
        rows += body["accounts"]
        path = body["paging"]["next"]
    assert [row["account_id"] for row in rows] == adoption["account_id"].tolist()
    assert [row["name"] for row in rows] == [names[account] for account in adoption["account_id"]]
    assert body["paging"]["total"] == len(adoption)


def test_a_key_of_one_csm_gets_that_csms_accounts_only(here: Site) -> None:
    rows = here.program("read", csm=OWN).get("/v1/true-north?page_size=200").json()["accounts"]
    assert rows
    assert {row["csm"] for row in rows} == {OWN}
