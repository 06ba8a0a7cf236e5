"""Snapshots are the same rows, whether their features lie in memory or are read piece by piece."""

from __future__ import annotations

import pandas as pd
from model_frames import matrix

from rind.models.common.frames import KEYS
from rind.models.common.snapshots import OUTCOME, Snapshots

ROWS = matrix(accounts=10)


def test_rows_have_all_features_and_what_the_asker_says_of_them() -> None:
    wanted = ROWS.loc[ROWS.index % 3 == 0, OUTCOME].assign(churned=1.0, weight=0.5)
    rows = Snapshots.held(ROWS).rows(wanted)
    assert rows.index.equals(wanted.index)
    assert (rows[["churned", "weight"]] == [1.0, 0.5]).all(axis=None)
    features = ROWS.columns.difference([*KEYS, "churned"])
    pd.testing.assert_frame_equal(rows[features], ROWS.loc[wanted.index, features])


def test_pieces_are_put_together_in_their_order() -> None:
    held = Snapshots.held(ROWS)
    cut = Snapshots(held.outcomes, lambda index: (ROWS.loc[index[n : n + 7]] for n in range(0, len(index), 7)))
    wanted = held.outcomes.iloc[5:60]
    pd.testing.assert_frame_equal(cut.rows(wanted), held.rows(wanted))
