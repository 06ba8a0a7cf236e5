"""The page of one account."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from served import BROWSER, Site, read, share, site

from benchmarks.made_results import make_results
from rind.serving.problems import ProblemError


def test_the_page_of_an_account_tells_its_row_reasons_past_and_peers(here: Site, listing: pd.DataFrame) -> None:
    row = listing.set_index("account_id").loc["A00003"]
    page = read(here, "/accounts/A00003")
    for text in (row["name"], row["reason_1"], row["reason_2"], row["playbook"], share(row["churn_probability"])):
        assert text in page
    assert "24 weeks since" in page
    assert "left within 90 days" in page
    assert "Two more users active on reports" in page  # it is in launch
    assert "First days" not in read(here, "/accounts/A00100")


def test_why_and_what_to_do_stand_before_what_else_may_become_of_an_account(here: Site) -> None:
    page = read(here, "/accounts/A00003")
    assert page.index('id="why"') < page.index("What to do next") < page.index("When it may leave")


def test_when_an_account_may_leave_stands_apart_from_the_tiles_above_it(here: Site) -> None:
    page = read(here, "/accounts/A00003")
    assert '<div class="card spaced"><table class="plain narrow"><caption>When it may leave' in page
    assert re.search(r"leaves within 30 days</th><td[^>]*>5.%</td><td[^>]*>5.%</td>", page)


def test_pictures_are_drawn_for_light_dark_and_narrow(here: Site) -> None:
    client = here.client(**BROWSER)
    light = client.get("/accounts/A00003/risk.svg")
    assert light.headers["content-type"] == "image/svg+xml"
    assert light.text.startswith('<svg role="img" aria-label=')
    assert "#1f2933" in light.text
    assert "#1f2933" not in client.get("/accounts/A00003/families.svg?theme=dark&narrow=true").text
    again = client.get("/accounts/A00003/risk.svg", headers={"if-none-match": light.headers["etag"]})
    assert again.status_code == 304


def test_a_picture_that_cannot_be_drawn_says_so_in_its_place(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: object) -> str:
        raise ProblemError(503, "busy")

    with monkeypatch.context() as patch:
        patch.setattr(here.app.state.serving.pictures, "svg", fail)
        answer = here.client().get("/accounts/A00007/tickets.svg?theme=dark")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "image/svg+xml")
        assert "cannot be drawn now" in answer.text
        assert "no-store" in answer.headers["cache-control"]
    assert here.client().get("/accounts/A00007/tickets.svg?theme=dark").status_code == 200


def test_the_last_weeks_stand_in_figures_under_their_picture(here: Site, results: Path) -> None:
    page = read(here, "/accounts/A00007")
    table = page[page.index("weeks in figures") :].split("</table>")[0]
    past = pd.read_parquet(results / "backtest.parquet").query("account_id == 'A00007'").iloc[::-1][:13]
    assert re.findall(r'<td class="n">([\d.]+)\xa0%</td>', table) == [
        f"{100 * risk:.{1 if risk < 0.0095 else 0}f}" for risk in past["churn_probability"]
    ]


def test_a_picture_that_the_browser_has_is_not_drawn_again(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = here.client(**BROWSER)
    tag = client.get("/accounts/A00003/risk.svg").headers["etag"]
    monkeypatch.setattr(here.app.state.serving.pictures, "svg", lambda _: pytest.fail("it was drawn"))
    assert client.get("/accounts/A00007/usage.svg", headers={"if-none-match": tag}).status_code == 304


def test_the_bars_of_health_change_colour_where_the_bands_of_the_run_begin(tmp_path: Path) -> None:
    make_results(tmp_path, accounts=12, weeks=20)
    run = json.loads((tmp_path / "run.json").read_text())
    run["parameters"]["health"] |= {"amber_from": 30, "green_from": 80}
    (tmp_path / "run.json").write_text(json.dumps(run))
    with site(tmp_path, tmp_path / "access.sqlite", demo=True) as made:
        assert '<meter min="0" max="100" low="30.0" high="80.0"' in read(made, "/accounts/A00003")
