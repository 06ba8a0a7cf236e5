"""`rind publish`: one run's results into the results store, in one transaction.

Readers see the week before or the week after, never a part (one transaction, and rows carry the
number of their publication); the same results again change nothing (their digest is compared); results of a week
that is already there replace it; other weeks stay; two publishers take turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from psycopg import sql
from pyarrow import csv
from pyarrow import lib as pa

from rind.features.locations import masked
from rind.serving.store.deadlines import Deadlines
from rind.serving.store.publish_rows import as_text, columns, drawn, folded_rows
from rind.serving.store.results_reader import Results, read_results
from rind.serving.store.run_document import horizon_days
from rind.serving.store.schema import LOCK, Connection, ResultsStoreError, connect, migrate, readable_errors

OF_A_PUBLICATION = (
    "risk_list", "previous_list", "explanations", "backtest", "adoption", "metrics", "health_weights", "moments",
    "documents", "curves", "series", "drift", "timeline", "kpis", "forecast",
    "forecast_months",
)  # fmt: skip
BIG = ("explanations", "backtest", "series", "timeline")
"""What grows with accounts x features and accounts x weeks; `keep_detail_weeks` may drop it from old weeks."""

ROWS_AT_ONCE = 50_000
GRACE_SECONDS = 1.0
SCORERS = ("model", "baseline", "boosting", "watermelons")


@dataclass(frozen=True)
class Published:
    """What `publish` did: rows written by table; none where the same results were there already."""

    as_of: date
    rows: dict[str, int]

    @property
    def unchanged(self) -> bool:
        return not self.rows


def publish(
    folder: Path,
    url: str,
    grace_minutes: float = 15,
    keep_detail_weeks: int | None = None,
    connect_seconds: int = 10,
    publish_seconds: float = 600,
) -> Published:
    """Write the results in ``folder`` into the store at ``url``.

    Parameters
    ----------
    folder
        What `rind run` wrote.
    url
        ``postgres://...``; the schema is made, or brought up to date, in the same transaction.
    grace_minutes
        How long the rows of a publication that was replaced stay, for readers that have begun with them.
    keep_detail_weeks
        Keep explanations and backtest of so many weeks, the newest; None keeps all. Lists are never dropped.
    connect_seconds, publish_seconds
        How long the server may take to answer, and the whole publication to end; then it is broken off.

    Raises
    ------
    NoResultsError
        The folder holds no whole run.
    ResultsStoreError
        The store cannot be reached, does not end in time or is of a later version.
    """
    results = read_results(folder)
    with transaction(url, connect_seconds, publish_seconds) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        migrate(connection)
        if _is_published(connection, results):
            return Published(results.as_of, {})
        page_tables = drawn(folder, results)
        _delete_replaced(connection, grace_minutes)
        publication = _begin(connection, results)
        tables = _all_tables(results) | page_tables
        rows = {name: _copy(connection, name, publication, table) for name, table in tables.items()}
        if keep_detail_weeks is not None:
            _drop_details(connection, keep_detail_weeks)
    return Published(results.as_of, rows)


@contextmanager
def transaction(url: str, connect_seconds: int, seconds: float) -> Iterator[Connection]:
    """One transaction, its commit included, that is broken off after so many seconds.

    We end the connection, since a server that hangs answers nothing; one that works cancels the statement soon after.
    """
    connection = connect(url, connect_seconds)
    with Deadlines().within(connection, seconds) as query:
        try:
            with readable_errors(url), connection:
                connection.execute(f"set local statement_timeout = {round(1000 * (seconds + GRACE_SECONDS))}".encode())
                yield connection
        except ResultsStoreError as error:
            if not query.late:
                raise
            raise ResultsStoreError(
                f"the results store {masked(url)} did not take the week within {seconds:g} s",
                "Does it hang, or does another publication hold it? Publish again: what is there already is not "
                "written twice. Raise results_store.publish_seconds where weeks are large.",
            ) from error


def _is_published(connection: Connection, results: Results) -> bool:
    row = connection.execute(
        "select digest from rind_store.publications where as_of = %s and superseded_at is null", [results.as_of]
    ).fetchone()
    return row is not None and row[0] == results.digest


def _delete_replaced(connection: Connection, grace_minutes: float) -> None:
    """Delete the rows of publications that were replaced more than ``grace_minutes`` ago: no reader reads them now."""
    old = connection.execute(
        "select publication from rind_store.publications"
        " where superseded_at < clock_timestamp() - make_interval(secs => %s)",
        [60 * grace_minutes],
    ).fetchall()
    for name in (*OF_A_PUBLICATION, "publications") if old else ():
        statement = sql.SQL("delete from {} where publication = any(%s)").format(sql.Identifier("rind_store", name))
        connection.execute(statement, [[row[0] for row in old]])


def _begin(connection: Connection, results: Results) -> int:
    connection.execute(
        "update rind_store.publications set superseded_at = clock_timestamp()"
        " where as_of = %s and superseded_at is null",
        [results.as_of],
    )
    run = results.document("run")
    facts, scored_by = run.get("facts", {}), run.get("scored_by", {})
    inserted = connection.execute(
        "insert into rind_store.publications"
        " (as_of, digest, data_end, horizon_days, company, model_name, model_version, accounts)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) returning publication",
        [results.as_of, results.digest, run.get("data_end"), horizon_days(run), facts.get("company"),
         scored_by.get("name"), scored_by.get("version"), results.tables["risk_list"].num_rows],
    ).fetchone()  # fmt: skip
    assert inserted is not None  # "returning" gives a row or raises
    return int(inserted[0])


def _drop_details(connection: Connection, weeks: int) -> None:
    for name in BIG:
        statement = sql.SQL(
            "delete from {} where publication in (select publication from rind_store.publications where as_of not in"
            " (select distinct as_of from rind_store.publications order by as_of desc limit %s))"
        ).format(sql.Identifier("rind_store", name))
        connection.execute(statement, [weeks])


def _all_tables(results: Results) -> dict[str, pa.Table]:
    """Every table of the store, from the results as they are."""
    health, moments = results.document("health_score"), results.document("true_north").get("moments", [])
    current, proposed = health.get("current", {}), health.get("proposed") or {}
    weights = [
        {"family": name, "current_weight": current.get(name), "proposed_weight": proposed.get(name)}
        for name in dict.fromkeys([*current, *proposed])
    ]
    rows_of = {
        "metrics": _metrics(results.document("metrics")),
        "health_weights": weights,
        "moments": [{"position": place, **moment} for place, moment in enumerate(moments, start=1)],
        "documents": [{"name": name, "content": text} for name, text in results.documents.items()],
        "curves": [{"name": name, "content": as_text(rows)} for name, rows in results.curves.items()],
    }
    return results.tables | {name: pa.Table.from_pydict(columns(rows)) for name, rows in rows_of.items() if rows}


def _metrics(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per scorer and measure that is a number; the document holds the others."""
    rows = []
    for scorer in SCORERS:
        for name, measure in metrics.get(scorer, {}).items():
            interval = measure if isinstance(measure, dict) else {"value": measure}
            numbers = {key: interval.get(key) for key in ("value", "low", "high")}
            if isinstance(numbers["value"], int | float) and not isinstance(numbers["value"], bool):
                rows.append({"scorer": scorer, "metric": name, **numbers})
    return rows


