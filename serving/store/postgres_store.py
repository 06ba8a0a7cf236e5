"""Published weeks from the results store in PostgreSQL (`serving.store.publish` writes it).

The rows of a publication never change once they are there, and stay a while after it was replaced: a week that a
request holds is whole until the request ends, whatever is published meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import nan
from typing import Any

import pandas as pd
from psycopg import sql
from pyarrow import lib as pa

from rind.serving.store.postgres_pool import Pool
from rind.serving.store.protocols import EXPLANATION, HISTORY, NoResultsError
from rind.serving.store.schema import ResultsStoreError, migrations
from rind.serving.store.week_watcher import Watcher

CURRENT = """
select publication, as_of, digest from rind_store.publications where superseded_at is null order by as_of desc limit 1
"""
LOADING, LOAD_SECONDS = 2, 120.0
"""Connections that load whole weeks, and how long one such query may take."""
FRAMES = {
    "previous_list": "rank",
    "adoption": "account_id",
    "kpis": "month, segment, csm, plan, metric",
    "forecast": "quarter, made_on, segment, csm",
    "forecast_months": "month, made_on, segment, csm",
}
"""Tables that are read whole, and the order of their rows."""


NO_NUMBERS = ("as_of", "health_band", "watermelon", "feature", "family", "value_text")
"""Columns whose empty cells are None and not NaN."""
TEXT = pa.dictionary(pa.int32(), pa.string())
TYPES: dict[str, pa.DataType] = {
    "account_id": TEXT, "health_band": TEXT, "segment": TEXT, "health_fit": TEXT, "watermelon": pa.bool_(),
    "as_of": pa.date32(), "trained_as_of": pa.date32(), "fold": pa.int64(),
}  # fmt: skip
"""Columns of the backtest that are no numbers with decimals, wherever they lie."""


@dataclass(frozen=True)
class _Publication:
    number: int
    as_of: date
    digest: str


class PostgresWeek:
    """One publication; see `serving.store.protocols.Week`."""

    far = True

    def __init__(self, pool: Pool, loader: Pool, publication: _Publication) -> None:
        self._pool, self._loader = pool, loader
        self._publication = publication

    @property
    def version(self) -> str:
        return self._publication.digest[:16]

    @property
    def as_of(self) -> date:
        return self._publication.as_of

    @cached_property
    def risk_list(self) -> pd.DataFrame:
        return self._frame("risk_list", " order by rank")

    def document(self, name: str) -> Mapping[str, Any] | None:
        return self._documents.get(name)

    def table(self, name: str) -> pd.DataFrame | None:
        return self._tables.get(name)

    def history(self, account_id: str) -> pd.DataFrame:
        return self._frame("backtest", " and account_id = %s order by as_of", [account_id])

    def explanation(self, account_id: str) -> pd.DataFrame:
        return self._frame("explanations", " and account_id = %s order by feature", [account_id])

    def timeline(self, account_id: str) -> pd.DataFrame:
        """The events of one account; one query a page."""
        order = " and account_id = %s order by happened_on, kind, detail, number"
        return self._frame("timeline", order, [account_id])

    def history_lists(self, account_id: str, names: Sequence[str]) -> dict[str, list[Any]]:
        """`history` as plain lists, days as dates: frames of a hundred rows cost more than their query."""
        return self._lists("backtest", account_id, [name for name in names if name in HISTORY], "as_of")

    def explanation_lists(self, account_id: str, names: Sequence[str]) -> dict[str, list[Any]]:
        """`explanation` as plain lists."""
        return self._lists("explanations", account_id, [name for name in names if name in EXPLANATION], "feature")

    def _lists(self, table: str, account_id: str, names: Sequence[str], order: str) -> dict[str, list[Any]]:
        query = sql.SQL("select {} from {} where publication = %s and account_id = %s order by {}").format(
            sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier("rind_store", table), sql.Identifier(order)
        )
        rows = self._pool.rows(query, [self._publication.number, account_id])
        cells = zip(*rows, strict=True) if rows else ([] for _ in names)
        return {
            name: list(column) if name in NO_NUMBERS else [nan if cell is None else cell for cell in column]
            for name, column in zip(names, cells, strict=True)
        }

    def series(self, account_id: str, features: Sequence[str]) -> pd.DataFrame:
        """One row per past week of the account: as_of and those of the features that were published."""
        query = "select content from rind_store.series where publication = %s and account_id = %s"
        rows = self._pool.rows(query, [self._publication.number, account_id])
        content = rows[0][0] if rows else {"columns": ["as_of", *features], "data": []}
        frame = pd.DataFrame(content["data"], columns=content["columns"])
        frame = frame.astype({name: "float64" for name in frame if frame[name].isna().all() and name != "as_of"})
        chosen = frame[["as_of", *(name for name in features if name in frame)]]
        return chosen.assign(as_of=pd.to_datetime(chosen["as_of"]))

    def backtest(self, columns: Sequence[str]) -> pd.DataFrame:
        """See `serving.store.protocols.Week`; a million rows: read once a week, and not kept here."""
        some = "select * from rind_store.backtest where publication = %s limit 1"
        row = self._loader.frame(some, [self._publication.number])
        further = set(row["more"].iloc[0] or ()) if len(row) else set()
        here = [c for c in columns if c in row or c in further]
        types = {c: TYPES.get(c, pa.float64()) for c in here}
        folded = [c for c in here if c not in row]
        names = sql.SQL(", ").join(sql.Identifier("m" if c in folded else "b", c) for c in here)
        record = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL("text" if c in TYPES else "float8")) for c in folded
        )
        unfold = sql.SQL(" cross join lateral json_to_record(coalesce(b.more, '{{}}')) as m({})").format(record)
        query = sql.SQL("select {} from rind_store.backtest b{} where publication = {} order by as_of, account_id")
        made = query.format(names, unfold if folded else sql.SQL(""), sql.Literal(self._publication.number))
        frame = self._loader.copied(made, types)
        days = {name: pd.to_datetime(frame[name]) for name in ("as_of", "trained_as_of") if name in frame}
        return frame.assign(**days)

    def drift(self) -> pd.DataFrame:
        return self._drift

    @cached_property
    def _drift(self) -> pd.DataFrame:
        return self._frame("drift", " order by psi desc, feature")

    @cached_property
    def _documents(self) -> dict[str, Any]:
        query = "select name, content from rind_store.documents where publication = %s"
        return dict(self._loader.rows(query, [self._publication.number]))

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        query = "select name, content from rind_store.curves where publication = %s"
        tables = {name: pd.DataFrame(rows) for name, rows in self._loader.rows(query, [self._publication.number])}
        for name, order in FRAMES.items():
            frame = self._frame(name, f" order by {order}")
            if len(frame):
                tables[name] = frame.assign(as_of=pd.Timestamp(self.as_of)) if name == "adoption" else frame
        return tables

    def _frame(self, table: str, more: str = "", values: Sequence[Any] = ()) -> pd.DataFrame:
        every = sql.SQL("select * from {} where publication = %s").format(sql.Identifier("rind_store", table))
        query = every + sql.SQL(more)
        pool = self._pool if values else self._loader
        frame = pool.frame(query, [self._publication.number, *values]).drop(columns="publication")
        return _unfolded(frame)


class PostgresStore(Watcher[PostgresWeek]):
    """The latest week of a results store.

    Parameters
    ----------
    url
        ``postgres://...``; the password may come from PGPASSWORD or ~/.pgpass.
    refresh_seconds
        See `serving.store.week_watcher.Watcher`.
    connections
        How many queries for accounts run at once; weeks are loaded over connections of their own.
    """

    def __init__(self, url: str, refresh_seconds: float = 2.0, connections: int = 8) -> None:
        self._pool, self._loader = Pool(url, connections), Pool(url, LOADING, LOAD_SECONDS)
        super().__init__(refresh_seconds)

    def close(self) -> None:
        super().close()
        self._pool.close()
        self._loader.close()

    def _mark(self) -> _Publication:
        if self._week is None:
            self._require_schema()
        rows = self._pool.rows(CURRENT)
        if not rows:
            raise NoResultsError("the results store holds no week", "rind publish --dir DIR --to postgres://...")
        return _Publication(*rows[0])

    def _load(self, mark: _Publication) -> PostgresWeek:
        """A week whose small tables are in memory, so that a list is served without the server."""
        week = PostgresWeek(self._pool, self._loader, mark)
        _ = week.risk_list, week.document("run"), week.table("previous_list"), week.drift()
        return week

    def _require_schema(self) -> None:
        if self._pool.rows("select to_regclass('rind_store.schema_version')")[0][0] is None:
            raise NoResultsError("the results store is empty", "rind publish --dir DIR --to postgres://...")
        version, known = (
            self._pool.rows("select max(version) from rind_store.schema_version")[0][0],
            migrations()[-1][0],
        )
        if version != known:
            raise ResultsStoreError(
                f"the results store has schema version {version}, this Rind reads {known}",
                "an earlier one: publish once with this Rind; a later one: serve with the Rind that published",
            )


def _unfolded(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns that ``more`` holds as columns of their own."""
    if "more" not in frame:
        return frame
    further = [cells for cells in frame.pop("more") if cells]
    if not further:
        return frame
    columns = pd.DataFrame(further, index=frame.index)
    columns = columns.astype({name: "float64" for name in columns if columns[name].isna().all()})
    return pd.concat([frame, columns], axis=1)
