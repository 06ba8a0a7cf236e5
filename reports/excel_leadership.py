"""The workbook's sheets for leadership: money at risk, and the watermelons."""

from __future__ import annotations

from typing import Any

import pandas as pd
from xlsxwriter.format import Format

from rind.reports.columns import SHEET, with_yearly
from rind.reports.excel_sheet import GAP, LINE, NUMBERS, Sheet, lines_of, plain
from rind.reports.formats import HOUSE
from rind.reports.summary import NO_TERM, Summary
from rind.reports.wording import words_of

SUMS = ("Accounts", "Red", "Watermelons", "ARR", "ARR at risk")
MOST_WATERMELONS = 40
ONE_PAGE_WIDE = 58
"""Per cent at which the sheet with its chart is as wide as a page."""
NOT_FORECAST = "not forecast"
"""In place of the ARR at risk of renewals beyond the horizon."""
BEYOND_NOTE = (
    "Renewals after the horizon have no forecast of their own; the total holds the little that is at risk there."
)
MELON_COLUMNS = (
    ("name", "Name", 22, "text"),
    ("csm", "CSM", 14, "text"),
    ("arr", "ARR", 10, "money"),
    ("health_score", "Health", 8, "score"),
    ("churn_probability", "Churn risk", 9, "percent"),
    ("watermelon_outside", "Why green outside", 38, "long"),
    ("watermelon_inside", "Why red inside", 52, "long"),
    ("playbook", "What to do next", 34, "long"),
)


class Leadership(Sheet):
    """Money at risk by segment, month of renewal and band; the watermelons."""

    name = "Leadership"

    def write(self, summary: Summary) -> None:
        """Money at risk in total, by band, segment and month of renewal, and the watermelons."""
        self.sheet.set_column(0, 0, 24)
        self.sheet.set_column(1, 5, 13)
        self.sheet.set_column(6, 6, 3)
        self.sheet.set_column(7, 13, 11)
        segments = summary.by_segment.assign(segment=summary.by_segment["segment"].map(words_of, na_action="ignore"))
        row = self._top(summary.totals)
        row = self._table(row, "By band", "band", summary.by_band, bands=True)
        row = self._table(row, "By segment", "segment", segments)
        months = row + 2
        row = self._table(row, "By month of renewal", "month", summary.by_month)
        self.sheet.set_print_scale(ONE_PAGE_WIDE)  # a sheet that is fitted to pages takes no break
        self.sheet.set_h_pagebreaks([row])
        self._chart(months, int((summary.by_month["forecast"] & (summary.by_month["month"] != NO_TERM)).sum()))
        self._watermelons(row, summary.watermelons)

    def _top(self, totals: dict[str, float]) -> int:
        self.title(f"{self.run.company}: ARR at risk")
        days = f"As of {HOUSE.day(self.run.as_of)}, data until {HOUSE.day(self.run.data_end)}"
        money = f", money in {self.run.currency}" if self.run.currency else ""
        dates = f"{days}, horizon {self.run.horizon_days} days{money}"
        self.sheet.write_string(1, 0, dates, self.format())
        colour = "#0B4F35" if self.run.has_skill else "#B42318"
        self.sheet.write_string(2, 0, self.run.trust, self.format(bold=True, font_color=colour))
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
        forecast = sums["forecast"].tolist() if "forecast" in sums else [True] * len(body)
        for offset, record in enumerate(body):
            cells = record if forecast[offset] else (*record[:-1], NOT_FORECAST)
            self._record(first + offset, cells, self.format(), self.format(num_format="#,##0", align="right"))
        if bands and body:
            self.colour_bands(first, first + len(body) - 1, 0)
        total = ("Total", *(float(sums[name].sum()) for name in columns[1:]))
        line = {"bold": True, "top": 1}
        self._record(first + len(body), total, self.format(**line), self.format(**line, num_format="#,##0"))
        if not all(forecast):
            self.sheet.write_string(first + len(body) + 1, 0, BEYOND_NOTE, self.format(italic=True))
        return first + len(body) + 2 + (not all(forecast))

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
        shown = with_yearly(accounts.head(MOST_WATERMELONS))
        more = f", the first {len(shown)} of {len(accounts)}" if len(accounts) > len(shown) else ""
        title = f"Watermelons: green by the health score, at risk by the model{more}"
        self.sheet.write_string(row, 0, title, self.format(bold=True, font_size=12))
        if shown.empty:
            self.sheet.write_string(row + 1, 0, "None this week.", self.format())
            return
        shown_names = ("name", "segment", "csm", "arr", "churn_probability", "health_score")
        names = [c for c in SHEET if c.name in shown_names]
        for place, column in enumerate(names):
            side = "right" if column.is_number else "left"
            self.sheet.write_string(row + 1, place, column.title, self.header(align=side))
            style = self.format(**({"num_format": NUMBERS[column.kind]} if column.kind in NUMBERS else {}))
            for offset, value in enumerate(shown[column.name].tolist(), start=2):
                self.cell(row + offset, place, plain(value, column), style)


class Watermelons(Sheet):
    """Why each watermelon is green outside and red inside, and what to do."""

    name = "Watermelons"

    def write(self, accounts: pd.DataFrame) -> None:
        """Write one row per watermelon; an empty frame says that there is none."""
        accounts = with_yearly(accounts)
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
            lines = (lines_of(record.get(name), width) for name, _, width, kind in MELON_COLUMNS if kind == "long")
            self.sheet.set_row(row, GAP + LINE * max(lines))
        if accounts.empty:
            self.sheet.write_string(1, 0, "None this week.", self.format())
        self.sheet.freeze_panes(1, 1)
        self.sheet.repeat_rows(0)