def _copy(connection: Connection, name: str, publication: int, table: pa.Table) -> int:
    """Copy a table's rows, part by part; columns that the store does not know go into ``more`` as JSON."""
    target = sql.Identifier("rind_store", name)
    described = connection.execute(sql.SQL("select * from {} limit 0").format(target)).description or []
    known = [column.name for column in described]
    kept = [c for c in table.column_names if c in known]
    further = [c for c in table.column_names if c not in (*known, "as_of")]  # as_of: that of the publication
    folded = "more" in known and bool(further)
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        target, sql.SQL(", ").join(map(sql.Identifier, [*kept, "publication", *(["more"] if folded else [])]))
    )
    with connection.cursor().copy(statement) as copy:
        for start in range(0, len(table), ROWS_AT_ONCE):
            part = table.slice(start, ROWS_AT_ONCE)
            shown = part.select(kept).append_column("publication", pa.array([publication] * len(part), pa.int64()))
            copy.write(_csv(shown.append_column("more", folded_rows(part.select(further))) if folded else shown))
    return len(table)


def _csv(table: pa.Table) -> bytes:
    """The rows as CSV: texts quoted, nulls bare, which is how COPY tells an empty text from none."""
    part = BytesIO()
    csv.write_csv(table, part, csv.WriteOptions(include_header=False, quoting_style="needed"))
    return part.getvalue()
