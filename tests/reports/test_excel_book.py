"""The workbook's sheets on the book of business."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from report_examples import facts

from benchmarks.made_book import made_forecast, made_forecast_months, made_kpis
from rind.reports.excel_book import (
    COMMITMENT_COLUMNS,
    MONTH_COLUMNS,
    MOST_MONTHS,
    QUARTER_COLUMNS,
    open_commitments,
    write_book,
)
from rind.reports.kpi_text import METRICS

AS_OF = date(2026, 6, 29)


def book(
    path: Path, kpis: pd.DataFrame, forecast: pd.DataFrame, months: pd.DataFrame | None = None
) -> openpyxl.Workbook:
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.add_worksheet("This week")
        write_book(workbook, facts(), kpis, forecast, pd.DataFrame() if months is None else months)
    return openpyxl.load_workbook(path)


def test_a_number_has_a_line_with_its_months_and_its_definition(tmp_path: Path) -> None:
    kpis = made_kpis(np.random.default_rng(1), ["big"], ["Ann"], AS_OF)
    sheet = book(tmp_path / "book.xlsx", kpis, pd.DataFrame())["Numbers"]
    lines = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert set(lines) == {metric.title for metric in METRICS.values()}
    whole = kpis[(kpis["segment"] == "all") & (kpis["csm"] == "all") & (kpis["plan"] == "all")]
    churned = whole[whole["metric"] == "mrr_churned"].sort_values("month", ascending=False)
    assert lines["Churned"][1 : MOST_MONTHS + 1] == pytest.approx(tuple(12 * churned["value"])[:MOST_MONTHS])
    assert lines["Churned"][-1] == METRICS["mrr_churned"].definition


def test_a_forecast_has_a_line_and_what_is_not_known_is_empty(tmp_path: Path) -> None:
    forecast = made_forecast(np.random.default_rng(1), ["mid_market"], ["Ann"], AS_OF)
    sheet = book(tmp_path / "book.xlsx", pd.DataFrame(), forecast)["Forecast"]
    header, first, *others = sheet.iter_rows(values_only=True)
    assert header == tuple(title for _, title, _ in QUARTER_COLUMNS)
    assert len(others) + 1 == len(forecast)
    assert {line[2] for line in others} == {"all", "mid market"}
    assert (first[0], first[1], first[-1]) == (pd.Timestamp("2026-10-01"), pd.Timestamp(AS_OF), None)


def test_months_have_a_sheet_of_their_own(tmp_path: Path) -> None:
    months = made_forecast_months(np.random.default_rng(1), ["big"], ["Ann"], AS_OF)
    sheet = book(tmp_path / "book.xlsx", pd.DataFrame(), pd.DataFrame(), months)["Forecast by month"]
    header, first, *others = sheet.iter_rows(values_only=True)
    assert header == tuple(title for _, title, _ in MONTH_COLUMNS)
    assert len(others) + 1 == len(months)
    assert first[0] == pd.Timestamp("2027-01-01")
    assert sheet.cell(2, header.index("Net retention") + 1).number_format == "0.0 %"


def test_what_was_not_made_has_no_sheet(tmp_path: Path) -> None:
    assert book(tmp_path / "book.xlsx", pd.DataFrame(), pd.DataFrame()).sheetnames == ["This week"]


COMMITTED = pd.DataFrame(
    [
        ("a", "2026-07-01", "best_case", "2026-06-01 08:00"), ("a", "2026-07-01", "commit", "2026-06-20 08:00"),
        ("b", "2026-07-01", "at_risk", "2026-06-02 08:00"), ("b", "2026-01-01", "commit", "2026-01-02 08:00"),
        ("gone", "2026-07-01", "commit", "2026-06-02 08:00"),
    ],
    columns=["account_id", "quarter", "category", "recorded_at"],
).assign(recorded_at=lambda rows: pd.to_datetime(rows["recorded_at"], utc=True))  # fmt: skip
LISTED = pd.DataFrame(
    {"account_id": ["a", "b"], "name": ["A & Co", None], "segment": ["big", None], "csm": ["Ann", "Bo"],
     "mrr": [100.0, 50.0], "churn_probability": [0.1, 0.4], "mrr_at_risk": [10.0, 20.0],
     "term_ends_on": pd.to_datetime(["2026-08-01", None])}
)  # fmt: skip


def test_the_latest_commitments_for_open_quarters_stand_beside_the_risk_those_at_risk_first(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as workbook:
        nothing = pd.DataFrame()
        write_book(workbook, facts(), nothing, nothing, nothing, open_commitments(COMMITTED, LISTED, AS_OF))
    head, *lines = openpyxl.load_workbook(tmp_path / "book.xlsx")["Commitments"].iter_rows(values_only=True)
    assert head == tuple(title for _, title, _ in COMMITMENT_COLUMNS)
    assert [line[1:8] for line in lines] == [
        ("At risk", "b", None, None, "Bo", 600, 0.4), ("Commit", "a", "A & Co", "big", "Ann", 1200, 0.1)
    ]  # fmt: skip
    assert [(line[0].date(), line[-1].date()) for line in lines] == [
        (date(2026, 7, 1), date(2026, 6, 2)), (date(2026, 7, 1), date(2026, 6, 20))
    ]  # fmt: skip


def test_without_commitments_no_line_is_made() -> None:
    assert open_commitments(COMMITTED.head(0), LISTED, AS_OF).empty
    assert open_commitments(pd.DataFrame(), LISTED, AS_OF).empty
