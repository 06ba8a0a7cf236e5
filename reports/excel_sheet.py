"""What every sheet of the workbook shares: formats, print set-up, and how a value becomes a cell."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from rind.reports.columns import Column
from rind.reports.facts import RunFacts
from rind.reports.formats import HOUSE
from rind.reports.wording import words_of

A4 = 9
BAND_FORMATS = {
    "red": {"bg_color": "#F8D0CC", "font_color": "#7A1410"},
    "amber": {"bg_color": "#FCE7B8", "font_color": "#6B4700"},
    "green": {"bg_color": "#CDEBDD", "font_color": "#0B4F35"},
}
NUMBERS = {
    "count": "0",
    "change": '+0;-0;"="',
    "money": "#,##0",
    "date": "yyyy-mm-dd",
    "percent": "0 %",
    "score": "0",
    "flag": '"yes";;',
}
TITLE_HEIGHT = 24.0  # points
LINE, GAP = 13.5, 3.0  # points: a line of 10-point text, and the air around it


class Sheet:
    """A worksheet with the formats and the print set-up that all sheets share."""

    name = ""

    def __init__(self, workbook: xlsxwriter.Workbook, run: RunFacts) -> None:
        self.workbook = workbook
        self.run = run
        self.sheet: Worksheet = workbook.add_worksheet(self.name)
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.hide_gridlines(2)
        company = run.company.replace("&", "&&")
        warning = "" if run.has_skill else " - NO PROVEN SKILL, see Read me"
        self.sheet.set_header(f"&L&B{company}: accounts at risk&B{warning}&Ras of {HOUSE.day(run.as_of)}, {self.name}")
        money = f", money in {run.currency}" if run.currency else ""
        self.sheet.set_footer(f"&Ldata until {HOUSE.day(run.data_end)}{money}&RPage &P of &N")

    def format(self, **properties: Any) -> Format:
        """The workbook's plain cell, with these properties of XlsxWriter's formats besides."""
        return self.workbook.add_format({"font_name": "Calibri", "font_size": 10, "valign": "top", **properties})

    def header(self, **properties: Any) -> Format:
        """A header's cell, with these properties besides."""
        return self.format(
            bold=True, text_wrap=True, bg_color="#1F3A52", font_color="#FFFFFF", valign="vcenter", **properties
        )

    def title(self, text: str) -> None:
        """Write the title of the sheet into its first row, high enough for the letters."""
        self.sheet.set_row(0, TITLE_HEIGHT)
        self.sheet.write_string(0, 0, text, self.format(bold=True, font_size=16))

    def cell(self, row: int, column: int, value: Any, style: Format | None = None) -> None:
        """Write a value by its type; empty ones as blanks, texts as typed strings, which no spreadsheet runs."""
        if value is None or pd.isna(value):
            self.sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, style)
        elif hasattr(value, "isoformat"):
            self.sheet.write_datetime(row, column, pd.Timestamp(value).to_pydatetime(), style)
        else:
            self.sheet.write_number(row, column, float(value), style)

    def colour_bands(self, first: int, last: int, column: int) -> None:
        """Colour the cells of a column by the band that they name; in rows first to last."""
        for band, look in BAND_FORMATS.items():
            rule = {
                "type": "cell",
                "criteria": "==",
                "value": f'"{band}"',
                "format": self.workbook.add_format(dict(look)),
            }
            self.sheet.conditional_format(first, column, last, column, rule)


def lines_of(text: Any, width: float) -> int:
    """How many lines a text takes in a cell of ``width`` characters."""
    return 1 if text is None or pd.isna(text) else max(1, len(wrap(str(text), max(4, int(width)))))


def plain(value: Any, column: Column) -> Any:
    """A cell of pandas as the type that its column prints; a segment in words, as on the pages."""
    if value is None or pd.isna(value):
        return None
    if column.kind == "date":
        return pd.Timestamp(value)
    if column.kind in NUMBERS:
        return float(value)
    return words_of(str(value)) if column.name == "segment" else str(value)
