"""The engines beside ours count what we count: the days before a date, up to the instant before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import engines
from benchmarks.engines import FEATURES, difference, duckdb_join, pandas_by_date
from rind.features.families import FAMILIES

AS_OF = date(2025, 6, 2)
MIDNIGHT = datetime.fromisoformat("2025-06-02")
LAST_INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    uses = [
        ("A", "u1", "login", MIDNIGHT, 100.0),
        ("A", "u1", "login", MIDNIGHT - LAST_INSTANT, 1.0),
        ("A", "u2", "login", MIDNIGHT - 7 * DAY, 2.0),
        ("A", "u1", "export", MIDNIGHT - 7 * DAY - LAST_INSTANT, 4.0),
        ("A", "u3", "login", MIDNIGHT - 28 * DAY - LAST_INSTANT, 8.0),
        ("A", "u4", "login", MIDNIGHT - 91 * DAY, 16.0),
        ("A", "u5", "login", MIDNIGHT - 91 * DAY - LAST_INSTANT, 32.0),
        ("B", "u6", "login", MIDNIGHT, 1.0),
    ]
    names = ("account_id", "user_id", "feature", "occurred_at", "quantity")
    usage = {name: [use[n] for use in uses] for n, name in enumerate(names)}
    pq.write_table(pa.table({**usage, "occurred_at": pa.array(usage["occurred_at"], pa.timestamp("us"))}),
                   tmp_path / "usage.parquet")  # fmt: skip
    spine = pa.table({"account_id": ["A", "B"], "as_of": pa.array([AS_OF] * 2, pa.date32())})
    pq.write_table(spine, tmp_path / "spine.parquet")
    return tmp_path


@pytest.mark.parametrize("make", [duckdb_join, pandas_by_date])
def test_an_engine_counts_the_days_before_a_date(make: Callable[[Path, Path], None], folder: Path) -> None:
    make(folder, folder / "made.parquet")
    made = pd.read_parquet(folder / "made.parquet").set_index("account_id")
    one, other = made.loc[["A", "B"], FEATURES].to_dict("records")
    assert [one[f"events__{window}d"] for window in (7, 28, 91)] == [3, 7, 31]
    assert [one[f"active_users__{window}d"] for window in (7, 28, 91)] == [2, 2, 4]
    assert [one[f"active_days__{window}d"] for window in (7, 28, 91)] == [2, 3, 5]
    assert [one[f"features__{window}d"] for window in (7, 28, 91)] == [1, 2, 2]
    assert (one["events_before__28d"], one["events_change__28d"]) == (8, -1 / 15)
    assert one["weeks_used__91d"] == 4 / 13
    assert {name for name, value in other.items() if pd.isna(value)} == set(engines.CHANGES)
    assert {value for value in other.values() if not pd.isna(value)} == {0}


def test_the_features_are_twenty_of_ours() -> None:
    assert len(FEATURES) == 20
    assert {f"usage__{name}" for name in FEATURES} <= {feature.name for feature in FAMILIES["usage"].FEATURES}


def test_another_value_an_empty_one_and_a_missing_row_are_seen(folder: Path) -> None:
    pandas_by_date(folder, folder / "rind.parquet")
    ours = pd.read_parquet(folder / "rind.parquet")
    ours.to_parquet(folder / "pandas.parquet")
    assert difference(folder, "pandas") == 0
    for column, value, least in (("events__7d", 4.0, 1), ("events_change__28d", None, 8)):
        ours.assign(**{column: [value, ours[column][1]]}).to_parquet(folder / "pandas.parquet")
        assert difference(folder, "pandas") >= least
    ours.head(1).to_parquet(folder / "pandas.parquet")
    with pytest.raises(ValueError, match="1 rows, 1 of them ours, which are 2"):
        difference(folder, "pandas")
