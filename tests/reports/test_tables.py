from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from report_examples import lists

from rind.reports.tables import exact_csv, safe_field, safe_text, spreadsheet_csv

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", " =", "\u00a0+", "\ufeff@"])
def test_a_text_that_starts_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe_text(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", ["Acme = good", "", " plain", -5, -5.5, None, True])
def test_numbers_and_plain_texts_stay_as_they_are(value: object) -> None:
    assert safe_text(value) is value


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_a_csv_for_spreadsheets_holds_no_formula_whatever_the_type_of_the_column(dtype: str) -> None:
    frame = pd.DataFrame({"name": pd.Series(["=1+1", "Acme"], dtype=dtype), "mrr": [-5.0, 2.0], "=x": [1, 2]})
    assert spreadsheet_csv(frame) == "name,mrr,'=x\r\n'=1+1,-5.0,1\r\nAcme,2.0,2\r\n"


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n", "; "])
def test_no_formula_begins_inside_a_field_where_a_locale_splits_it(separator: str) -> None:
    assert safe_field(f"Acme{separator}=1+1") == f"Acme{separator.rstrip(' ')}'{' ' * (separator == '; ')}=1+1"
    assert safe_field(f"Acme{separator}Ltd - the 1st") == f"Acme{separator}Ltd - the 1st"


@given(st.text(st.sampled_from("=+-@;,\"'\t\r\n a1\uff1d"), max_size=12))
@settings(deadline=None, max_examples=300)
def test_however_a_spreadsheet_splits_a_csv_no_cell_begins_like_a_formula(text: str) -> None:
    written = spreadsheet_csv(pd.DataFrame({"rank": [1], "name": [text], "mrr": [2.5]}))
    for delimiter in (",", ";", "\t"):
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter):
            assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), min_size=1))
@settings(deadline=None, max_examples=200)
@example(["a\rb", "\r", "c\r\nd", 'e"f', "=1+1", "@Home Labs", "g,h;i", " j "])
def test_a_csv_for_machines_gives_back_the_same_texts_in_the_same_rows(names: list[str]) -> None:
    written = exact_csv(pd.DataFrame({"name": names, "rank": range(len(names))}))
    read_back = list(csv.reader(io.StringIO(written, newline="")))
    assert read_back == [["name", "rank"], *([name, str(n)] for n, name in enumerate(names))]


@pytest.mark.parametrize("name", ["a\rb", "a\nb", "a\r\nb", "\r", "Acme"])
def test_a_line_break_in_a_name_breaks_no_row_whoever_reads_the_file(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({"name": [name, "next"], "rank": [1, 2]})
    path = tmp_path / "list.csv"
    path.write_bytes(exact_csv(frame).encode())
    assert pd.read_csv(path)["name"].tolist() == [name, "next"]
    assert duckdb.sql(f"select name from read_csv('{path}', header = true)").fetchall() == [(name,), ("next",)]
    path.write_bytes(spreadsheet_csv(frame).encode())
    assert pd.read_csv(path)["rank"].tolist() == [1, 2]


def test_the_csv_of_a_small_list_is_as_agreed() -> None:
    assert spreadsheet_csv(lists(12)[0]).replace("\r\n", "\n") == (GOLDEN / "risk_list.csv").read_text()
