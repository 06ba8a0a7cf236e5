"""What is read by row from the disk is what the whole file holds there, however the file is cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_frames import DIRECTIONS, OUTCOME, QUICK, SETTINGS, dates, matrix

from rind.models.churn import backtest
from rind.models.churn.backtest import bag_rows
from rind.models.common.frames import KEYS
from rind.models.common.snapshots import Snapshots
from rind.models.common.splits import rolling_folds
from rind.pipelines import feature_rows
from rind.pipelines.data import read, write
from rind.pipelines.feature_rows import FeatureRows

ROWS = matrix(accounts=40)
FOLDS = rolling_folds(dates(), OUTCOME, 28, 4)[-3:]


def on_disk(file: Path, rows_a_group: int) -> Snapshots:
    """The rows of `ROWS` in a file of many row groups."""
    write(ROWS.drop(columns="churned"), file)
    pq.write_table(pq.read_table(file), file, row_group_size=rows_a_group)
    return Snapshots(ROWS[[*KEYS, "churned"]], FeatureRows(file))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows_a_group=st.integers(1, len(ROWS) + 5), seed=st.integers(0, 100), share=st.sampled_from([0, 0.01, 0.3, 1]))
def test_rows_that_are_asked_for_are_those_of_the_whole_file(
    tmp_path: Path, rows_a_group: int, seed: int, share: float
) -> None:
    read_by_row = on_disk(tmp_path / "features.parquet", max(rows_a_group, 20))
    wanted = np.random.default_rng(seed).random(len(ROWS)) < share
    whole = read(tmp_path / "features.parquet")
    pieces = list(read_by_row.pieces(ROWS.index[wanted]))
    pd.testing.assert_frame_equal(pd.concat(pieces), whole[wanted])
    one_more = read_by_row.rows(ROWS.loc[wanted, [*KEYS, "churned"]].assign(weight=2.0))
    pd.testing.assert_frame_equal(one_more[whole.columns], whole[wanted])
    assert one_more["churned"].equals(ROWS.loc[wanted, "churned"])


def test_a_date_is_read_without_the_rest_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = list[int]()
    read_group = pq.ParquetFile.read_row_group
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", lambda self, n: groups.append(n) or read_group(self, n))
    snapshots = on_disk(tmp_path / "features.parquet", 60)  # a date and a half
    tenth = ROWS[ROWS["as_of"] == pd.Timestamp(dates()[10])]
    assert sum(len(piece) for piece in snapshots.pieces(tenth.index)) == 40
    assert groups == [6, 7]
    list(snapshots.pieces(tenth.index))
    assert groups == [6, 7], "what is small is kept"


@pytest.mark.parametrize("kept", [0, 2**29])
def test_a_backtest_from_the_disk_is_that_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(feature_rows, "KEPT_BYTES", kept)
    few = SETTINGS.model_copy(update={"max_training_rows": 300})
    one, other = (
        backtest.roll(snapshots, FOLDS, DIRECTIONS, QUICK, few, 7, explain=True, threads=2, seed=7)
        for snapshots in (Snapshots.held(ROWS), on_disk(tmp_path / "features.parquet", 100))
    )
    pd.testing.assert_frame_equal(one.predictions, other.predictions, rtol=1e-9)
    pd.testing.assert_frame_equal(one.explained, other.explained, rtol=1e-6)
    assert one.final.notes == other.final.notes
    assert "sampled_from" in one.final.notes


def test_a_sample_drawn_at_reading_is_that_of_the_whole(tmp_path: Path) -> None:
    held, read_by_row = (
        bag_rows(snapshots, FOLDS[-1], 7, 2, most=300, seed=3)
        for snapshots in (Snapshots.held(ROWS), on_disk(tmp_path / "features.parquet", 100))
    )
    for one, other in zip(held, read_by_row, strict=True):
        assert one.offered > len(one.labelled)
        columns = one.rows().columns
        pd.testing.assert_frame_equal(one.rows(), other.rows()[columns], check_dtype=False)
