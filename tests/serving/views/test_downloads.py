"""The list as files."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
from report_examples import facts, lists

from rind.serving.views.downloads import as_csv, as_workbook


def test_both_files_hold_the_rows_that_were_given_and_no_formula() -> None:
    listed = lists(40)[0].iloc[[3, 1]].assign(name=["=1+1", "Plain"]).reset_index(drop=True)
    table = pd.read_csv(io.BytesIO(as_csv(listed)))
    assert table["account_id"].tolist() == listed["account_id"].tolist()
    assert table["name"].tolist() == ["'=1+1", "Plain"]
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(listed, facts())))
    cells = [cell for row in book["This week"].iter_rows(min_row=2) for cell in row]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert {"Plain"} <= {cell.value for cell in cells}
    assert book["This week"].max_row == 3


def test_an_empty_list_is_a_file_with_its_header() -> None:
    empty = lists(12)[0].iloc[:0]
    assert as_csv(empty).decode("utf-8-sig").splitlines()[0].startswith("rank")
    assert openpyxl.load_workbook(io.BytesIO(as_workbook(empty, facts())))["This week"].max_row == 1
