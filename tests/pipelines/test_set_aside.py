"""What a run leaves of rows that it set aside, and what the command line says of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.pipelines.params import load
from rind.pipelines.stages import validate
from rind.pipelines.workspace import Workspace


@pytest.fixture
def untidy(small_run: Path, tmp_path: Path) -> Path:
    """The small demo company with a negative mrr, a priority that nobody knows and a feed of zeros."""
    source = shutil.copytree(small_run / "source", tmp_path / "source")
    terms = pd.read_parquet(source / "subscriptions.parquet")
    terms.loc[0, "mrr"] = -1.0
    terms.to_parquet(source / "subscriptions.parquet", index=False)
    tickets = pd.read_parquet(source / "tickets.parquet")
    tickets.loc[3, "priority"] = "P1"
    tickets.to_parquet(source / "tickets.parquet", index=False)
    return source


def test_the_stage_writes_what_is_set_aside_and_goes_on_without_it(untidy: Path, tmp_path: Path) -> None:
    space = Workspace(tmp_path / "data", tmp_path / "mlruns")
    validate.run(space, load(None, [f"source.url={untidy}", "labels.horizon_days=60"]), lambda _: None)
    account = pd.read_parquet(untidy / "subscriptions.parquet").loc[0, "account_id"]
    for name in ("accounts", "subscriptions", "usage"):
        assert account not in set(pd.read_parquet(space.tables / f"{name}.parquet")["account_id"]), name
        aside = pd.read_parquet(space.set_aside / f"{name}.parquet")
        assert set(aside["account_id"]) == {account}, name
        assert aside["account_set_aside"].all(), name
    record = json.loads(space.validation.read_text())
    assert {(r["table"], r["column"], r["rule"], r["count"], r["set_aside"]) for r in record["rules"]} == {
        ("subscriptions", "mrr", "below 0", 1, True), ("tickets", "priority", "value not allowed", 1, True),
    }  # fmt: skip
    assert record["accounts_set_aside"]["count"] == 1
    assert record["set_aside"]["tickets"] >= 1
    assert record["notes"][0].startswith("broken rows set aside: subscriptions 1, tickets 1, with them 1 account (")
    paths = set(space.manifest(("set_aside",)))
    assert {"set_aside/usage.parquet", "set_aside/tickets.parquet"} <= paths


def test_validate_tells_what_would_be_set_aside_and_strict_ends_it(untidy: Path) -> None:
    runner = CliRunner()
    lenient = runner.invoke(app, ["validate", "--source", str(untidy), "--set", "labels.horizon_days=60"])
    assert lenient.exit_code == 0, lenient.output
    assert "Set aside in" in lenient.output
    assert "with them 1 of 120 accounts (0.8%) and all their rows" in lenient.output
    assert "note: broken rows set aside" in lenient.output
    strict = runner.invoke(app, ["validate", "--source", str(untidy), "--strict"])
    assert strict.exit_code == 4
    without = runner.invoke(app, ["validate", "--source", str(untidy), "--without", "tickets"])
    assert "left out as asked by --without: tickets" in without.output
    assert "left out: tickets features (no table tickets)" in without.output
    needed = runner.invoke(app, ["validate", "--source", str(untidy), "--without", "usage"])
    assert needed.exit_code == 2
