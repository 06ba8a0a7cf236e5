"""`rind qualify` on the personas of a finished run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rind.pipelines.cli.app import app

RULE = {"group": "churned", "known": "signing", "rule": "Industry is media", "rate": 0.5, "confirmed": True,
        "conditions": [{"trait": "industry", "kind": "is", "value": "media"}]}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "personas.json").write_text(json.dumps({"personas": [RULE]}))
    (tmp_path / "prospects.csv").write_text("name,industry\nA,media\nB,retail\n")
    return tmp_path


def qualify(folder: Path, *more: str) -> tuple[int, str]:
    source = str(folder / "prospects.csv")
    done = CliRunner().invoke(app, ["qualify", "--dir", str(folder), "--source", source, *more])
    return done.exit_code, done.output


def test_prospects_get_the_rate_of_the_rule_that_fits(folder: Path) -> None:
    code, _ = qualify(folder, "--out", str(folder / "scored.csv"))
    assert code == 0
    lines = (folder / "scored.csv").read_text().splitlines()
    assert lines[0].startswith("name,industry,churned_rate,churned_rule")
    assert lines[1].startswith("A,media,0.5,Industry is media")
    assert lines[2].startswith("B,retail,,")


def test_the_rows_come_back_as_they_came(folder: Path) -> None:
    rule = RULE | {"conditions": [{"trait": "region", "kind": "is", "value": "NA"}], "rule": "Region is NA"}
    (folder / "personas.json").write_text(json.dumps({"personas": [rule]}))
    (folder / "prospects.csv").write_text("id,region,seats\n007,NA,\n010,EU,5\n")
    assert qualify(folder, "--out", str(folder / "scored.csv"))[0] == 0
    lines = (folder / "scored.csv").read_text().splitlines()
    assert lines[1].startswith("007,NA,,0.5,Region is NA")
    assert lines[2].startswith("010,EU,5,,")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00i", b"name;industry\nA;media\n", b"name\nA\n", b"a,b\n1,2,3,4\n1\n1,2,3,4,5\n"]
)
def test_a_file_that_no_rule_can_be_held_against_is_refused_with_what_it_must_hold(
    folder: Path, content: bytes
) -> None:
    (folder / "prospects.csv").write_bytes(content)
    code, output = qualify(folder)
    assert (code, "segment, industry, region" in " ".join(output.split())) == (2, True)


def test_without_a_rule_it_says_so(folder: Path) -> None:
    (folder / "personas.json").write_text(json.dumps({"personas": [RULE | {"confirmed": False}]}))
    assert "No rule is confirmed" in qualify(folder)[1]


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "prospects.csv").unlink()
    assert qualify(folder)[0] == 2
    (folder / "personas.json").unlink()
    assert "has no personas.json" in " ".join(qualify(folder)[1].split())
