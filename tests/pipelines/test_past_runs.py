"""The law of time for a whole run: `rind run --as-of T` knows nothing that happened, or was recorded, at T or later."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from conftest import run_quietly
from typer.testing import CliRunner

from rind.common.results import TOP_LEVEL as RESULTS
from rind.demo.schema import TABLES
from rind.features.checks.time_travel import cut
from rind.pipelines.cli.app import app
from rind.pipelines.workspace import Workspace

KEYS = ["account_id", "as_of"]
REWRITTEN, REWRITTEN_DAYS = 3.0, 70  # what an account's scores of its last days are set to once it has left
TODAY = date(2026, 1, 21)  # a Wednesday, off the grid, in the middle of the history
LATE = {"subscriptions": ("starts_on", (12, 45)), "usage": ("occurred_at", (1, 9)), "tickets": ("opened_at", (2, 30))}
SETTINGS = (
    "threads=1", "labels.horizon_days=60", "snapshots.every_days=28", "snapshots.history_days=560",
    "backtest.refit_every_days=84", "backtest.min_train_dates=4", "model.train_every_days=28", "model.bags=1",
    "model.search_trials=2", "model.min_churned_for_boosting=8", "metrics.bootstrap_draws=20",
    "true_north.permutations=20", "watermelons.capacity=null", "watermelons.precision=0.3",
)  # fmt: skip


def recorded_late(name: str, table: pa.Table) -> pa.Table:
    """One row in eight reaches the source days later."""
    if name not in LATE:
        return table
    column, (least, most) = LATE[name]
    rng = np.random.default_rng(0)
    happened = table[column].to_pandas().astype("datetime64[us]")
    late = pd.to_timedelta(rng.integers(least, most, len(table)), unit="D")
    recorded = happened + late.where(rng.random(len(table)) < 0.125, pd.Timedelta(0))
    return table.append_column("recorded_at", pa.Array.from_pandas(recorded))


def a_day_later(terms: pa.Table) -> pa.Table:
    """Nothing starts or ends on the scoring date: the cohort is a status of the day itself (docs/adr/0006)."""
    for name in ("starts_on", "ended_on"):
        moved = pc.if_else(pc.equal(terms[name], TODAY), pa.scalar(TODAY + timedelta(days=1)), terms[name])
        terms = terms.set_column(terms.column_names.index(name), name, moved)
    return terms


def rewritten(scores: pa.Table, terms: pa.Table) -> pa.Table:
    """The company's own scores as its system holds them: ten days after an account left, the last are overwritten."""
    ends = terms.to_pandas().assign(ended_on=lambda t: pd.to_datetime(t["ended_on"]))
    ends = ends[ends.groupby("account_id")["ended_on"].transform(lambda ended: ended.notna().all())]
    held = scores.to_pandas()
    on = pd.to_datetime(held["as_of"]).astype("datetime64[us]")
    left = held["account_id"].map(ends.groupby("account_id")["ended_on"].max()).astype("datetime64[us]")
    late = (on < left) & (on >= left - pd.Timedelta(days=REWRITTEN_DAYS))
    held = held.assign(score=held["score"].astype("float64").mask(late, REWRITTEN))
    return pa.Table.from_pandas(
        held.assign(recorded_at=on.mask(late, left + pd.Timedelta(days=10))), preserve_index=False
    )


def write(folder: Path, tables: Mapping[str, pa.Table]) -> Path:
    folder.mkdir()
    for name, rows in tables.items():
        pq.write_table(rows, folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="module")
