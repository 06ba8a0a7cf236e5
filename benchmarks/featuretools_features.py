"""Features that Featuretools makes by itself from the raw tables, with cutoff times; a script of its own environment.

`PYTHON benchmarks/featuretools_features.py SOURCE CUTOFFS OUT`: Featuretools does not run on pandas 3, so `make
bench-models` gives it an environment (.venv/featuretools), and `benchmarks.reach` calls this file with its Python. It
imports nothing of Rind. CUTOFFS has one row per (account_id, as_of); OUT gets the features of each, from rows that lie
strictly before as_of: of the 91 days before, and of all time. Fields that a row gets later, such as the day on which a
ticket was solved, are left out, and the end of the latest term counts in days from as_of.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "usage": ("occurred_at", ("user_id", "feature", "quantity")),
    "tickets": ("opened_at", ("priority", "category")),
    "interactions": ("occurred_at", ("contact_id", "channel", "direction")),
    "surveys": ("responded_at", ("kind", "score")),
    "invoices": ("issued_on", ("amount",)),
    "subscriptions": ("starts_on", ("mrr", "seats", "plan", "term_end_day")),
}
"""Table -> when a row is known, and the columns that are known with it."""
TERM_END = "LAST(subscriptions.term_end_day)"
WINDOW_DAYS = 91
COUNTS = ["count", "sum", "mean", "max", "num_unique", "trend"]


def entities(source: Path, accounts: Any) -> Any:
    """The tables of these accounts, each row with the time from which it is known."""
    import pandas as pd

    ft: Any = import_module("featuretools")

    made = ft.EntitySet("company")
    keys = pd.DataFrame({"account_id": pd.Series(accounts, dtype=object)})
    made.add_dataframe(dataframe_name="accounts", dataframe=keys, index="account_id")
    for name, (time, columns) in TABLES.items():
        if not (path := source / f"{name}.parquet").exists():
            continue
        table = pd.read_parquet(path)
        if "term_ends_on" in table:
            table["term_end_day"] = pd.to_datetime(table["term_ends_on"]).astype("int64") // 86_400_000_000_000
        table = table[table["account_id"].isin(accounts) & table[time].notna()]
        table = table[["account_id", time, *(c for c in columns if c in table)]].reset_index(drop=True)
        table[time] = pd.to_datetime(table[time]).astype("datetime64[ns]")
        made.add_dataframe(dataframe_name=name, dataframe=table, index="row", make_index=True, time_index=time)
        made.add_relationship("accounts", "account_id", name, "account_id")
    return made


def features(source: Path, cutoffs: Any) -> Any:
    """One row per row of ``cutoffs``: account_id, as_of and the features."""
    import pandas as pd

    ft: Any = import_module("featuretools")

    made = entities(source, cutoffs["account_id"].unique())
    times = cutoffs.rename(columns={"as_of": "time"})[["account_id", "time"]]
    shared: dict[str, Any] = {
        "entityset": made, "target_dataframe_name": "accounts", "cutoff_time": times, "trans_primitives": [],
        "max_depth": 1, "include_cutoff_time": False, "cutoff_time_in_index": True, "n_jobs": 1,
    }  # fmt: skip
    window = ft.Timedelta(WINDOW_DAYS, "d")
    recent, _ = ft.dfs(**shared, agg_primitives=COUNTS, training_window=window)
    ever, _ = ft.dfs(**shared, agg_primitives=["count", "mean", "last", "time_since_last"])
    table = pd.concat([recent.add_suffix(f" in {WINDOW_DAYS} days"), ever], axis=1)
    table = table.select_dtypes(["number", "bool"]).astype("float64").reset_index()
    table = table.rename(columns={"time": "as_of"})
    odd = [name for name in table if name.endswith(".row)") or ("term_end_day" in name and name != TERM_END)]
    table = table.drop(columns=odd)  # numbers of rows say nothing, sums of days neither
    if TERM_END in table:
        table[TERM_END] -= pd.to_datetime(table["as_of"]).astype("datetime64[ns]").astype("int64") // 86_400_000_000_000
    return table


def main(source: Path, cutoffs: Path, out: Path) -> None:
    """Write the features."""
    import pandas as pd

    wanted = pd.read_parquet(cutoffs)
    wanted["as_of"] = pd.to_datetime(wanted["as_of"]).astype("datetime64[ns]")
    features(source, wanted).to_parquet(out, index=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
