"""One published week in memory: arrays sorted by account, so that a page costs a slice instead of a query."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from rind.common.families import FAMILIES
from rind.common.results import served_paths
from rind.models.evaluation.drift import psi_of_features
from rind.serving.store.load_throttle import breathe
from rind.serving.store.protocols import DOCUMENTS, EXPLANATION, HISTORY, TABLES, TIMELINE

SERIES = (
    "usage__active_users__28d", "usage__events__28d", "tickets__open__now", "tickets__opened__28d",
    "contacts__active__now", "surveys__nps_mean__364d", "surveys__csat_mean__364d", "commercial__days_to_term_end__now",
)  # fmt: skip
"""The features that are kept for every past date; the page of an account draws them."""
BACKTEST = (
    *HISTORY, "mrr", "segment", "health_fit",
    *(f"health_{family}" for family in FAMILIES),
)  # fmt: skip
DAYS = ("as_of", "happened_on", "ended_on", "term_ends_on", "trained_as_of", "test_from", "month", "made_on", "quarter")
MOST_REFERENCE_ROWS = 20_000


class Sorted:
    """A frame sorted by account; the rows of one account are a slice of it."""

    def __init__(self, frame: pd.DataFrame) -> None:
        accounts = frame["account_id"].astype("category")
        if not accounts.cat.codes.is_monotonic_increasing:
            frame = frame.iloc[np.argsort(accounts.cat.codes.to_numpy(), kind="stable")]
            accounts = frame["account_id"].astype("category")
        codes = accounts.cat.codes.to_numpy()
        self.frame = frame.drop(columns="account_id")
        starts = np.searchsorted(codes, np.arange(len(accounts.cat.categories) + 1))
        names = [str(name) for name in accounts.cat.categories]
        self._arrays = {str(name): _plain(self.frame[name]) for name in self.frame.columns}
        self._bounds = dict(zip(names, zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True), strict=True))

    def of(self, account_id: str) -> pd.DataFrame:
        """The rows of one account, perhaps none."""
        start, stop = self._bounds.get(account_id, (0, 0))
        return self.frame.iloc[start:stop]

    def lists(self, account_id: str, names: Sequence[str]) -> dict[str, list[Any]]:
        """The same rows as plain lists, those of ``names`` that are there; small frames cost far more."""
        start, stop = self._bounds.get(account_id, (0, 0))
        return {name: self._arrays[name][start:stop].tolist() for name in names if name in self._arrays}


def _plain(column: pd.Series) -> npt.NDArray[Any]:
    """Days as days, so that their list is one of dates."""
    values: npt.NDArray[Any] = column.to_numpy()
    return values.astype("datetime64[D]") if values.dtype.kind == "M" else values


class MemoryWeek:
    """A `serving.store.protocols.Week` whose tables lie in memory."""

    far = False

    def __init__(
        self,
        version: str,
        documents: Mapping[str, Any],
        tables: Mapping[str, pd.DataFrame],
        backtest: pd.DataFrame,
        explanations: pd.DataFrame,
        series: pd.DataFrame,
        drift: pd.DataFrame,
        timeline: pd.DataFrame,
    ) -> None:
        self.version = version
        self._documents, self._tables = documents, tables
        self.risk_list = tables["risk_list"]
        self.as_of = date.fromisoformat(str(documents["run"]["as_of"]))
        self._backtest = backtest
        self._history, self._explanations, self._series = Sorted(backtest), Sorted(explanations), Sorted(series)
        breathe()
        self._drift = drift
        self._timeline = Sorted(timeline)

    def document(self, name: str) -> Mapping[str, Any] | None:
        """A JSON result; None where it is absent."""
        return self._documents.get(name)

    def table(self, name: str) -> pd.DataFrame | None:
        """A small table; None where it is absent."""
        return self._tables.get(name)

    def history(self, account_id: str) -> pd.DataFrame:
        """The backtest of one account."""
        return self._history.of(account_id)

    def explanation(self, account_id: str) -> pd.DataFrame:
        """The SHAP values of one account."""
        return self._explanations.of(account_id)

    def explanation_lists(self, account_id: str, names: Sequence[str]) -> dict[str, list[Any]]:
        """`explanation` as plain lists; see `serving.views.account`."""
        return self._explanations.lists(account_id, names)

    def history_lists(self, account_id: str, names: Sequence[str]) -> dict[str, list[Any]]:
        """`history` as plain lists; days are dates."""
        return self._history.lists(account_id, names)

    def timeline(self, account_id: str) -> pd.DataFrame:
        """The events of one account."""
        return self._timeline.of(account_id)

    def series(self, account_id: str, features: Sequence[str]) -> pd.DataFrame:
        """Features of one account through time; those outside `SERIES` are not kept."""
        rows = self._series.of(account_id)
        return rows[["as_of", *(name for name in features if name in rows.columns)]]

    def backtest(self, columns: Sequence[str]) -> pd.DataFrame:
        """The whole backtest."""
        return self._backtest[[name for name in columns if name in self._backtest.columns]]

    def drift(self) -> pd.DataFrame:
        """How far the features moved."""
        return self._drift


def load_week(folder: Path, run: Mapping[str, Any], present: set[str], version: str) -> MemoryWeek:
    """Read the results in ``folder`` that are ``present``; what is not there is absent from the week."""
    as_of = date.fromisoformat(str(run["as_of"]))
    with duckdb.connect(config={"threads": 1}) as con:
        documents = {"run": dict(run)} | {
            name: json.loads((folder / path).read_text(encoding="utf-8"))
            for name, path in DOCUMENTS.items()
            if name != "run" and path in present
        }
        places = served_paths("table") | TABLES
        tables = {name: _table(con, folder / place) for name, place in places.items() if place in present}
        big = served_paths("columns", "series")
        here = {name: folder / path for name, path in big.items() if path in present}
        return MemoryWeek(
            version,
            documents,
            tables,
            backtest=_by_account(con, here.get("backtest"), ("account_id", *HISTORY), ("account_id", *BACKTEST)),
            explanations=_by_account(con, here.get("explanations"), ("account_id", *EXPLANATION), order="account_id"),
            series=_series(con, here.get("features")),
            drift=_drift(con, here["features"], as_of) if "features" in here else _no_drift(),
            timeline=_by_account(
                con,
                here.get("timeline"),
                ("account_id", *TIMELINE),
                ("account_id", *TIMELINE),
                order="account_id, happened_on, kind, detail, number",
            ),
        )


def load_drawn(path: Path, as_of: date) -> tuple[Sorted, pd.DataFrame]:
    """What the pages draw of features.parquet: `SERIES` of each account through time, and the drift."""
    with duckdb.connect(config={"threads": 1}) as con:
        return Sorted(_series(con, path)), _drift(con, path, as_of)


def _table(con: duckdb.DuckDBPyConnection, path: Path) -> pd.DataFrame:
    reader = con.read_parquet if path.suffix == ".parquet" else con.read_csv
    breathe()
    return tidy(reader(str(path)).df())


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Dates as datetime64, account ids as text; the rest as it is."""
    days: dict[str, Any] = {str(name): pd.to_datetime(frame[name]) for name in DAYS if name in frame}
    ids: dict[str, Any] = {"account_id": frame["account_id"].astype("str")} if "account_id" in frame else {}
    return frame.assign(**days, **ids)


