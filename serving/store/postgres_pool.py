"""A pool of connections that threads share; one that the server dropped is replaced, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pandas as pd
import psycopg
from psycopg import sql
from pyarrow import csv
from pyarrow import lib as pa

from rind.features.locations import masked
from rind.serving.store.deadlines import Deadlines
from rind.serving.store.schema import Connection, ResultsStoreError, connect, readable_errors

CONNECT_SECONDS = 3
WAIT_SECONDS = 2.0
REST_SECONDS = 3.0
GRACE_SECONDS = 1.0
"""A server that works cancels the query itself (statement_timeout) before we break the connection off."""

FLOATS, INTEGERS, TEXTS = {700, 701, 1700}, {20, 21, 23}, {25, 1042, 1043}
BOOLEAN, DATE = 16, 1082
"""Type numbers of PostgreSQL (pg_type.oid)."""
Result = TypeVar("Result")


class Pool:
    """At most ``size`` connections to one server; queries read only.

    Parameters
    ----------
    url
        ``postgres://...``.
    size
        Further threads wait for a connection, for `WAIT_SECONDS` at most.
    seconds
        A query that takes longer is broken off. After one that the server did not answer at all, further ones fail at
        once for `REST_SECONDS`: threads that wait for a hanging server would soon be all threads.

    Raises (every query)
    --------------------
    ResultsStoreError
        The server refuses, does not answer in time, or has more to do than it can.
    """

    def __init__(self, url: str, size: int = 8, seconds: float = 5.0) -> None:
        self._url, self._seconds = url, seconds
        self._deadlines, self._rests_until = Deadlines(), float("-inf")
        self._free = threading.Semaphore(size)
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    def rows(self, query: str | sql.Composed, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._run(lambda connection: connection.execute(query, values).fetchall())

    def frame(self, query: str | sql.Composed, values: Sequence[Any] = ()) -> pd.DataFrame:
        """The rows as pandas: dates as datetime64, texts as str, numbers without nulls as int64 or float64."""

        def fetch(connection: Connection) -> tuple[list[psycopg.Column], list[tuple[Any, ...]]]:
            """The columns and rows of the query."""
            cursor = connection.execute(query, values)
            return list(cursor.description or ()), cursor.fetchall()

        columns, rows = self._run(fetch)
        cells: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [() for _ in columns]
        return pd.DataFrame(
            {c.name: _series(c.type_code, list(v)) for c, v in zip(columns, cells, strict=True)},
            columns=[c.name for c in columns],
        )

    def copied(self, query: sql.Composed, types: Mapping[str, pa.DataType]) -> pd.DataFrame:
        """The rows of a query as pandas by way of COPY: for many rows, which as Python's values would fill the memory.

        Parameters
        ----------
        types
            Columns of the query in their order; texts that repeat come as categories.
        """

        def fetch(connection: Connection) -> pa.Table:
            """The copied text as a table of these types."""
            statement = sql.SQL("copy ({}) to stdout (format csv)").format(query)
            buffer = pa.BufferOutputStream()
            with connection.cursor().copy(statement) as copy:
                for block in copy:
                    buffer.write(block)
            if not buffer.tell():
                return pa.table({name: pa.array([], kind) for name, kind in types.items()})
            read = csv.ReadOptions(column_names=list(types))
            convert = csv.ConvertOptions(
                column_types=dict(types), strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""],
                true_values=["t"], false_values=["f"],
            )  # fmt: skip
            return csv.read_csv(pa.BufferReader(buffer.getvalue()), read, convert_options=convert)

        frame: pd.DataFrame = self._run(fetch).to_pandas(date_as_object=False)
        return frame

    def close(self) -> None:
        """Close the idle connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _run(self, fetch: Callable[[Connection], Result]) -> Result:
        with self._turn(), readable_errors(self._url):
            while True:
                connection, fresh = self._take()
                try:
                    with self._deadlines.within(connection, self._seconds + GRACE_SECONDS) as query:
                        result = fetch(connection)
                except psycopg.OperationalError as error:
                    connection.close()
                    if query.late:
                        raise self._late() from error
                    if isinstance(error, psycopg.errors.QueryCanceled):
                        raise
                    if fresh:
                        raise
                    continue  # the server dropped an idle connection: try the next, in the end a fresh one
                except BaseException:
                    connection.close()
                    raise
                with self._lock:
                    self._idle.append(connection)
                return result

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for a free connection, not for long, and not at all where the server was found hanging."""
        if time.monotonic() < self._rests_until:
            raise self._late()
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise ResultsStoreError(
                f"the results store {masked(self._url)} has too much to do", "try again in a moment"
            )
        try:
            if time.monotonic() < self._rests_until:
                raise self._late()
            yield
        finally:
            self._free.release()

    def _late(self) -> ResultsStoreError:
        now = time.monotonic()
        if now >= self._rests_until:
            self._rests_until = now + REST_SECONDS
        message = f"the results store {masked(self._url)} did not answer within {self._seconds:g} s"
        return ResultsStoreError(message, "Is the server stopped, or its disk gone?")

    def _take(self) -> tuple[Connection, bool]:
        with self._lock:
            if self._idle:
                return self._idle.pop(), False
        try:
            connection = connect(self._url, seconds=CONNECT_SECONDS, autocommit=True)
        except ResultsStoreError:
            self._rests_until = time.monotonic() + REST_SECONDS
            raise
        with self._deadlines.within(connection, self._seconds):
            connection.execute("set default_transaction_read_only = on")
            connection.execute(f"set statement_timeout = {round(1000 * self._seconds)}".encode())
        return connection, True


def _series(kind: int, values: list[Any]) -> pd.Series:
    if kind in FLOATS:
        return pd.Series(values, dtype="float64")
    if kind == DATE:
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")), dtype="datetime64[us]")
    if kind in TEXTS:
        return pd.Series(values, dtype="str")
    empty = any(value is None for value in values)
    if kind in INTEGERS:
        return pd.Series(values, dtype="Int64" if empty else "int64")
    if kind == BOOLEAN:
        return pd.Series(values, dtype="boolean" if empty else "bool")
    return pd.Series(values, dtype="object")
