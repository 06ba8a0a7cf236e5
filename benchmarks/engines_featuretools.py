"""The features of `benchmarks.engines` by Featuretools with cutoff times; a script of its own environment.

`PYTHON benchmarks/engines_featuretools.py FOLDER OUT`: Featuretools does not run on pandas 3. It imports nothing of
Rind. Of FOLDER's accounts it takes one in 40, of the dates one in eight, as it goes through all rows of an account at
each cutoff time. Prints seconds of wall and of CPU and the peak of memory in GiB, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

ACCOUNTS, DATES = 40, 8
"""One in so many."""
NAMES = {"SUM(usage.quantity)": "events", "NUM_UNIQUE(usage.day)": "active_days",
         "NUM_UNIQUE(usage.feature)": "features", "NUM_UNIQUE(usage.user_id)": "active_users",
         "NUM_UNIQUE(usage.week)": "weeks_used"}  # fmt: skip
WINDOWS = {"_7d": (7, 0), "_28d": (28, 0), "_91d": (91, 0), "before__28d": (28, 28)}
"""Name -> days that the window lasts, and that it ends before the date."""


def features(folder: Path) -> Any:
    """One row per account and date."""
    import pandas as pd

    ft: Any = import_module("featuretools")
    spine = pd.read_parquet(folder / "spine.parquet")
    spine["as_of"] = pd.to_datetime(spine["as_of"]).astype("datetime64[ns]")
    accounts = sorted(spine["account_id"].unique())[::ACCOUNTS]
    dates = sorted(spine["as_of"].unique())[::DATES]
    spine = spine[spine["account_id"].isin(accounts) & spine["as_of"].isin(dates)]
    usage = pd.read_parquet(folder / "usage.parquet", filters=[("account_id", "in", accounts)])
    usage["occurred_at"] = usage["occurred_at"].astype("datetime64[ns]")
    usage["day"] = usage["occurred_at"].dt.strftime("%Y-%m-%d")
    usage["week"] = usage["occurred_at"].dt.to_period("W-SUN").astype(str)  # the dates are Mondays
    made = ft.EntitySet("company")
    keys = pd.DataFrame({"account_id": pd.Series(accounts, dtype=object)})
    made.add_dataframe(dataframe_name="accounts", dataframe=keys, index="account_id")
    types = dict.fromkeys(("day", "week", "feature", "user_id"), "Categorical")
    made.add_dataframe(
        dataframe_name="usage", dataframe=usage.reset_index(drop=True), index="row", make_index=True,
        time_index="occurred_at", logical_types=types,
    )  # fmt: skip
    made.add_relationship("accounts", "account_id", "usage", "account_id")
    table = spine.set_index(["account_id", "as_of"])
    for window, (days, ago) in WINDOWS.items():
        cutoffs = spine.rename(columns={"as_of": "time"}).assign(time=spine["as_of"] - pd.Timedelta(days=ago))
        counts, _ = ft.dfs(
            entityset=made, target_dataframe_name="accounts", cutoff_time=cutoffs, cutoff_time_in_index=True,
            agg_primitives=["sum", "num_unique"], trans_primitives=[], max_depth=1, n_jobs=1,
            training_window=ft.Timedelta(days, "d"), include_cutoff_time=False,
        )  # fmt: skip
        counts = counts[list(NAMES)].astype("float64").reset_index().rename(columns={"time": "as_of"})
        counts["as_of"] += pd.Timedelta(days=ago)
        named = {column: f"{name}_{window}" for column, name in NAMES.items()}
        table = table.join(counts.set_index(["account_id", "as_of"]).rename(columns=named))
    table = table.fillna(0)
    for what in ("events", "active_days", "features", "active_users"):
        now, before = table[f"{what}__28d"], table[f"{what}_before__28d"]
        table[f"{what}_change__28d"] = (now - before) / (now + before).replace(0, float("nan"))
    return table.assign(weeks_used__91d=table["weeks_used__91d"] / 13).reset_index()


def main(folder: Path, out: Path) -> None:
    """Write the features and print what they cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    features(folder).to_parquet(out, index=False)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"wall": wall, "cpu": cpu, "gib": peak}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
