"""Text that a spreadsheet cannot mistake for a formula, and the CSV writer that uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from common.files import atomic_path

FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20")  # what Excel reads as = + - @ in some locales
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", *FULL_WIDTH)


def safe_text(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would run as a formula; all else stays as it is.

    Account names come from outside: ``=HYPERLINK(...)`` in a CSV is code on the reader's machine
    (OWASP, "CSV injection"). Numbers stay numbers, so -5 is -5 while the text "-5" becomes "'-5".
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def safe_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `safe_text` applied to every text cell and to the headers."""
    made = frame.copy()
    for column in made.columns:
        if isinstance(made[column].dtype, pd.CategoricalDtype):
            made[column] = made[column].astype("object")
        if made[column].dtype == object or isinstance(made[column].dtype, pd.StringDtype):
            made[column] = made[column].map(safe_text)
    return made.rename(columns=safe_text)


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write ``frame`` without its index as UTF-8 CSV, atomically, safe to open in a spreadsheet.

    Floats are rounded to six decimals; empty values are empty fields, dates ISO.
    """
    floats = [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name])]
    rounded = frame.round(dict.fromkeys(floats, 6))
    with atomic_path(path) as temporary:
        safe_frame(rounded).to_csv(temporary, index=False, lineterminator="\n")
