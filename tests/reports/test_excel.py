from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.workbook import Workbook
from report_examples import AS_OF, facts, lists

from rind.reports.columns import SHEET, YEARLY
from rind.reports.excel import write_workbook
from rind.reports.risk_list import COLUMNS
from rind.reports.summary import summarise

NAMES = tuple(column.name for column in SHEET)
EVIL = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(scope="module")
def listed() -> pd.DataFrame:
    listed = lists(40)[0]
    listed.loc[0, ["name", "csm", "reason_1", "segment"]] = [EVIL, "+1", "@SUM(A1)", "=A1"]
    listed.loc[1, ["term_ends_on", "mrr", "health_score"]] = [None, None, None]
    listed.loc[2, "segment"] = "public_sector"
    return listed


@pytest.fixture(scope="module")
def book(listed: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("excel") / "risk_list.xlsx"
    write_workbook(path, listed, summarise(listed, AS_OF), facts())
    return openpyxl.load_workbook(path)


def test_there_is_a_sheet_for_each_reader(book: Workbook) -> None:
    assert book.sheetnames == ["This week", "Leadership", "Watermelons", "Read me"]


@pytest.mark.parametrize(("currency", "words"), [("EUR", ", money in EUR"), ("", "")])
def test_every_sheet_says_what_money_it_counts(listed: pd.DataFrame, tmp_path: Path, currency: str, words: str) -> None:
    run = replace(facts(), currency=currency)
    write_workbook(tmp_path / "x.xlsx", listed, summarise(listed, AS_OF), run)
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert all(sheet.oddFooter.left.text == f"data until 1 Mar 2026{words}" for sheet in book)
    assert str(book["Leadership"]["A2"].value).endswith(f"horizon 90 days{words}")


def test_the_header_stays_in_sight_repeats_in_print_and_filters(book: Workbook) -> None:
    week = book["This week"]
    assert week.freeze_panes == "D2"
    assert week.auto_filter.ref == "A1:AB41"
    assert week.print_title_rows == "$1:$1"
    assert (week.page_setup.orientation, week.page_setup.paperSize) == ("landscape", 9)
    assert (week.page_setup.fitToWidth or 1, week.page_setup.fitToHeight) == (1, 0)


def test_a_program_reads_the_contracts_columns_and_a_person_their_titles(book: Workbook) -> None:
    header = book["This week"][1]
    names = tuple(cell.value for cell in header)
    assert names == NAMES
    assert set(COLUMNS) <= set(names)
    assert header[NAMES.index("churn_probability")].number_format == ';;;"Churn risk"'


def test_numbers_and_dates_are_numbers_and_dates(book: Workbook, listed: pd.DataFrame) -> None:
    row = dict(zip(NAMES, book["This week"][4], strict=True))
    assert row["churn_probability"].value == pytest.approx(listed["churn_probability"][2])
    assert row["churn_probability"].number_format == "0 %"
    assert isinstance(row["term_ends_on"].value, datetime)
    assert row["mrr"].number_format == "#,##0"
    assert row["watermelon"].value in (0, 1)


def test_a_segment_is_written_in_words_as_on_the_pages(book: Workbook) -> None:
    texts = {name: {cell.value for row in book[name].iter_rows() for cell in row} for name in book.sheetnames}
    assert "public sector" in texts["This week"] & texts["Leadership"]
    assert not any("public_sector" in cells for cells in texts.values())


def test_an_empty_value_is_an_empty_cell(book: Workbook) -> None:
    row = dict(zip(NAMES, book["This week"][3], strict=True))
    assert [row[name].value for name in ("term_ends_on", "mrr", "health_score")] == [None, None, None]


def test_no_cell_of_any_sheet_is_a_formula(book: Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert {cell.data_type for cell in cells if cell.value == EVIL} == {"s"}


def test_a_text_cell_is_what_the_text_is_without_an_apostrophe(book: Workbook) -> None:
    assert book["This week"]["C2"].value == EVIL


def test_bands_are_coloured_by_rules(book: Workbook) -> None:
    rules = {
        rule.formula[0]: str(area.sqref)
        for area in book["This week"].conditional_formatting
        for rule in area.rules
        if str(area.sqref).startswith("J")
    }
    assert rules == {'"red"': "J2:J41", '"amber"': "J2:J41", '"green"': "J2:J41"}


def test_leadership_sees_the_same_total_in_every_table_and_a_chart(book: Workbook, listed: pd.DataFrame) -> None:
    sheet = book["Leadership"]
    totals = [row[5].value for row in sheet.iter_rows() if row[0].value == "Total"]
    assert totals == pytest.approx([12 * listed["mrr_at_risk"].sum()] * 3)
    assert len(sheet._charts) == 1


def test_the_read_me_says_what_was_measured_and_what_was_left_out(book: Workbook) -> None:
    texts = {str(cell.value) for row in book["Read me"].iter_rows() for cell in row if cell.value is not None}
    assert {"0.81 (0.78 to 0.84)", "the source has no table surveys", "churn_probability"} <= texts


def test_without_skill_the_workbook_opens_on_the_warning(tmp_path: Path) -> None:
    listed = lists(5)[0]
    write_workbook(tmp_path / "list.xlsx", listed, summarise(listed, AS_OF), facts(skill=False))
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    assert book.active is not None
    assert book.active.title == "Read me"
    assert "do not act on the order" in str(book["Read me"]["A2"].value)


def test_an_empty_list_still_makes_a_workbook(tmp_path: Path) -> None:
    listed = lists(5)[0].iloc[:0]
    write_workbook(tmp_path / "list.xlsx", listed, summarise(listed, AS_OF), facts())
    assert openpyxl.load_workbook(tmp_path / "list.xlsx").sheetnames[0] == "This week"


def test_people_read_arr_and_programs_find_the_mrr_in_hidden_columns(book: Workbook, listed: pd.DataFrame) -> None:
    sheet = book["This week"]
    hidden = {NAMES[n] for n, letter in enumerate("ABCDEFGHIJKLMNOPQRST") if sheet.column_dimensions[letter].hidden}
    assert hidden == set(YEARLY)
    row = dict(zip(NAMES, sheet[4], strict=True))
    assert row["arr_at_risk"].value == pytest.approx(12 * listed["mrr_at_risk"][2])
    shown = [
        str(cell.value) for s in book.worksheets[1:] for r in s.iter_rows() for cell in r if cell.value is not None
    ]
    assert not [text for text in shown if text.startswith("MRR")]


def test_the_red_and_amber_accounts_are_printed_where_they_come_first(book: Workbook, listed: pd.DataFrame) -> None:
    at_risk = int(listed["risk_band"].isin(["red", "amber"]).sum())
    assert 0 < at_risk < 40
    assert book["This week"].print_area == f"'This week'!$A$1:$T${at_risk + 1}"
