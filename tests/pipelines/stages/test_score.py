"""The explanations that the stage of the scores writes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from rind.pipelines.data import read, write
from rind.pipelines.stages.score import _long


def test_explanations_of_a_model_that_uses_no_text_are_written_too(tmp_path: Path) -> None:
    """A company with few accounts has no text value that enough of them share."""
    rows = pd.DataFrame(
        {"account_id": ["a", "b"], "as_of": pd.Timestamp("2026-06-29"), "usage__events__7d": [1.0, 2.0]}
    )
    explained = pd.DataFrame(
        {
            "usage__events__7d": [0.1, -0.1],
            "base_value": -3.0,
            "margin": [-2.9, -3.1],
            "churn_probability": [0.05, 0.04],
        }
    )
    before = explained.iloc[:0].set_axis(pd.Index([], dtype="str"))
    write(_long(rows, explained, before, 1), tmp_path / "explanations.parquet")
    written = read(tmp_path / "explanations.parquet")
    assert written["value"].tolist() == [1.0, 2.0]
    assert written["value_text"].isna().all()
