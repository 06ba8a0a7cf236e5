"""The stage of the effects, on the finished run of the tests."""

from __future__ import annotations

import json
from pathlib import Path

from rind.common.results import RESULTS


def test_a_run_says_of_each_playbook_what_it_did_or_why_that_cannot_be_told(small_run: Path) -> None:
    made = json.loads((small_run / "results" / RESULTS["effects"].path).read_text())
    assert len(made["words"]) == len(made["effects"]) > 0
    for record in made["effects"]:
        assert record["accounts"] <= record["starts"]
        assert (record["verdict"] == "cannot_tell") == bool(record["reason"])
