"""One account has one figure: on its row, its page, in the workbook, the CSV, the HTML list, the mail and the API."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from served import BROWSER, site

from benchmarks.made_results import make_results
from rind.pipelines.params import load
from rind.reports.formats import HOUSE
from rind.reports.ledger import change_split, departures
from rind.reports.page import PageContext, render_page
from rind.reports.risk_list import changes
from rind.reports.summary import summarise
from rind.serving.deliver.digest import digest
from rind.serving.deliver.mail_message import as_html, as_text
from rind.serving.rendering.locales import format_of
from rind.serving.store.folder import FolderStore
from rind.serving.views.run_facts import facts_of
from rind.serving.views.week_summary import ledger_of


class _Words(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def __str__(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.parts))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, dict[str, str], dict[str, pd.DataFrame]]:
    """The list, all texts by their name, and all tables by theirs."""
    folder: Path = tmp_path_factory.mktemp("numbers")
    make_results(folder, accounts=60, weeks=20)
    week = FolderStore(folder, 0).current()
    listed, before, record, run = week.risk_list, week.table("previous_list"), ledger_of(week), facts_of(week)
    assert before is not None
    moved = changes(listed, before, 50, departures=departures(record))
    split = change_split(listed, before, record)
    html = PageContext(run, listed, summarise(listed, run.as_of), moved, ledger=record, split=split)
    content, fmt = digest(week, load().deliveries), format_of("en", "")
    with site(folder, folder / "access.sqlite", demo=True) as here:
        client = here.client(**BROWSER)
        words = {"page": client.get("/").text, "html": render_page(html), "mail": as_html(content, fmt)}
        tables = {
            "csv": pd.read_csv(io.StringIO(client.get("/risk-list.csv").text)),
            "excel": pd.read_excel(io.BytesIO(client.get("/risk-list.xlsx").content)),
            "api": pd.DataFrame(here.client().get("/v1/risk-list?page_size=60").json()["accounts"]),
        }
        first = listed["account_id"].iloc[0]
        words["account"] = client.get(f"/accounts/{first}").text
    shown = {name: str(_Words(page)).replace("\xa0", " ") for name, page in words.items()}
    return listed, shown | {"text mail": as_text(content, fmt).replace("\xa0", " ")}, tables


def test_every_reader_finds_the_same_figures_of_an_account(
    texts: tuple[pd.DataFrame, dict[str, str], dict[str, pd.DataFrame]],
) -> None:
    listed, words, tables = texts
    row = listed.iloc[0]
    risk, arr = HOUSE.percent(row["churn_probability"]).replace("\xa0", " "), HOUSE.arr(row["mrr"])
    for name, text in words.items():
        assert risk in text, name
        assert arr in text, name
    for name, table in tables.items():
        same = table.set_index("account_id").loc[listed["account_id"]]
        for column in ("mrr", "mrr_at_risk", "churn_probability"):
            assert same[column].tolist() == pytest.approx(listed[column].tolist(), abs=1e-5), (name, column)


def test_every_reader_finds_the_same_sums_and_the_same_ledger(
    texts: tuple[pd.DataFrame, dict[str, str], dict[str, pd.DataFrame]],
) -> None:
    listed, words, _ = texts
    at_risk = HOUSE.arr(listed["mrr_at_risk"].sum())
    for name in ("page", "html", "mail", "text mail"):
        assert at_risk in words[name], name
        assert "Leaving Foods" in words[name], name
        assert "Gave notice" in words[name], name
        assert "MRR at risk" not in words[name], name
