"""The page of the advocates, for each role."""

from __future__ import annotations

import json
from pathlib import Path

from served import OTHER, OWN, Site, read, site


def listed(results: Path, csm: str) -> list[str]:
    rows = json.loads((results / "advocates.json").read_text())["accounts"]
    return [row["name"] for row in rows if row["csm"] == csm and row["kind"] == "advocate"]


def test_every_account_stands_with_its_reason(here: Site, results: Path) -> None:
    page = read(here, "/advocates")
    for name in [*listed(results, OWN)[:3], *listed(results, OTHER)[:3]]:
        assert f"by {name}" in page
    assert "Who is listed: Promoters of 50\xa0%." in page


def test_who_sees_the_own_accounts_only_sees_no_others(results: Path, tmp_path: Path) -> None:
    assert listed(results, OWN)
    assert listed(results, OTHER)
    with site(results, tmp_path / "access.sqlite", csm_sees="own_only") as strict:
        page = strict.logged_in("csm", OWN).get("/advocates").text
        assert all(name in page for name in listed(results, OWN)[:3])
        assert not any(f"by {name}<" in page for name in listed(results, OTHER))
        assert OTHER not in page
