from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_examples import lists

from rind.reports.tables import safe_field, safe_frame, safe_text, write_csv

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", " =", "\u00a0+", "\ufeff@"])
def test_a_text_that_starts_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe_text(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", ["Acme = good", "", " plain", -5, -5.5, None, True])
def test_numbers_and_plain_texts_stay_as_they_are(value: object) -> None:
    assert safe_text(value) is value


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_a_csv_holds_no_formula_whatever_the_type_of_the_column(tmp_path: Path, dtype: str) -> None:
    frame = pd.DataFrame({"name": pd.Series(["=1+1", "Acme"], dtype=dtype), "mrr": [-5.0, 2.0], "=x": [1, 2]})
    write_csv(tmp_path / "list.csv", frame)
    assert (tmp_path / "list.csv").read_text() == "name,mrr,'=x\n'=1+1,-5.0,1\nAcme,2.0,2\n"


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n", "; "])
def test_no_formula_begins_inside_a_field_where_a_locale_splits_it(separator: str) -> None:
    assert safe_field(f"Acme{separator}=1+1") == f"Acme{separator.rstrip(' ')}'{' ' * (separator == '; ')}=1+1"
    assert safe_field(f"Acme{separator}Ltd - the 1st") == f"Acme{separator}Ltd - the 1st"


@given(st.text(st.sampled_from("=+-@;,\"'\t\r\n a1\uff1d"), max_size=12))
@settings(deadline=None, max_examples=300)
def test_however_a_spreadsheet_splits_a_csv_no_cell_begins_like_a_formula(text: str) -> None:
    written = safe_frame(pd.DataFrame({"rank": [1], "name": [text], "mrr": [2.5]})).to_csv(
        index=False, lineterminator="\n"
    )
    for delimiter in (",", ";", "\t"):
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter):
            assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))]


def test_the_csv_of_a_small_list_is_as_agreed(tmp_path: Path) -> None:
    write_csv(tmp_path / "risk_list.csv", lists(12)[0])
    assert (tmp_path / "risk_list.csv").read_text() == (GOLDEN / "risk_list.csv").read_text()
