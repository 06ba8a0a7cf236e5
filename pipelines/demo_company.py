"""The settings of the demo company, for commands that are run on its results."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

import rind.demo
from rind.common.results import MANIFEST

SETTINGS = Path(rind.demo.__file__).with_name("company.yaml")


def demo_settings(folder: Path) -> Path | None:
    """The demo company's parameters where ``folder`` holds the results of its source; None for any other company."""
    try:
        recorded = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["parameters"]["source"]
    except (OSError, ValueError, LookupError, TypeError):  # no results, broken ones, or those of an old run
        return None
    demo = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))["source"]
    return SETTINGS if isinstance(recorded, dict) and recorded == recorded | demo else None
