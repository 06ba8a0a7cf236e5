"""A file of features is scored as the whole table would be, in its order, a piece at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from model_frames import DIRECTIONS, QUICK, SETTINGS, fit, matrix

from rind.models.common.frames import KEYS
from rind.pipelines import batch_scoring
from rind.pipelines.batch_scoring import score_file
from rind.pipelines.data import read, write
from rind.pipelines.tracking import Champion

ROWS = matrix(accounts=30, weeks=20)
FEATURES = ROWS.drop(columns="churned")


@pytest.fixture(scope="module")
def model() -> Champion:
    known = ROWS[ROWS["churned"].notna()]
    return Champion("churn", "1", "run", fit(known, DIRECTIONS, QUICK, SETTINGS))


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("threads", [1, 3])
def test_a_file_is_scored_as_the_whole_table_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Champion, explain: bool, threads: int
) -> None:
    monkeypatch.setattr(batch_scoring, "PIECE", 70)
    write(FEATURES, tmp_path / "features.parquet")
    assert score_file(model, tmp_path / "features.parquet", tmp_path / "out.parquet", explain, threads=threads) == 600
    scored, whole = read(tmp_path / "out.parquet"), model.predict(FEATURES, explain)
    assert scored[KEYS].equals(read(tmp_path / "features.parquet", KEYS))
    assert list(scored.columns) == [*KEYS, *whole.columns]
    pd.testing.assert_frame_equal(scored[whole.columns], whole, rtol=1e-6, check_dtype=False)
    np.testing.assert_allclose(scored["margin"], whole["margin"], rtol=1e-12)


def test_no_piece_is_larger_than_what_is_held_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Champion
) -> None:
    write(FEATURES, tmp_path / "features.parquet")
    monkeypatch.setattr(batch_scoring, "PIECE", 70)
    sizes = list[int]()
    predict = Champion.predict
    monkeypatch.setattr(
        Champion, "predict", lambda self, rows, explain: sizes.append(len(rows)) or predict(self, rows, explain)
    )
    score_file(model, tmp_path / "features.parquet", tmp_path / "out.parquet", False, threads=2)
    assert max(sizes) == 70
    assert sum(sizes) == 600
    assert pq.ParquetFile(tmp_path / "out.parquet").metadata.num_row_groups == 3  # nine pieces, four at a time


def test_a_file_without_rows_or_without_keys_has_the_columns_all_the_same(tmp_path: Path, model: Champion) -> None:
    write(FEATURES.iloc[:0].drop(columns="as_of"), tmp_path / "rows.parquet")
    assert score_file(model, tmp_path / "rows.parquet", tmp_path / "out.parquet", True, threads=2) == 0
    names = pq.read_schema(tmp_path / "out.parquet").names
    assert names == ["account_id", *model.predict(FEATURES.iloc[:1], explain=True).columns]
