"""Accounts out of the results store: their rows of all weeks, and what the documents of the weeks say of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from psycopg import sql
from psycopg.types.json import Json

from rind.serving.store.publish import OF_A_PUBLICATION, transaction
from rind.serving.store.schema import LOCK, Connection, connect, readable_errors, schema_version

CutDocument = Callable[[Any], tuple[Any, int]]
"""A JSON document -> the document without them, and how much of it was changed."""


def account_tables(connection: Connection) -> list[str]:
    """The tables of the store that hold accounts, as its schema has them."""
    rows = connection.execute(
        "select c.table_name from information_schema.columns c join information_schema.tables t"
        " using (table_schema, table_name) where c.table_schema = 'rind_store' and c.column_name = 'account_id'"
        " and t.table_type = 'BASE TABLE' order by 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def forget(
    url: str, accounts: Collection[str], cut: CutDocument, connect_seconds: int = 10, seconds: float = 600
) -> dict[str, int]:
    """Delete the rows of these accounts from all weeks, cut them out of the documents, and vacuum what has changed.

    One transaction: a reader sees the weeks before or after. The digest of a changed week changes, so that servers
    load it anew. What PostgreSQL's own log and backups hold is for those who run the server.

    Returns
    -------
    dict
        Table -> rows; those that did not change are absent.
    """
    with transaction(url, connect_seconds, seconds) as connection:
        if not schema_version(connection):
            return {}
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        weeks = set[int]()
        counts = {name: _delete(connection, name, accounts, weeks) for name in account_tables(connection)}
        counts["documents"] = _cut_documents(connection, cut, weeks)
        for publication in weeks:
            _mark_changed(connection, publication)
    changed = {name: count for name, count in counts.items() if count}
    _vacuum(url, changed, connect_seconds)
    return changed


def drop_weeks(url: str, last: date, connect_seconds: int = 10, seconds: float = 600) -> int:
    """Delete all publications of weeks before ``last``, never those of the newest week; how many weeks these were."""
    with transaction(url, connect_seconds, seconds) as connection:
        if not schema_version(connection):
            return 0
        connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        rows = connection.execute(
            "select publication, as_of from rind_store.publications"
            " where as_of < %s and as_of < (select max(as_of) from rind_store.publications)",
            [last],
        ).fetchall()
        for name in (*OF_A_PUBLICATION, "publications") if rows else ():
            statement = sql.SQL("delete from {} where publication = any(%s)").format(sql.Identifier("rind_store", name))
            connection.execute(statement, [[row[0] for row in rows]])
    return len({row[1] for row in rows})


def _delete(connection: Connection, name: str, accounts: Collection[str], weeks: set[int]) -> int:
    statement = sql.SQL("delete from {} where account_id = any(%s) returning publication").format(
        sql.Identifier("rind_store", name)
    )
    rows = connection.execute(statement, [list(accounts)]).fetchall()
    weeks |= {int(row[0]) for row in rows}
    return len(rows)


def _cut_documents(connection: Connection, cut: CutDocument, weeks: set[int]) -> int:
    changed = 0
    keys = connection.execute("select publication, name from rind_store.documents").fetchall()
    for key in keys:  # one at a time: a few MB each
        where = "where publication = %s and name = %s"
        content = connection.execute(f"select content from rind_store.documents {where}".encode(), key).fetchone()
        document, count = cut(content[0] if content else None)
        if count:
            connection.execute(f"update rind_store.documents set content = %s {where}".encode(), [Json(document), *key])
            weeks.add(int(key[0]))
            changed += 1
    return changed


def _mark_changed(connection: Connection, publication: int) -> None:
    row = connection.execute(
        "select digest from rind_store.publications where publication = %s", [publication]
    ).fetchone()
    digest = hashlib.sha256(f"{row[0] if row else ''} forgotten".encode()).hexdigest()
    connection.execute(
        "update rind_store.publications set digest = %s, accounts ="
        " (select count(*) from rind_store.risk_list r where r.publication = publications.publication)"
        " where publication = %s",
        [digest, publication],
    )


def _vacuum(url: str, names: Collection[str], connect_seconds: int) -> None:
    """Let PostgreSQL give the place of the deleted rows back at once; readers go on."""
    with readable_errors(url), connect(url, connect_seconds, autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("vacuum {}").format(sql.Identifier("rind_store", name)))
