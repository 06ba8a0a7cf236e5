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
from rind.reports.excel_book import MONTH_COLUMNS, MOST_MONTHS, QUARTER_COLUMNS, write_book
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
