"""The page of the forecast, for each role."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from served import OTHER, OWN, Site, read, site

from rind.reports.formats import HOUSE
from rind.serving.pages.forecast import main_quarter
from rind.serving.quarters import quarter_name


def row(results: Path, segment: str, csm: str, quarter: str, made_on: str) -> pd.Series:
    frame = pd.read_parquet(results / "forecast.parquet")
    days = {name: pd.to_datetime(frame[name]) for name in ("made_on", "quarter")}
    frame = frame.assign(**days)
    own = frame[(frame["segment"] == segment) & (frame["csm"] == csm)]
    return own[(own["quarter"] == quarter) & (own["made_on"] == made_on)].iloc[0]


def test_the_page_shows_the_forecast_of_the_file_beside_its_record(here: Site, results: Path) -> None:
    for query, key in (("", ("all", "all")), ("?segment=enterprise", ("enterprise", "all")),
                       (f"?csm={quote(OTHER)}", ("all", OTHER))):  # fmt: skip
        page = read(here, f"/forecast{query}")
        shown = row(results, *key, "2026-07-01", "2026-06-29")
        assert f"<dd>{HOUSE.money(shown['arr_expected'])}</dd>" in page
        assert f"{HOUSE.money(shown['low'])} to {HOUSE.money(shown['high'])}" in page
        assert ("What past forecasts were worth" in page) is (key == ("all", "all"))
        assert page.count('class="actual"') == 4


def test_who_sees_the_own_accounts_only_sees_the_own_forecast_only(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", csm_sees="own_only") as strict:
        page = strict.logged_in("csm", OWN).get(f"/forecast?csm={quote(OTHER)}&segment=enterprise").text
        assert OTHER not in page
        assert HOUSE.money(row(results, "all", OWN, "2026-07-01", "2026-06-29")["arr_expected"]) in page
        assert HOUSE.money(row(results, "all", "all", "2026-07-01", "2026-06-29")["arr_expected"]) not in page


def test_that_a_segment_was_left_out_is_said_to_who_chose_one_and_to_nobody_else(here: Site) -> None:
    book, words = f"/forecast?csm={quote(OWN)}", "over all segments"
    pages = [read(here, path) for path in (f"{book}&segment=enterprise", book, f"{book}&segment=enterprise")]
    assert [words in page for page in pages] == [True, False, True]
    assert words not in read(here, "/forecast?segment=all")


def test_the_page_shows_the_months_of_today_s_forecast(here: Site, results: Path) -> None:
    page = read(here, "/forecast")
    months = pd.read_parquet(results / "forecast_months.parquet")
    whole = months[(months["segment"] == "all") & (months["csm"] == "all")].sort_values(["made_on", "month"])
    first, second = whole[whole["made_on"].astype(str) == "2026-06-29"].head(2).to_dict("records")
    assert "Month by month" in page
    assert HOUSE.money(second["arr_expected"]) in page
    assert HOUSE.money(second["arr_up_for_renewal"] - first["arr_up_for_renewal"]) in page


def test_an_unknown_book_has_no_forecast_and_says_so(here: Site) -> None:
    assert "There is no forecast for these accounts" in read(here, "/forecast?csm=Mallory")


@pytest.mark.parametrize(
    ("as_of", "name"), [("2026-04-02", "Q2 2026"), ("2026-06-01", "Q2 2026"), ("2026-06-02", "Q3 2026")]
)
def test_in_its_last_month_a_quarter_makes_room_for_the_next_one(as_of: str, name: str) -> None:
    coming = [{"quarter": date(2026, 4, 1)}, {"quarter": date(2026, 7, 1)}]
    main = main_quarter(coming, date.fromisoformat(as_of))
    assert main is not None
    assert quarter_name(main["quarter"]) == name
    assert main_quarter([], date.fromisoformat(as_of)) is None


def test_past_commitments_stand_beside_what_came_for_the_company_and_the_own_csm(here: Site) -> None:
    company, own = (read(here, f"/forecast{query}").replace("\u00a0", " ") for query in ("", f"?csm={quote(OWN)}"))
    assert "Of the ARR that CSMs had committed, 96 % was still paid at the end; the model had expected 94 %." in company
    for page, arr in ((company, 200_000), (own, 50_000)):
        line = page[page.index('id="kept"') :]
        line = line[line.index("Q1 2026") :]
        for words in ("Commit</td>", HOUSE.money(arr), HOUSE.money(0.96 * arr), "4.0 %", "96.0 %", "94.0 %"):
            assert words in line.split("</tr>")[0]
    for path in ("/forecast?segment=enterprise", f"/forecast?csm={quote(OTHER)}"):
        assert "What past commitments were worth" not in read(here, path)
