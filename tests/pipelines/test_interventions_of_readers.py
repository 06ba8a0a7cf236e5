"""Interventions that readers began in Rind, and what CSMs committed to, are rows of the next run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from rind.features.storage import present
from rind.pipelines.params import load
from rind.pipelines.stages import validate
from rind.pipelines.workspace import Workspace


@pytest.mark.parametrize("own", [True, False])
def test_the_stored_tables_hold_them_beside_those_of_the_source(small_run: Path, tmp_path: Path, own: bool) -> None:
    source = shutil.copytree(small_run / "source", tmp_path / "source")
    table = source / "interventions.parquet"
    before = len(pd.read_parquet(table)) if own else 0
    if not own:
        table.unlink()
    account = pd.read_parquet(source / "accounts.parquet")["account_id"].iloc[0]
    began = pd.read_parquet(source / "usage.parquet")["occurred_at"].max().normalize() - pd.Timedelta(days=9)
    rows = [("rind-1", account, began.date(), began), ("rind-2", "nobody", began.date(), began)]
    further = pd.DataFrame(rows, columns=["intervention_id", "account_id", "started_on", "recorded_at"])
    path = tmp_path / "interventions.csv"
    further.assign(playbook="Success plan", ended_on=None, cost=None).to_csv(path, index=False)
    (tmp_path / "commitments.csv").write_text(
        f"account_id,quarter,category,who,recorded_at\n{account},2026-07-01,commit,ana,2026-06-20 08:00:00\n"
        "nobody,2026-07-01,commit,ana,2026-06-20 08:00:00\n"
    )
    space = Workspace(tmp_path / "data", tmp_path / "mlruns")
    settings = [f"source.url={source}", f"source.feedback={path}", "labels.horizon_days=60"]
    validate.run(space, load(None, settings), lambda _: None)
    stored = pd.read_parquet(space.tables / "interventions.parquet")
    assert len(stored) == before + 1
    kept = stored[stored["intervention_id"] == "rind-1"].iloc[0]
    assert (kept["account_id"], kept["playbook"], kept["recorded_at"]) == (account, "Success plan", began)
    assert "interventions" in present(space.tables)
    (committed,) = pd.read_parquet(space.commitments).to_dict("records")
    assert (committed["account_id"], committed["category"]) == (account, "commit")
    notes = json.loads(space.validation.read_text())["notes"]
    assert sum("1 intervention that was started in Rind is left out" in note for note in notes) == 1
    assert sum("1 commitment is left out" in note for note in notes) == 1
