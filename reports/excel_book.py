"""The workbook's sheets on the book of business: the numbers of the last months, and the forecast with what came."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import xlsxwriter

from rind.common.facts.commitments import CATEGORIES
from rind.common.quarters import quarter_of
from rind.reports.commitment_text import TITLES
from rind.reports.excel_sheet import Sheet
from rind.reports.facts import RunFacts
from rind.reports.kpi_text import GROUPS, Metric
from rind.reports.wording import words_of

ALL = "all"
MOST_MONTHS = 13
FORMATS = {"money": "#,##0", "arr": "#,##0", "percent": "0.0 %", "number": "#,##0", "score": "0.0", "times": "0.0"}
NUMBERS = ("money", "share")
OF_A_FORECAST = (
    ("made_on", "Made on", "date"), ("segment", "Segment", "text"),
    ("csm", "CSM", "text"), ("accounts", "Accounts", "money"), ("arr", "ARR then", "money"),
    ("arr_up_for_renewal", "Up for renewal", "money"), ("expected_to_renew", "Expected to renew", "money"),
    ("expected_to_contract", "Expected to shrink", "money"), ("expected_to_expand", "Expected to grow", "money"),
    ("arr_leaving", "Expected to leave", "money"),
    ("arr_contraction", "Expected contraction", "money"), ("arr_expansion", "Expected expansion", "money"),
    ("arr_at_risk", "At risk", "money"),
    ("arr_expected", "Expected at the end", "money"), ("low", "Low (80 %)", "money"), ("high", "High (80 %)", "money"),
    ("grr", "Gross retention", "share"), ("nrr", "Net retention", "share"),
    ("arr_naive", "Last year's rates", "money"), ("arr_actual", "What came", "money"),
)  # fmt: skip
QUARTER_COLUMNS = (("quarter", "Quarter begins", "date"), *OF_A_FORECAST)
MONTH_COLUMNS = (("month", "Month begins", "date"), *OF_A_FORECAST)
"""All is counted from the day of the forecast on: a month holds what the months before it hold."""


COMMITMENT_COLUMNS = (
    ("quarter", "Quarter begins", "date"), ("title", "Commitment", "text"), ("account_id", "Account", "text"),
    ("name", "Name", "text"), ("segment", "Segment", "text"), ("csm", "CSM", "text"), ("arr", "ARR", "money"),
    ("churn_probability", "Risk", "share"), ("arr_at_risk", "ARR at risk", "money"),
    ("term_ends_on", "Term ends", "date"), ("recorded_at", "Written down", "date"),
)  # fmt: skip


def write_book(
    workbook: xlsxwriter.Workbook, run: RunFacts, kpis: pd.DataFrame, forecast: pd.DataFrame, months: pd.DataFrame,
    commitments: pd.DataFrame | None = None,
) -> None:  # fmt: skip
    """Add the sheets of what is there; an empty frame adds none.

    Parameters
    ----------
    commitments
        Of `open_commitments`; None: none.
    """
    if len(kpis):
        Numbers(workbook, run).write(kpis)
    if len(forecast):
        Forecast(workbook, run).write(forecast)
    if len(months):
        ForecastMonths(workbook, run).write(months)
    if commitments is not None and len(commitments):
        Commitments(workbook, run).write(commitments)


def open_commitments(commitments: pd.DataFrame, risk_list: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What stands of the commitments of CSMs for quarters that are not over, beside the accounts of the list.

    Parameters
    ----------
    commitments
        commitments.parquet: account_id, quarter, category, recorded_at (UTC); any number per account and quarter.
    risk_list
        One row per account; those that are not on it have left, and are absent.

    Returns
    -------
    pandas.DataFrame
        One row per (account_id, quarter), `COMMITMENT_COLUMNS`: the latest commitment. By quarter; those at risk first,
        then by what they pay.
    """
    if commitments.empty:
        return commitments
    quarters = pd.to_datetime(commitments["quarter"])
    current = commitments.assign(quarter=quarters)[quarters >= pd.Timestamp(quarter_of(as_of))]
    latest = current.sort_values("recorded_at", kind="stable").drop_duplicates(["account_id", "quarter"], keep="last")
    rows = latest.merge(risk_list, on="account_id", validate="many_to_one")
    place = rows["category"].map({name: n for n, name in enumerate(reversed(CATEGORIES))})
    rows = rows.assign(
        title=rows["category"].map(TITLES), place=place, arr=12 * rows["mrr"], arr_at_risk=12 * rows["mrr_at_risk"],
        recorded_at=pd.to_datetime(rows["recorded_at"]).dt.tz_localize(None).dt.normalize(),
    )  # fmt: skip
    order = rows.sort_values(["quarter", "place", "arr"], ascending=[True, True, False], kind="stable")
    return order[[name for name, _, _ in COMMITMENT_COLUMNS]].reset_index(drop=True)


