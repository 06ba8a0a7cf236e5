"""The risk list as a workbook: a sheet for CSMs, one for leadership, one that says what it all means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from common.files import atomic_path
from reports.columns import COLUMNS, Column
from reports.facts import RunFacts, said
from reports.summary import Summary
from reports.tables import safe_text

Row = tuple[str, str, str, str]
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
LINE, GAP = 13.5, 3.0  # points: a line of 10-point text, and the air around it
SUMS = ("Accounts", "Red", "Watermelons", "ARR", "ARR at risk")
MOST_WATERMELONS = 40
MELON_COLUMNS = (
    ("name", "Name", 22, "text"),
    ("csm", "CSM", 14, "text"),
    ("mrr", "MRR", 10, "money"),
    ("health_score", "Health", 8, "score"),
    ("churn_probability", "Churn risk", 9, "percent"),
    ("watermelon_outside", "Why green outside", 38, "long"),
    ("watermelon_inside", "Why red inside", 52, "long"),
    ("playbook", "What to do next", 34, "long"),
)


def write_workbook(path: Path, risk_list: pd.DataFrame, summary: Summary, run: RunFacts) -> None:
    """Write the workbook, atomically.

    Parameters
    ----------
    path
        Where to; ends in .xlsx.
    risk_list
        One row per account, riskiest first (columns of `reports.risk_list.COLUMNS`).
    summary
        `reports.summary.summarise` of the same list.
    run
        Dates and measures. Without skill the workbook opens on its "Read me".

    Notes
    -----
    A header cell of "This week" holds the contract's column name, so that the sheet can be read back by a
    program, and shows the title for people by its number format. Texts pass through `safe_text` and are
    written as strings: no cell is a formula.
    """
    with atomic_path(path) as temporary:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(str(temporary), {**options, "nan_inf_to_errors": False}) as workbook:
            workbook.set_properties({"title": f"Accounts at risk, {run.company}, {run.as_of}"})
            _Week(workbook, run).write(risk_list)
            _Leadership(workbook, run).write(summary)
            _Watermelons(workbook, run).write(summary.watermelons)
            _ReadMe(workbook, run).write()


class _Sheet:
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
        self.sheet.set_header(f"&L&B{company}: accounts at risk&B{warning}&Ras of {run.as_of}, {self.name}")
        self.sheet.set_footer(f"&Ldata until {run.data_end}&RPage &P of &N")

    def format(self, **properties: Any) -> Format:
        return self.workbook.add_format({"font_name": "Calibri", "font_size": 10, "valign": "top", **properties})

    def header(self, **properties: Any) -> Format:
        return self.format(
            bold=True, text_wrap=True, bg_color="#1F3A52", font_color="#FFFFFF", valign="vcenter", **properties
        )

    def cell(self, row: int, column: int, value: Any, style: Format | None = None) -> None:
        """Write a value by its type; empty ones as blanks, texts never as formulas."""
        if value is None or pd.isna(value):
            self.sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, safe_text(value), style)
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


class _Week(_Sheet):
    """The list, for CSMs: filter by your own name and start at the top."""

    name = "This week"

    def write(self, risk_list: pd.DataFrame) -> None:
        """The list, riskiest first, with filters and a frozen header."""
        last = max(1, len(risk_list))
        for place, column in enumerate(COLUMNS):
            self._header(place, column)
            style, striking = self._style(column), self._style(column, BAND_FORMATS["red"])
            self.sheet.set_column(place, place, column.width)
            for row, value in enumerate(risk_list[column.name].tolist(), start=1):
                plain = _plain(value, column)
                self.cell(row, place, plain, striking if column.kind == "flag" and plain else style)
            if column.kind == "band":
                self.colour_bands(1, last, place)
        self._heights(risk_list)
        self.sheet.freeze_panes(1, 3)
        self.sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
        self.sheet.repeat_rows(0)
        self.sheet.set_row(0, 30)

    def _heights(self, risk_list: pd.DataFrame) -> None:
        """Room for the wrapped texts; only Excel finds the heights by itself."""
        wrapped = [c for c in COLUMNS if c.kind in ("long", "text")]
        for row, texts in enumerate(risk_list[[c.name for c in wrapped]].itertuples(index=False), start=1):
            lines = (_lines(text, c.width - 2) for text, c in zip(texts, wrapped, strict=True))
            self.sheet.set_row(row, GAP + LINE * max(lines))

    def _header(self, place: int, column: Column) -> None:
        side = {"align": "right"} if column.is_number else {"align": "left", "indent": 1}
        style = self.header(num_format=f';;;"{column.title}"', **side)
        self.sheet.write_string(0, place, column.name, style)

    def _style(self, column: Column, more: Mapping[str, str] | None = None) -> Format:
        look: dict[str, Any] = {"bottom": 4, "bottom_color": "#C9D1D9", "text_wrap": column.kind in ("long", "text")}
        if column.kind in NUMBERS:
            look["num_format"] = NUMBERS[column.kind]
        if not column.is_number:
            look |= {"align": "left", "indent": 1}
        return self.format(**look, **(more or {}))


class _Leadership(_Sheet):
    """Money at risk by segment, month of renewal and band; the watermelons."""

    name = "Leadership"

    def write(self, summary: Summary) -> None:
        """Money at risk in total, by band, segment and month of renewal, and the watermelons."""
        self.sheet.set_column(0, 0, 24)
        self.sheet.set_column(1, 5, 13)
        self.sheet.set_column(6, 6, 3)
        self.sheet.set_column(7, 13, 11)
        row = self._top(summary.totals)
        row = self._table(row, "By band", "band", summary.by_band, bands=True)
        row = self._table(row, "By segment", "segment", summary.by_segment)
        months = row + 2
        row = self._table(row, "By month of renewal", "month", summary.by_month)
        self._chart(months, len(summary.by_month))
        self._watermelons(row, summary.watermelons)

    def _top(self, totals: dict[str, float]) -> int:
        self.sheet.write_string(
            0, 0, safe_text(f"{self.run.company}: ARR at risk"), self.format(bold=True, font_size=16)
        )
        dates = f"As of {self.run.as_of}, data until {self.run.data_end}, horizon {self.run.horizon_days} days"
        self.sheet.write_string(1, 0, dates, self.format())
        colour = "#0B4F35" if self.run.has_skill else "#B42318"
        self.sheet.write_string(2, 0, self.run.verdict, self.format(bold=True, font_color=colour))
        shown = (
            ("ARR", totals["arr"]), ("ARR at risk (expected loss)", totals["arr_at_risk"]),
            ("ARR of red accounts", totals["arr_red"]), ("ARR of watermelons", totals["arr_watermelons"]),
        )  # fmt: skip
        for row, (title, value) in enumerate(shown, start=4):
            self.sheet.write_string(row, 0, title, self.format())
            self.sheet.write_number(row, 1, value, self.format(bold=True, num_format="#,##0"))
        return 9

    def _table(self, row: int, title: str, key: str, sums: pd.DataFrame, bands: bool = False) -> int:
        """Title, header, rows and total; returns the row after the gap below."""
        self.sheet.write_string(row, 0, title, self.format(bold=True, font_size=12))
        for place, name in enumerate((title.removeprefix("By ").capitalize(), *SUMS)):
            self.sheet.write_string(row + 1, place, name, self.header(align="right" if place else "left"))
        columns = [key, "accounts", "red", "watermelons", "arr", "arr_at_risk"]
        body = [tuple(record) for record in sums[columns].itertuples(index=False)]
        first = row + 2
        for offset, record in enumerate(body):
            self._record(first + offset, record, self.format(), self.format(num_format="#,##0"))
        if bands and body:
            self.colour_bands(first, first + len(body) - 1, 0)
        total = ("Total", *(float(sums[name].sum()) for name in columns[1:]))
        line = {"bold": True, "top": 1}
        self._record(first + len(body), total, self.format(**line), self.format(**line, num_format="#,##0"))
        return first + len(body) + 2

    def _record(self, row: int, record: tuple[Any, ...], text: Format, number: Format) -> None:
        for place, value in enumerate(record):
            self.cell(row, place, value, number if place else text)

    def _chart(self, first: int, count: int) -> None:
        if not count:
            return
        chart = self.workbook.add_chart({"type": "column"})
        if chart is None:
            return
        chart.add_series(
            {
                "name": "ARR at risk",
                "categories": [self.name, first, 0, first + count - 1, 0],
                "values": [self.name, first, 5, first + count - 1, 5],
                "fill": {"color": "#1F3A52"},
                "gap": 40,
            }
        )
        chart.set_title({"name": "ARR at risk by month of renewal", "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D5DBE1"}}})
        chart.set_size({"width": 620, "height": 330})
        self.sheet.insert_chart(3, 7, chart, {"description": "ARR at risk by month of renewal"})

    def _watermelons(self, row: int, accounts: pd.DataFrame) -> None:
        shown = accounts.head(MOST_WATERMELONS)
        more = f", the first {len(shown)} of {len(accounts)}" if len(accounts) > len(shown) else ""
        title = f"Watermelons: green by the health score, red by the model{more}"
        self.sheet.write_string(row, 0, title, self.format(bold=True, font_size=12))
        if shown.empty:
            self.sheet.write_string(row + 1, 0, "None this week.", self.format())
            return
        names = [c for c in COLUMNS if c.name in ("name", "segment", "csm", "mrr", "churn_probability", "health_score")]
        for place, column in enumerate(names):
            side = "right" if column.is_number else "left"
            self.sheet.write_string(row + 1, place, column.title, self.header(align=side))
            style = self.format(**({"num_format": NUMBERS[column.kind]} if column.kind in NUMBERS else {}))
            for offset, value in enumerate(shown[column.name].tolist(), start=2):
                self.cell(row + offset, place, _plain(value, column), style)


class _Watermelons(_Sheet):
    """Why each watermelon is green outside and red inside, and what to do."""

    name = "Watermelons"

    def write(self, accounts: pd.DataFrame) -> None:
        """Write one row per watermelon; an empty frame says that there is none."""
        for place, (name, title, width, kind) in enumerate(MELON_COLUMNS):
            self.sheet.set_column(place, place, width)
            side: dict[str, Any] = {"align": "right"} if kind in NUMBERS else {"align": "left", "indent": 1}
            self.sheet.write_string(0, place, title, self.header(**side))
            look: dict[str, Any] = {"text_wrap": kind == "long", "bottom": 4, "bottom_color": "#C9D1D9"}
            look |= {} if kind in NUMBERS else side
            style = self.format(**look, **({"num_format": NUMBERS[kind]} if kind in NUMBERS else {}))
            for row, value in enumerate(accounts.get(name, pd.Series(dtype="object")).tolist(), start=1):
                self.cell(row, place, value, style)
        for row, record in enumerate(accounts.to_dict("records"), start=1):
            lines = (_lines(record.get(name), width) for name, _, width, kind in MELON_COLUMNS if kind == "long")
            self.sheet.set_row(row, GAP + LINE * max(lines))
        if accounts.empty:
            self.sheet.write_string(1, 0, "None this week.", self.format())
        self.sheet.freeze_panes(1, 1)
        self.sheet.repeat_rows(0)


class _ReadMe(_Sheet):
    """What the columns mean and how far to trust them."""

    name = "Read me"

    def write(self) -> None:
        """How to read the workbook, the run, and what was measured."""
        self.sheet.set_column(0, 0, 24)
        self.sheet.set_column(1, 2, 28)
        self.sheet.set_column(3, 3, 80)
        run, row = self.run, 0
        self.sheet.write_string(0, 0, "How to read this workbook", self.format(bold=True, font_size=16))
        if not run.has_skill:
            self.sheet.set_tab_color("#B42318")
            self.sheet.activate()
        colour = "#0B4F35" if run.has_skill else "#B42318"
        self.sheet.write_string(1, 0, run.verdict, self.format(bold=True, font_size=12, font_color=colour))
        facts = {
            "Company": run.company, "As of": f"{run.as_of}", "Data until": f"{run.data_end}",
            "Horizon": f"churn within {run.horizon_days} days after the as-of date",
            "Bands": f"red from {run.red_from:.0%}, amber from {run.amber_from:.0%} churn risk",
            "Model": run.model or "not named",
        } | {"Note" if not n else f"Note {n + 1}": note for n, note in enumerate(run.notes)}  # fmt: skip
        row = self._rows(3, "The run", [], [(k, v, "", "") for k, v in facts.items()])
        row = self._rows(
            row, "What was measured, on past weeks that the model had not seen",
            [("Measure", "Model (95 % interval)", "Baseline (95 % interval)", "What it means")],
            [(m.title, said(m.model), said(m.baseline), m.meaning) for m in run.measures]
            or [("Nothing could be measured.", "", "", "")],
        )  # fmt: skip
        row = self._rows(row, "The columns", [("Column", "Name in files", "", "What it means")],
                         [(c.title, c.name, "", c.meaning) for c in COLUMNS])  # fmt: skip
        left_out = [(family, why, "", "") for family, why in (run.left_out or {}).items()]
        self._rows(row, "Left out", [], left_out or [("Nothing", "all families of facts took part", "", "")])

    def _rows(self, row: int, title: str, header: Sequence[Row], body: Sequence[Row]) -> int:
        self.sheet.write_string(row, 0, title, self.format(bold=True, font_size=12))
        for line, style in [(h, self.header()) for h in header] + [(b, self.format()) for b in body]:
            row += 1
            for place, text in enumerate(line):
                if text or header:
                    self.cell(row, place, text, style)
        return row + 2


def _lines(text: Any, width: float) -> int:
    """How many lines a text takes in a cell of ``width`` characters."""
    return 1 if text is None or pd.isna(text) else max(1, len(wrap(str(text), max(4, int(width)))))


def _plain(value: Any, column: Column) -> Any:
    """A cell of pandas as the type that its column prints."""
    if value is None or pd.isna(value):
        return None
    if column.kind == "date":
        return pd.Timestamp(value)
    if column.kind in NUMBERS:
        return float(value)
    return str(value)
