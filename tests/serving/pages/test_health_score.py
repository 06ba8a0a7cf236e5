"""The page of the health score."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
from served import Site, read, share, site

from benchmarks.made_results import make_results


def row_of(page: str, title: str) -> str:
    """The cells of a row of a table."""
    return page[page.index(f'<th scope="row">{title}') :].split("</tr>", 1)[0]


def test_proposed_weights_are_shown_with_the_bands_that_were_proposed_with_them(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=60, weeks=24)
    score, run = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("health_score", "run"))
    del run["manifest"]
    (tmp_path / "run.json").write_text(json.dumps(run))
    in_red = []
    for bands in ({}, {"bands": {"proposed": {"amber_from": 100, "green_from": 100}}}):
        (tmp_path / "health_score.json").write_text(json.dumps(score | bands))
        with site(tmp_path, tmp_path / "access.sqlite", demo=True) as made:
            page = read(made, "/health-score")
        row = page[page.index("Accounts in red") :].split("</tr>")[0]
        in_red.append([int(share) for share in re.findall(r"(\d+)\xa0%</td>", row)])
    (today, proposed), (same, all_of_them) = in_red
    assert today == same
    assert proposed < 50
    assert all_of_them > 95


def test_a_segments_own_weights_can_be_tried_and_are_kept_while_others_are(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=60, weeks=24)
    run = json.loads((tmp_path / "run.json").read_text())
    own = {"enterprise": {"weights": {"tickets": 70, "usage": 30}, "curves": {}}}
    run["parameters"]["health"] = (run["parameters"].get("health") or {}) | {"segments": own}
    (tmp_path / "run.json").write_text(json.dumps(run))
    history = pd.read_parquet(tmp_path / "backtest.parquet")
    known = history[history["churned"].notna()]
    big = known[known["segment"] == "enterprise"]
    with site(tmp_path, tmp_path / "access.sqlite") as here:
        browser = here.logged_in()
        page = browser.get("/health-score").text
        assert "Accounts of enterprise keep the weights of their own" in page
        page = browser.get("/health-score?segment=enterprise").text
        red = (0.7 * big["health_tickets"] + 0.3 * big["health_usage"] < 45).mean()
        assert share(red) in row_of(page, "Accounts in red")
        assert 'name="tickets" min="0" max="100" step="1" value="70"' in page
        page = browser.get("/health-score?segment=enterprise&tickets=0&usage=100").text
        assert share((big["health_usage"] < 45).mean()) in row_of(page, "Accounts in red")
        assert "Yours" in page
        assert browser.get("/health-score?segment=%27%20OR%201&amber_from=").status_code == 200


def test_other_weights_are_recomputed_on_the_past(here: Site) -> None:
    page = read(here, "/health-score?usage=100&tickets=0&contacts=0&surveys=0&engagement=0&commercial=0&green_from=80")
    assert "Yours" in page
    assert "Yours" not in read(here, "/health-score")