def both(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The results of the whole source at T, and of the source as it stood at T."""
    folder = tmp_path_factory.mktemp("past_runs")
    whole = {name: recorded_late(name, pq.read_table(small_run / f"source/{name}.parquet")) for name in TABLES}
    whole["subscriptions"] = a_day_later(whole["subscriptions"])
    whole["health_scores"] = rewritten(whole["health_scores"], whole["subscriptions"])
    sources = {"whole": whole, "then": cut(whole, TODAY)}
    ends = {"whole": [], "then": [f"source.data_end={TODAY - timedelta(days=1)}"]}
    for name, tables in sources.items():
        url = write(folder / f"{name}-source", tables)
        run_quietly(url, folder / name, [*SETTINGS, f"source.as_of={TODAY}", "source.name=us", *ends[name]])
    return folder / "whole", folder / "then"


def read(out: Path, name: str) -> pd.DataFrame:
    frame = pd.read_parquet(out / name)
    order = [c for c in (*KEYS, "feature", "rank") if c in frame.columns]
    return frame.sort_values(order, ignore_index=True)


@pytest.mark.parametrize("name", ["features", "backtest", "risk_list", "explanations", "adoption"])
def test_a_run_of_a_past_date_is_that_of_the_source_as_it_stood_then(both: tuple[Path, Path], name: str) -> None:
    one, other = (read(out, f"{name}.parquet") for out in both)
    assert len(one)
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["metrics", "health_score", "true_north", "hyperparameters"])
def test_what_a_run_of_a_past_date_measures_and_proposes_was_known_then(both: tuple[Path, Path], name: str) -> None:
    one, other = (json.loads((out / f"{name}.json").read_text()) for out in both)
    assert one
    assert _rounded(one) == _rounded(other)


def test_what_the_command_proposes_on_the_results_of_a_past_date_was_known_then_and_is_what_the_run_proposed(
    both: tuple[Path, Path], tmp_path: Path
) -> None:
    """`rind tune-health` reads the labels of the folder, which tell what the source says today."""
    found = []
    for out in both:
        folder = tmp_path / out.name
        shutil.copytree(out, folder, ignore=shutil.ignore_patterns("mlruns"))
        (folder / "health_score.json").unlink()
        done = CliRunner().invoke(app, ["tune-health", "--dir", str(folder)])
        assert done.exit_code == 0, done.output
        found.append(_rounded(json.loads((folder / "health_score.json").read_text())))
    assert found[0] == found[1]
    run = _rounded(json.loads((both[0] / "health_score.json").read_text()))
    assert {k: v for k, v in found[0].items() if k != "moves"} == {k: v for k, v in run.items() if k != "moves"}


def test_a_score_that_is_rewritten_once_an_account_has_left_never_changes_what_it_looked_like(
    both: tuple[Path, Path],
) -> None:
    """The frozen-score trap: what was overwritten is silence, and what it was overwritten with is not known yet."""
    held = pd.read_parquet(both[0].with_name("whole-source") / "health_scores.parquet")
    held = held.assign(on=pd.to_datetime(held["as_of"]).astype("datetime64[us]"))
    past = read(both[0], "backtest.parquet")[[*KEYS, "health_score", "health_source", "churned"]]
    past["as_of"] = pd.to_datetime(past["as_of"]).astype("datetime64[us]")
    pairs = past[KEYS].merge(held[["account_id", "on", "score", "recorded_at"]], on="account_id")
    fresh = (pairs["on"] < pairs["as_of"]) & (pairs["on"] >= pairs["as_of"] - pd.Timedelta(days=35))
    known = fresh & (pairs["recorded_at"] < pairs["as_of"])
    naive, stood = (pairs[w].sort_values("on").groupby(KEYS)["score"].last() for w in (fresh, known))
    told = past.set_index(KEYS)
    own = told["health_source"] == "own"
    assert set(told.index[own]) == set(stood.index)
    assert np.allclose(told.loc[own, "health_score"], stood.reindex(told.index[own]))
    assert not (told.loc[own, "health_score"] == REWRITTEN).any()
    trap = naive.index[naive == REWRITTEN]
    assert len(trap) >= 10  # who reads the table as it is today sees these leave red
    assert (told.loc[trap, "churned"] == 1).mean() > 0.5


def test_labels_that_were_known_then_are_the_same_whatever_is_known_since(both: tuple[Path, Path]) -> None:
    one, other = (read(out, "labels.parquet") for out in both)
    assert one[KEYS].equals(other[KEYS])
    known = other["churned"].notna()
    assert 0.3 < known.mean() < 0.9
    assert (one.loc[known, "churned"] == other.loc[known, "churned"]).mean() > 0.98
    assert one["churned"].notna().sum() > known.sum()  # what the source says today is told all the same


def test_the_law_can_fail_since_the_whole_source_holds_much_of_later(both: tuple[Path, Path]) -> None:
    whole, then = (pq.read_table(out.with_name(f"{out.name}-source") / "subscriptions.parquet") for out in both)
    assert whole.num_rows > then.num_rows
    late = pc.and_(pc.less(whole["starts_on"], TODAY), pc.greater_equal(whole["recorded_at"], pd.Timestamp(TODAY)))
    assert pc.sum(late).as_py() > 0
    assert set(RESULTS) - {"set_aside"} == {p.name for p in both[0].iterdir()} - {"mlruns", ".rind"}
    assert Workspace(both[0], both[0]).risk_list.exists()


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return round(value, 9) if isinstance(value, float) else value
