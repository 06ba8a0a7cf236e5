from __future__ import annotations

from pathlib import Path

from rind.pipelines.flow import STAGES
from rind.pipelines.params import load
from rind.pipelines.workspace import Workspace


def test_the_demo_company_lies_where_the_flow_says_its_truth_apart_from_its_tables(tmp_path: Path) -> None:
    STAGES["demo"].run(
        Workspace(tmp_path, tmp_path), load(overrides=["demo.accounts=20", "demo.years=1"]), lambda _: None
    )
    for result in STAGES["demo"].writes.values():
        assert any((tmp_path / result.path).iterdir()), result.path