def _by_account(
    con: duckdb.DuckDBPyConnection,
    path: Path | None,
    needed: Sequence[str],
    wanted: Sequence[str] | None = None,
    order: str = "account_id, as_of",
) -> pd.DataFrame:
    """The ``wanted`` columns (None: all) of a Parquet file in the order of its accounts."""
    if path is None:
        return pd.DataFrame(columns=list(needed))
    relation = con.read_parquet(str(path))
    columns = [c for c in relation.columns if wanted is None or c in wanted]
    listed = ", ".join(f'"{name}"' for name in columns)
    table = relation.project(listed).order(order).to_arrow_table()
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            table = table.set_column(place, field.name, table.column(place).dictionary_encode())
            breathe()
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    breathe()
    days = {name: pd.to_datetime(frame[name]) for name in DAYS if name in frame}
    texts = [c for c in frame if isinstance(frame[c].dtype, pd.CategoricalDtype) and c != "account_id"]
    return frame.assign(**days, **{str(name): _shared(frame[name]) for name in texts})


def _series(con: duckdb.DuckDBPyConnection, path: Path | None) -> pd.DataFrame:
    return _by_account(con, path, ("account_id", "as_of"), ("account_id", "as_of", *SERIES))


def _shared(column: pd.Series) -> pd.Series:
    """A category as plain texts, each of them once in memory: taking a few rows out costs nothing."""
    texts = np.array([*column.cat.categories, None], dtype=object)  # the code of an empty cell is -1
    breathe()
    return pd.Series(texts[column.cat.codes.to_numpy()], index=column.index, dtype=object)


def _drift(con: duckdb.DuckDBPyConnection, path: Path, as_of: date) -> pd.DataFrame:
    """Every numeric feature: the year before the scoring date, sampled, against the scoring date."""
    features = con.read_parquet(str(path))
    numeric = [c for c, t in zip(features.columns, features.types, strict=True) if "__" in c and str(t) != "VARCHAR"]
    chosen = features.project(", ".join(["as_of", *(f'"{name}"::DOUBLE AS "{name}"' for name in numeric)]))
    now = chosen.filter(f"as_of = DATE '{as_of.isoformat()}'")
    past = chosen.filter(f"as_of < DATE '{as_of.isoformat()}' AND as_of >= DATE '{as_of.isoformat()}' - 365")
    sample = f"SELECT * FROM past USING SAMPLE reservoir({MOST_REFERENCE_ROWS} ROWS) REPEATABLE (7)"
    reference, current = past.query("past", sample).df(), now.df()
    if reference.empty or current.empty:
        return _no_drift()
    return psi_of_features(reference[numeric], current[numeric])


def _no_drift() -> pd.DataFrame:
    return pd.DataFrame({"feature": pd.Series(dtype="str"), "psi": pd.Series(dtype="float64")})
