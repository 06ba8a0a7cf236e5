"""Small cuts of two real companies, end to end with the parameters of the benchmarks and no special case."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from benchmarks import real as benchmark
from rind.pipelines.cli.app import app

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "real"
QUICK = (
    "threads=1", "model.bags=1", "model.search_trials=0", "model.min_churned_for_boosting=60",
    "metrics.bootstrap_draws=60", "true_north.permutations=20", "snapshots.every_days=14", "model.train_every_days=28",
)  # fmt: skip
COMPANIES = {
    "learning365": ("backtest.refit_every_days=56",),
    "wholesale": ("backtest.refit_every_days=112", "backtest.days=280"),
}


def some_of(company: str, accounts: int, folder: Path) -> Path:
    """The rows of some accounts, all tables."""
    source = REAL / company
    ids = pq.read_table(source / "accounts.parquet", columns=["account_id"])["account_id"].unique().to_pylist()
    kept = sorted(ids)[:: max(1, len(ids) // accounts)]
    folder.mkdir()
    for path in sorted(source.glob("*.parquet")):
        rows = pq.read_table(path)
        own = "account_id" in rows.column_names
        pq.write_table(
            rows.filter(pc.is_in(rows["account_id"], pc.cast(kept, rows["account_id"].type))) if own else rows,
            folder / path.name,
        )
    return folder


# The product does not ship the two companies: they lie beside the checkout here and in CI, and nowhere else. What they
# test is theirs alone (most tables missing, monthly terms, orders instead of contracts): nothing can stand in.
@pytest.mark.slow
# `python -m benchmarks.real` runs both of them whole.
@pytest.mark.parametrize("company", ["learning365", pytest.param("wholesale", marks=pytest.mark.bench)])
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real companies at {REAL}")
def test_a_real_company_goes_through_with_most_tables_missing_and_says_how_little_skill_there_is(
    company: str, tmp_path: Path
) -> None:
    source, out = some_of(company, 450, tmp_path / "source"), tmp_path / "out"
    settings = [part for key in (*QUICK, *COMPANIES[company]) for part in ("--set", key)]
    arguments = ["--params", str(ROOT / f"benchmarks/{company}.yaml"), *settings]
    done = CliRunner().invoke(app, ["run", "--source", str(source), "--out", str(out), "--verbose", *arguments])
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    metrics, run = (json.loads((out / name).read_text()) for name in ("metrics.json", "run.json"))
    auc = metrics["model"]["auc"]
    assert f"AUC: {auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})" in said
    assert auc["low"] < auc["value"] < auc["high"]
    assert_no_leak(company, out)
    assert metrics["rows"]["churned_accounts"] >= 20
    assert "contacts" in run["families_left_out"]
    assert not set(run["families_left_out"]) & {"usage", "commercial", "tickets"}
    listed, explanations = (pd.read_parquet(out / f"{name}.parquet") for name in ("risk_list", "explanations"))
    accounts = explanations.groupby("account_id")
    left_over = accounts["shap_value"].sum() + accounts["base_value"].first() - accounts["margin"].first()
    assert np.abs(left_over).max() < 1e-6
    assert set(explanations["account_id"]) == set(listed["account_id"])
    text = listed[["reason_1", "reason_2", "reason_3"]].astype("str")
    assert not text.apply(lambda c: c.str.contains(r"__|\bnan\b|<NA>|NaT")).any(axis=None)
    assert "nan" not in said.split()
    says_what_it_cannot_claim(out, metrics["watermelons"], run)


def assert_no_leak(company: str, out: Path) -> None:
    """Among those who may leave at all, whom the calendar does not tell, little can be foreseen."""
    is_open = next(c.is_open for c in benchmark.COMPANIES if c.name == company)
    rows = benchmark.scored(out)
    auc = benchmark.aucs(rows[is_open(rows)])["model"]["auc"]
    assert 0.35 < auc["low"] < auc["value"] < auc["high"] < 0.85, auc


def says_what_it_cannot_claim(out: Path, record: dict[str, Any], run: dict[str, Any]) -> None:
    """No weights without proof, no flags without skill; families without data are named; the pages say all of it."""
    notes = " ".join([*run["facts"]["notes"], *run["facts"]["further_notes"]])
    pages = {name: text(out / f"{name}.html") for name in ("risk_list", "health_score")}
    assert "Health families without data" in notes
    assert "Health families without data" in pages["risk_list"]
    assert all(f"{family}" in notes.split("Health families without data")[1] for family in ("contacts", "surveys"))
    proposal = json.loads((out / "health_score.json").read_text())
    for of in (proposal, proposal["curves"], *proposal["segments"].values()):
        proven = bool(of["evidence"]) and (of["evidence"]["difference"]["auc"]["low"] or 0) > 0
        assert proven or not of["recommend"]
        assert of["words"]
    assert sum(proposal["proposed"].values()) == 100
    assert proposal["words"] in pages["health_score"]
    assert ("Not recommended" in pages["health_score"]) or proposal["recommend"]
    assert record["words"] in run["facts"]["notes"], "what the flags are worth stands above the list"
    assert record["words"].rstrip(".") in pages["risk_list"]
    assert record["skill"] or any(word in record["words"] for word in ("no proven skill", "nothing can be claimed"))
    backtest = pd.read_parquet(out / "backtest.parquet")
    withheld = backtest["watermelon_withheld"]
    assert not backtest.loc[withheld, "watermelon"].any()
    assert record["withheld_dates"] <= backtest.loc[withheld, "as_of"].nunique()


def text(page: Path) -> str:
    return unescape(page.read_text(encoding="utf-8")).replace("\N{NO-BREAK SPACE}", " ")
