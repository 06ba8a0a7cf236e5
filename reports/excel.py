"""The risk list as a workbook: a sheet for CSMs, one for leadership, one that says what it all means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format

from rind.common.bands import AMBER, RED
from rind.common.files import atomic_path
from rind.reports.columns import PRINTED, SHEET, YEARLY, Column, with_yearly
from rind.reports.excel_book import open_commitments, write_book
from rind.reports.excel_leadership import Leadership, Watermelons
from rind.reports.excel_sheet import BAND_FORMATS, GAP, LINE, NUMBERS, Sheet, lines_of, plain
from rind.reports.facts import RunFacts, interval_words
from rind.reports.formats import percent
from rind.reports.summary import Summary

Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Business:
    """kpis.parquet, forecast.parquet, forecast_months.parquet and commitments.parquet, for the sheets on the book of
    business; empty where they were not made.
    """

    kpis: pd.DataFrame = field(default_factory=pd.DataFrame)
    forecast: pd.DataFrame = field(default_factory=pd.DataFrame)
    months: pd.DataFrame = field(default_factory=pd.DataFrame)
    commitments: pd.DataFrame = field(default_factory=pd.DataFrame)


def write_workbook(
    path: Path, risk_list: pd.DataFrame, summary: Summary, run: RunFacts, business: Business | None = None
) -> None:
    """Write the workbook, atomically.

    Parameters
    ----------
    path
        Where to; ends in .xlsx.
    risk_list
        One row per account, by rank (columns of `reports.risk_list.COLUMNS`).
    summary
        `reports.summary.summarise` of the same list.
    run
        Dates and measures. Without skill the workbook opens on its "Read me".
    business
        Of the whole company; None: no sheets on it.

    Notes
    -----
    A header cell of "This week" holds the contract's column name, so that the sheet can be read back by a
    program, and shows the title for people by its number format. Texts are written as
    typed strings, as they are: no cell is a formula.
    """
    with atomic_path(path) as temporary:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(str(temporary), {**options, "nan_inf_to_errors": False}) as workbook:
            workbook.set_properties({"title": f"Accounts at risk, {run.company}, {run.as_of}"})
            _Week(workbook, run).write(risk_list)
            Leadership(workbook, run).write(summary)
            Watermelons(workbook, run).write(summary.watermelons)
            if business is not None:
                commitments = open_commitments(business.commitments, risk_list, run.as_of)
                write_book(workbook, run, business.kpis, business.forecast, business.months, commitments)
            _ReadMe(workbook, run).write()


class _Week(Sheet):
    """The list, for CSMs: filter by your own name and start at the top."""

    name = "This week"

    def write(self, risk_list: pd.DataFrame) -> None:
        """The list with filters and a frozen header."""
        last, risk_list = max(1, len(risk_list)), with_yearly(risk_list)
        for place, column in enumerate(SHEET):
            self._header(place, column)
            style, striking = self._style(column), self._style(column, BAND_FORMATS["red"])
            self.sheet.set_column(place, place, column.width, None, {"hidden": column.name in YEARLY})
            for row, value in enumerate(risk_list[column.name].tolist(), start=1):
                shown = plain(value, column)
                self.cell(row, place, shown, striking if column.name == "watermelon" and shown else style)
            if column.kind == "band":
                self.colour_bands(1, last, place)
        self._heights(risk_list)
        self.sheet.freeze_panes(1, 3)
        self.sheet.autofilter(0, 0, last, len(SHEET) - 1)
        self.sheet.print_area(0, 0, _last_printed(risk_list), len(PRINTED) - 1)
        self.sheet.repeat_rows(0)
        self.sheet.set_row(0, 30)

    def _heights(self, risk_list: pd.DataFrame) -> None:
        """Room for the wrapped texts; only Excel finds the heights by itself."""
        wrapped = [c for c in SHEET if c.kind in ("long", "text")]
        for row, texts in enumerate(risk_list[[c.name for c in wrapped]].itertuples(index=False), start=1):
            lines = (lines_of(text, c.width - 2) for text, c in zip(texts, wrapped, strict=True))
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


def _last_printed(risk_list: pd.DataFrame) -> int:
    """The last row that is printed: of a list by risk the red and amber accounts, else all."""
    at_risk = risk_list["risk_band"].isin([RED, AMBER]).to_numpy()
    count = int(at_risk.sum())
    return count if count > 0 and at_risk[:count].all() else max(1, len(risk_list))


class _ReadMe(Sheet):
    """What the columns mean and how far to trust them."""

    name = "Read me"

    def write(self) -> None:
        """How to read the workbook, the run, and what was measured."""
        self.sheet.set_column(0, 0, 24)
        self.sheet.set_column(1, 2, 28)
        self.sheet.set_column(3, 3, 80)
        run, row = self.run, 0
        self.title("How to read this workbook")
        if not run.has_skill:
            self.sheet.set_tab_color("#B42318")
            self.sheet.activate()
        colour = "#0B4F35" if run.has_skill else "#B42318"
        self.sheet.write_string(1, 0, run.verdict, self.format(bold=True, font_size=12, font_color=colour))
        notes = enumerate((*run.notes, *run.further_notes))
        facts = {
            "Company": run.company, "As of": f"{run.as_of}", "Data until": f"{run.data_end}",
            "Horizon": f"churn within {run.horizon_days} days after the as-of date",
            "Bands": f"red from {percent(run.red_from)}, amber from {percent(run.amber_from)} churn risk",
            "Model": run.model or "not named",
        } | {"Note" if not n else f"Note {n + 1}": note for n, note in notes}  # fmt: skip
        row = self._rows(3, "The run", [], [(k, v, "", "") for k, v in facts.items()])
        row = self._rows(
            row, "What was measured, on past weeks that the model had not seen",
            [("Measure", "Model (95 % interval)", "Baseline (95 % interval)", "What it means")],
            [(m.title, interval_words(m.model), interval_words(m.baseline), m.meaning) for m in run.measures]
            or [("Nothing could be measured.", "", "", "")],
        )  # fmt: skip
        row = self._rows(row, "The columns", [("Column", "Name in files", "", "What it means")],
                         [(c.title, c.name, "", c.meaning) for c in SHEET if c.name not in YEARLY])  # fmt: skip
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
