"""Two folders of results, value by value: `python -m benchmarks.compare BEFORE AFTER`.

Parquet by columns and rows (numbers to 9 digits), workbooks by cells, JSON without what differs
in every run (times, paths, hashes, MLflow's ids), the rest by bytes. Prints a line
a file; ends with 1 where one differs.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl.reader.excel import load_workbook

from rind.common.results import public_paths

PASSING = {"seconds", "manifest", "run_id", "source", "versions", "trained", "parameters", "rind_version"}
"""Keys of JSON results that differ between two runs of the same code."""


def main(before: Path, after: Path) -> int:
    """Print a line a result; return how many differ."""
    differing = 0
    for path in public_paths():
        verdict = compared(before / path, after / path)
        differing += verdict != "equal"
        print(f"{verdict:>10}  {path}")
    return differing


def compared(before: Path, after: Path) -> str:
    """ "equal", or in two words what is not."""
    there = before.exists(), after.exists()
    if not all(there):
        return "equal" if there == (False, False) else "new" if there[1] else "gone"
    if before.is_dir():
        names = {path.name for folder in (before, after) for path in folder.iterdir()}
        verdicts = {compared(before / name, after / name) for name in names}
        return "equal" if verdicts <= {"equal"} else "DIFFERS"
    same = same_table(before, after) if before.suffix == ".parquet" else content(before) == content(after)
    return "equal" if same else "DIFFERS"


def same_table(before: Path, after: Path) -> bool:
    """Whether two Parquet files hold the same rows, in whatever order; numbers to 9 digits."""
    tables = []
    for path in (before, after):
        frame = pd.read_parquet(path)
        keys = [name for name in ("as_of", "account_id", "feature", "known_from", "fold", "rank") if name in frame]
        tables.append(frame.sort_values(keys, kind="stable").reset_index(drop=True))
    try:
        pd.testing.assert_frame_equal(tables[0], tables[1], rtol=1e-9, atol=1e-12)
    except AssertionError:
        return False
    return True


def content(path: Path) -> Any:
    """What of a file must be the same."""
    if path.suffix == ".json":
        return steady(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix == ".xlsx":
        sheets = load_workbook(path).worksheets
        return [(sheet.title, [[steady(cell.value) for cell in row] for row in sheet.iter_rows()]) for sheet in sheets]
    if path.suffix in (".html", ".csv"):
        return re.sub(r"\d+\.\d{9,}", lambda match: str(shortened(float(match[0]))), path.read_text(encoding="utf-8"))
    return path.read_bytes()


def shortened(number: float) -> float:
    """A number to 9 digits: sums of the same values in another order differ in the last of 16."""
    return float(f"{number:.9g}")


def steady(value: Any) -> Any:
    """A JSON value without what passes."""
    if isinstance(value, dict):
        return {key: steady(part) for key, part in value.items() if key not in PASSING}
    if isinstance(value, float):
        return shortened(value)
    return [steady(part) for part in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1]), Path(sys.argv[2])), 1))
