"""The risk list as data."""

from __future__ import annotations

from typing import Any

import pandas as pd
from served import Client, Site


def test_an_unknown_parameter_is_refused(here: Site) -> None:
    answer = here.program("read").get("/v1/risk-list?pagesize=10")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "query.pagesize"


def test_all_pages_together_are_the_whole_list(program: Client, listing: pd.DataFrame) -> None:
    rows: list[dict[str, Any]] = []
    path: str | None = "/v1/risk-list?page_size=50"
    while path:
        body = program.get(path).json()
        rows += body["accounts"]
        path = body["paging"]["next"]
    assert [row["account_id"] for row in rows] == list(listing["account_id"])
    assert [row["churn_probability"] for row in rows] == list(listing["churn_probability"])
    assert [row["term_ends_on"] for row in rows] == [str(day) for day in listing["term_ends_on"]]
    assert body["paging"] | {"next": None} == {"page": 3, "page_size": 50, "pages": 3, "total": 130, "next": None}