class Numbers(Sheet):
    """One line a number, one column a month, the newest first, and the definition at the end."""

    name = "Numbers"

    def write(self, kpis: pd.DataFrame) -> None:
        """The numbers of the whole company in the last `MOST_MONTHS` months."""
        whole = kpis[(kpis["segment"] == ALL) & (kpis["csm"] == ALL) & (kpis["plan"] == ALL)]
        months = sorted(whole["month"].unique(), reverse=True)[:MOST_MONTHS]
        values = {(m, month): v for m, month, v in zip(whole["metric"], whole["month"], whole["value"], strict=True)}
        self.sheet.set_column(0, 0, 36)
        self.sheet.set_column(1, len(months), 11)
        self.sheet.set_column(len(months) + 1, len(months) + 1, 90)
        heads = ["Number", *(pd.Timestamp(month).strftime("%b %Y") for month in months), "What it is"]
        for place, title in enumerate(heads):
            self.sheet.write_string(0, place, title, self.header(align="right" if 0 < place <= len(months) else "left"))
        row = 1
        for group in GROUPS:
            for metric in group.metrics:
                row += self._line(row, metric, [values.get((metric.name, month)) for month in months])
        self.sheet.freeze_panes(1, 1)
        self.sheet.repeat_rows(0)

    def _line(self, row: int, metric: Metric, values: list[Any]) -> int:
        """One number; 0 where no month knows it, else 1."""
        if all(value is None for value in values):
            return 0
        self.sheet.write_string(row, 0, metric.title, self.format())
        style = self.format(num_format=FORMATS[metric.kind], align="right")
        for place, value in enumerate(values, start=1):
            yearly = 12 if metric.kind == "arr" else 1
            self.cell(row, place, None if value is None else yearly * float(value), style)
        self.sheet.write_string(row, len(values) + 1, metric.definition, self.format())
        return 1


class Forecast(Sheet):
    """Every forecast of the company, its segments and its CSMs, the latest quarter first."""

    name = "Forecast"
    columns: tuple[tuple[str, str, str], ...] = QUARTER_COLUMNS

    def write(self, forecast: pd.DataFrame) -> None:
        """One line a forecast, with filters."""
        period = self.columns[0][0]
        rows = forecast.sort_values([period, "made_on", "segment", "csm"], ascending=[False, False, True, True])
        self._lines(rows)

    def _lines(self, rows: pd.DataFrame) -> None:
        """One line a row, in its order, with filters."""
        rows = rows.assign(segment=rows["segment"].map(words_of, na_action="ignore"))
        styles = {"date": self.format(num_format="yyyy-mm-dd", align="left"), "text": self.format(),
                  "money": self.format(num_format="#,##0", align="right"),
                  "share": self.format(num_format="0.0 %", align="right")}  # fmt: skip
        for place, (name, title, kind) in enumerate(self.columns):
            self.sheet.set_column(place, place, 14 if kind != "text" else 18)
            self.sheet.write_string(0, place, title, self.header(align="right" if kind in NUMBERS else "left"))
            for row, value in enumerate(rows[name].tolist(), start=1):
                self.cell(row, place, value, styles[kind])
        self.sheet.freeze_panes(1, 2)
        self.sheet.autofilter(0, 0, len(rows), len(self.columns) - 1)
        self.sheet.repeat_rows(0)


class ForecastMonths(Forecast):
    """The same by month, the latest month first."""

    name = "Forecast by month"
    columns = MONTH_COLUMNS


class Commitments(Forecast):
    """What CSMs committed to, beside the model's risk: an account and a quarter a line."""

    name = "Commitments"
    columns = COMMITMENT_COLUMNS

    def write(self, forecast: pd.DataFrame) -> None:
        """One line a commitment, as `open_commitments` orders them."""
        self._lines(forecast)
