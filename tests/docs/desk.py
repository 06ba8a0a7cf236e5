"""A working folder with all that the examples of the documentation speak of."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import yaml
from conftest import QUICK_RUN

from rind.features.mapping.registry import KnownInput, system, system_names

VALUES = {
    "text": "word {i}", "id": "id_{i}", "email": "person{i}@kunde.example", "number": "{i}", "money": "{i}00.00",
    "time": "2026-0{i}-01T08:00:00Z", "date": "2026-0{i}-01", "yes_no": "false", "list": "id_{i}",
}  # fmt: skip


def make_desk(folder: Path, company: Path) -> Path:
    """Tables, exports, results and parameters under the names of the documentation.

    Parameters
    ----------
    company
        A small company with ``source`` and ``results`` (`conftest.small_run`).
    """
    (folder / "tables").symlink_to(company / "source")
    (folder / "company").mkdir()
    (folder / "company/source").symlink_to(company / "source")
    shutil.copytree(company / "results", folder / "results", symlinks=True)
    (folder / "quick.yaml").write_text(yaml.safe_dump(quick()))
    for name in system_names():
        for details in system(name).inputs.values():
            write_export(folder / "exports" / name, details)
    return folder


def quick() -> dict[str, object]:
    """The parameters of a quick run, as a file has them."""
    nested: dict[str, dict[str, object]] = {}
    for setting in QUICK_RUN:
        key, _, value = setting.partition("=")
        section, _, name = key.partition(".")
        if name:
            nested.setdefault(section, {})[name] = yaml.safe_load(value)
        else:
            nested[section] = yaml.safe_load(value)
    return dict(nested)


def write_export(folder: Path, details: KnownInput) -> None:
    """Two rows of an export, under the first of each name that the system may give it."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = {c.names[0]: c.kind for c in details.columns.values() if not re.search(r"[.][0-9]|[*]", c.names[0])}
    pattern = next((p for p in details.files if "/" not in p), details.files[0])
    with (folder / f"{pattern.replace('*', '').strip('_')}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([VALUES[kind].format(i=i) for kind in columns.values()] for i in (1, 2))
