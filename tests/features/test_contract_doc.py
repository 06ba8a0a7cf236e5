"""The printed data contract."""

from __future__ import annotations

import pytest

from rind.features.contract_doc import DOCUMENT, document, tables_text
from rind.features.tables import TABLES


def test_the_committed_document_has_the_tables_that_are_checked() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert document(text) == text, "run python -m rind.features.contract_doc"


def test_every_column_of_every_table_has_its_line() -> None:
    lines = [line.split(" | ")[0] for line in tables_text().splitlines()]
    named = [f"| `{column.name}`" for table in TABLES.values() for column in table.columns]
    assert [line for line in lines if line in set(named)] == named


def test_a_document_without_marks_is_refused_and_what_stands_around_them_stays() -> None:
    with pytest.raises(ValueError, match="the document needs the marks"):
        document("# no marks")
    text = document("head\n<!-- tables: generated -->\nof yesterday\n<!-- tables: end -->\ntail\n")
    assert text.startswith("head\n<!-- tables: generated -->\n")
    assert text.endswith("<!-- tables: end -->\ntail\n")
    assert "of yesterday" not in text
