"""The engines that read: a DuckDB of our own, and their errors in words for people."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import psycopg
from ibis.common.exceptions import IbisError

from rind.common.disks import full_disk
from rind.common.errors import SourceError
from rind.features.locations import without_secret

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
    except ENGINE_ERRORS as error:
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


def duckdb_connection() -> Any:
    """A fresh in-memory DuckDB in UTC; what does not fit in memory spills into the system's folder."""
    connection = ibis.duckdb.connect()
    spill = Path(tempfile.gettempdir()) / f"rind-duckdb-{uuid.uuid4().hex}"
    connection.raw_sql(f"SET temp_directory='{spill}'")
    connection.raw_sql("SET TimeZone='UTC'")
    return connection
