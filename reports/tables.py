"""Frames as rows for templates, and as CSV: exact for machines, or safe to open in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # the last four are full-width: what Excel reads as = + - @ in some locales
STARTS = re.compile(rf"[\s\ufeff\u200b]*[{SIGNS}]|[\t\r\n]")
AFTER_A_SEPARATOR = re.compile(rf'(?<=[;\t\r\n])(?=[ "]*[{SIGNS}])')


def safe_text(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; all else stays as it is.

    Account names come from outside: ``=HYPERLINK(...)`` in a CSV is code on the reader's machine
    (OWASP, "CSV injection"). White space before the sign hides nothing. Numbers stay numbers, so -5 is -5
    while the text "-5" becomes "'-5".
    """
    return f"'{value}" if isinstance(value, str) and STARTS.match(value) else value


def safe_field(value: Any) -> Any:
    """`safe_text` for a field of a CSV: a sign after a semicolon, a tab or a line break inside it is taken too.

    Excel splits a comma file at semicolons where the reader's locale says so, and quotes do not help there:
    "Acme;=1+1" would be two cells, the second a formula.
    """
    return AFTER_A_SEPARATOR.sub("'", safe_text(value)) if isinstance(value, str) else value


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `safe_field` applied to every text cell and to the headers."""
    made = frame.copy()
    for column in made.columns:
        if isinstance(made[column].dtype, pd.CategoricalDtype):
            made[column] = made[column].astype("object")
        if made[column].dtype == object or isinstance(made[column].dtype, pd.StringDtype):
            made[column] = made[column].map(safe_field)
    return made.rename(columns=safe_field)


def exact_csv(frame: pd.DataFrame) -> str:
    """The frame without its index as CSV for machines: each text is what it was, byte for byte, once it is read back.

    Floats are rounded to six decimals; empty values are empty fields, dates ISO. Rows end in CR LF (RFC 4180): Python
    quotes a lone CR inside a field only where the end of a row holds one.
    """
    floats = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name])]
    return str(frame.round(dict.fromkeys(floats, 6)).to_csv(index=False, lineterminator="\r\n"))


def spreadsheet_csv(frame: pd.DataFrame) -> str:
    """`exact_csv`, but no text is one that a spreadsheet runs as a formula: see `safe_field`."""
    return exact_csv(safe_frame(frame))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary per row; empty cells are None, days are dates, numbers are Python's own."""
    columns: list[Sequence[Any]] = []
    for name in frame.columns:
        column = frame[name]
        empty = column.isna().to_numpy()
        if pd.api.types.is_datetime64_any_dtype(column):
            column = column.dt.date
        values = column.astype("object").tolist()
        columns.append([None if gone else value for value, gone in zip(values, empty, strict=True)])
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
