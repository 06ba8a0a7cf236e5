"""The sheet for the board, for each role."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
from served import OTHER, OWN, Site, read, site

from rind.reports.formats import HOUSE
from rind.serving.pages.board import quarter_of_movements


def test_the_sheet_has_the_five_largest_risks_the_forecast_and_the_sentence(here: Site, results: Path) -> None:
    page = read(here, "/board")
    listed = pd.read_parquet(results / "risk_list.parquet").nlargest(5, "mrr_at_risk")
    for name in listed["name"]:
        assert str(name) in page
    assert "65\xa0% of the departures stood in green by your score" in page
    assert "Forecast of Q3 2026" in page
    assert page.count('class="trend"') == 4
    assert "Support sprint worked: it kept 10,800 ARR (2,400 to 18,000), and cost 4,000." in page
    assert "Of 1 more playbook it cannot be told yet whether it helps or harms." in page


def test_who_sees_the_own_accounts_only_gets_the_own_sheet(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite", csm_sees="own_only") as strict:
        page = strict.logged_in("csm", OWN).get("/board").text
        assert f"The book of {OWN}" in page
        assert OTHER not in page
        assert "stood in green" not in page  # of the whole company
        assert "What worked" not in page
        frame = pd.read_parquet(results / "forecast.parquet")
        whole = frame[(frame["segment"] == "all") & (frame["csm"] == "all")]
        assert not any(HOUSE.money(value) in page for value in whole["arr_expected"])


class Movements:
    def __init__(self, *months: tuple[date, float, float, float]) -> None:
        names = ("mrr_start", "mrr_new", "mrr_end")
        nothing = dict.fromkeys(("mrr_expansion", "mrr_reactivated", "mrr_contraction", "mrr_churned"), 0.0)
        self.rows = [(month, nothing | dict(zip(names, row, strict=True))) for month, *row in months]

    def movements(self, _: object, count: int) -> list[tuple[date, dict[str, float]]]:
        return self.rows[::-1][:count]

    def is_partial(self, month: date) -> bool:
        return month.month == 5


def test_a_quarter_is_three_months_from_the_first_start_to_the_last_end() -> None:
    months = [(date(2026, n, 1), 10.0 * n, 10.0, 10.0 * n + 10) for n in (2, 3, 4, 5)]
    made = quarter_of_movements(Movements(*months), ("all", "all", "all"))  # type: ignore[arg-type]
    assert made is not None
    assert (made["from"].month, made["to"].month, made["partial"]) == (3, 5, True)
    assert made["mrr_start"] + made["mrr_new"] == made["mrr_end"] == 60
    assert quarter_of_movements(Movements(), ("all", "all", "all")) is None  # type: ignore[arg-type]
