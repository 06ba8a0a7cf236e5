"""The engines that read and compute: a DuckDB of our own or Apache Spark, and their errors in words for people."""

from __future__ import annotations

import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import duckdb
import ibis
import psycopg
from ibis.common.exceptions import IbisError

from rind.common.disks import full_disk
from rind.common.errors import SourceError, UsageError
from rind.features.engine_settings import EngineName
from rind.features.locations import without_secret

OWN = ("duckdb", "pyspark")
"""Backends of Ibis that may hold rows and write files; other servers are only read, row by row."""

_engine: ContextVar[EngineName] = ContextVar("engine", default="duckdb")
_memory_gb: ContextVar[float | None] = ContextVar("memory_gb", default=None)

ENGINE_ERRORS = (duckdb.Error, psycopg.Error, IbisError, OSError, UnicodeDecodeError)


@contextmanager
def reading(what: str, secret_url: str = "", hint: str = "") -> Iterator[None]:
    """Turn what an engine says while it reads ``what`` into a SourceError, without secrets.

    Raises
    ------
    SourceError
        ``what`` cannot be read.
    DiskFullError
        There is no space left where the rows are put: the source is not to blame.
    """
    try:
        yield
    except (*ENGINE_ERRORS, *_spark_errors()) as error:
        if full := full_disk(error):
            raise full from None
        if isinstance(error, psycopg.errors.DiskFull):
            hint = "Free some space on the database server; the query puts there what does not fit in its memory."
        reason = " ".join(str(error).split("\nLINE ")[0].split()) or type(error).__name__
        if secret_url:
            reason = without_secret(reason, secret_url)
        raise SourceError(
            f"cannot read {what}: {reason}",
            hint or "Is the file whole, and readable by you? Write it again, or leave it out if it is optional.",
        ) from None


def held(table: ibis.Table) -> ibis.Table:
    """The same rows, computed once where the engine is our own, and held until its connection ends.

    What does not fit in memory it puts on the disk.

    On a server they stay an expression: who may read there need not be allowed to write.
    """
    engine = table.get_backend()
    return engine.create_table(f"held_{uuid.uuid4().hex}", table, temp=True) if engine.name in OWN else table


def duckdb_connection() -> Any:
    """A fresh in-memory DuckDB in UTC; what does not fit in its memory spills into the system's folder."""
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET enable_progress_bar=false")  # its own, a query at a time, between seconds and hours
    if memory := _memory_gb.get():
        connection.raw_sql(f"SET memory_limit='{memory}GB'")
    spill = Path(tempfile.gettempdir()) / f"rind-duckdb-{uuid.uuid4().hex}"
    connection.raw_sql(f"SET temp_directory='{spill}'")
    connection.raw_sql("SET TimeZone='UTC'")
    return connection


@contextmanager
def computing_on(engine: EngineName, memory_gb: float | None = None) -> Iterator[None]:
    """Have every `new_connection` of the block be one of this engine.

    Parameters
    ----------
    memory_gb
        What each DuckDB may take; None: 80 % of the machine's memory. Spark has settings of its own.

    Raises
    ------
    UsageError
        Spark, or the Java that it needs, is not installed, or no cluster answers.
    """
    if engine == "spark":
        spark_connection()  # what is missing is said before any work
    token, memory = _engine.set(engine), _memory_gb.set(memory_gb)
    try:
        yield
    finally:
        _engine.reset(token)
        _memory_gb.reset(memory)


def new_connection() -> Any:
    """A connection of the engine that computes: a fresh DuckDB, or Spark's session of this process."""
    return spark_connection() if _engine.get() == "spark" else duckdb_connection()


def spark_connection() -> Any:
    """Spark's session of this process (`features.spark`), which is begun where there is none."""
    try:
        from rind.features import spark
    except ImportError as error:
        raise UsageError(
            f"the engine spark is not installed ({error})",
            "pip install --require-hashes -r requirements/spark.lock (or pip install 'rind[spark]'), and Java 17",
        ) from None
    try:
        return spark.connect()
    except spark.ERRORS as error:
        reason = " ".join(str(error).split("\n")[0].split()) or type(error).__name__
        raise UsageError(
            f"Spark does not start: {reason}",
            "Is Java 17 installed, and do SPARK_CONF_DIR, SPARK_HOME or SPARK_REMOTE name what is there? docs/scale.md",
        ) from None


def _spark_errors() -> tuple[type[Exception], ...]:
    """What Spark raises, once it is in use."""
    spark = sys.modules.get("rind.features.spark")
    return spark.ERRORS if spark else ()
