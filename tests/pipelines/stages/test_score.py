"""The explanations that the stage of the scores writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from rind.pipelines.data import read, write_pieces
from rind.pipelines.stages import score


def cohort(accounts: int) -> pd.DataFrame:
    ids = [f"a{n}" for n in range(accounts)]
    rows = pd.DataFrame({"account_id": ids, "as_of": pd.Timestamp("2026-06-29")})
    rows["usage__events__7d"] = np.arange(accounts, dtype=np.float32)
    return rows.assign(commercial__segment__now=["big", None, "small"] * (accounts // 3))


def explained(rows: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    features = [name for name in rows.columns if "__" in name]
    parts = pd.DataFrame(np.random.default_rng(seed).normal(size=(len(rows), len(features))), columns=features)
    margin = parts.sum(axis=1) - 3
    return parts.assign(base_value=-3.0, margin=margin, churn_probability=1 / (1 + np.exp(-margin)))


def test_explanations_of_a_model_that_uses_no_text_are_written_too(tmp_path: Path) -> None:
    """A company with few accounts has no text value that enough of them share."""
    rows = cohort(3).drop(columns="commercial__segment__now")
    nobody = explained(rows).iloc[:0].set_axis(pd.Index([], dtype="str"))
    write_pieces(score._pieces(rows, explained(rows), nobody, 1), tmp_path / "explanations.parquet")
    written = read(tmp_path / "explanations.parquet")
    assert written["value"].tolist() == [0.0, 1.0, 2.0]
    assert written["value_text"].isna().all()


def test_explanations_in_pieces_are_those_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = cohort(9)
    now, before = explained(rows), explained(rows.head(6), seed=1).set_axis(rows["account_id"].head(6))
    files = {size: tmp_path / str(size) / "explanations.parquet" for size in (4, 9)}
    for size, file in files.items():
        monkeypatch.setattr(score, "ACCOUNTS", size)
        write_pieces(score._pieces(rows, now, before, 2), file)
    assert [pq.ParquetFile(file).metadata.num_row_groups for file in files.values()] == [3, 1]
    pieces, whole = (pq.read_table(file) for file in files.values())
    assert pieces.schema.equals(whole.schema, check_metadata=True)
    pd.testing.assert_frame_equal(pieces.to_pandas(), whole.to_pandas(), check_exact=True)
    assert whole["account_id"].to_pylist() == [f"a{n // 2}" for n in range(18)]
    assert whole["value_text"].to_pylist()[:6] == [None, "big", None, None, None, "small"]
    assert whole["moved_points"].null_count == 6  # of the three accounts that were not scored before
