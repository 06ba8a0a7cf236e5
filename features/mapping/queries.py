"""The SQL files of a mapping: in which order they build on each other, and what is wrong at which line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from rind.common.errors import SourceError

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
ACCOUNT_IDS, CONTACT_IDS, RATES = "account_ids", "contact_ids", "rates"
LOOKUPS = {
    ACCOUNT_IDS: "create macro account_of(t) as "
    "(select _account from (select id as _id, account_id as _account from account_ids) where _id = t)",
    CONTACT_IDS: "create macro contact_of(t) as "
    "(select _contact from (select email as _email, contact_id as _contact from contact_ids) where _email = t)",
    RATES: "create or replace macro own_money(amount, code, on_day) as amount * coalesce((select arg_max(_rate, _day) "
    "from (select upper(currency) as _code, as_of as _day, rate as _rate from rates) "
    "where _code = upper(code) and _day <= on_day), 1)",
}
"""Functions that exist once the helper query of that name has run.

Their inner columns have names of their own, so that ``account_of(account_id)`` means that of the query that calls.
"""
_CTE = re.compile(
    r"([A-Za-z_]\w*)\s*(?:\([^()]*\))?\s+as\s*(?:(?:not\s+)?materialized\s*)?\(\s*(?:select|with|from|values)",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\b(?:from|join)\s+([A-Za-z_]\w*)", re.IGNORECASE)
_FUNCTIONS = {"account_of": ACCOUNT_IDS, "contact_of": CONTACT_IDS, "own_money": RATES}


@dataclass(frozen=True)
class Query:
    """One SQL file: a table of the contract, or a helper that others build on, by the file's name."""

    name: str
    path: Path
    sql: str

    def names(self) -> set[str]:
        """What the SQL names after FROM and JOIN, its own WITH aside, and what its functions look up."""
        bare = _COMMENT.sub(" ", self.sql)
        tables = set(_TABLE.findall(bare)) - set(_CTE.findall(bare))
        return tables | {table for function, table in _FUNCTIONS.items() if re.search(rf"\b{function}\s*\(", bare)}


def read_queries(folder: Path) -> dict[str, Query]:
    """All ``*.sql`` of a folder that hold more than comments, by name."""
    queries = {}
    for path in sorted(folder.glob("*.sql")):
        try:
            sql = path.read_text(encoding="utf-8").strip().removesuffix(";")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"cannot read {path}: {error}", "The file must be UTF-8 text.") from None
        if re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.DOTALL).strip():
            queries[path.stem] = Query(path.stem, path, sql)
    return queries


def in_order(queries: dict[str, Query]) -> list[Query]:
    """The queries, each after those that it builds on; SourceError where they go in a circle."""
    needs = {name: _needs(query, queries) for name, query in queries.items()}
    ordered: list[Query] = []
    while needs:
        ready = sorted(name for name, need in needs.items() if not need & needs.keys())
        if not ready:
            raise SourceError(
                f"the queries {', '.join(sorted(needs))} build on each other in a circle", "Break the circle."
            )
        ordered += [queries[name] for name in ready]
        needs = {name: need for name, need in needs.items() if name not in ready}
    return ordered


def _needs(query: Query, queries: Iterable[str]) -> set[str]:
    return {name for name in queries if name in query.names() and name != query.name}


def create(connection: Any, query: Query, what: str) -> None:
    """Create a query's table or view in DuckDB; SourceError with file, line and column."""
    head = f"create {what} {query.name} as (\n"
    connection.con.execute("set errors_as_json=true")
    try:
        connection.con.execute(f"{head}{query.sql}\n)")
    except duckdb.Error as error:
        raise _located(error, query, len(head.encode())) from None
    finally:
        connection.con.execute("set errors_as_json=false")


def _located(error: Exception, query: Query, skipped: int) -> SourceError:
    match = re.search(r"\{.*\}", str(error), re.DOTALL)
    try:
        detail = json.loads(match.group()) if match else {}
    except ValueError:
        detail = {}
    message = str(detail.get("exception_message") or error).split("\nLINE ")[0]
    where = position(query, int(detail["position"]) - skipped) if "position" in detail else str(query.path)
    first, _, rest = message.partition("\n")
    return SourceError(f"{where}: {first}", " ".join(rest.split()) or "Correct the SQL there.")


def position(query: Query, byte: int) -> str:
    """``accounts.sql:3:8`` of a place in a query, counted in bytes as DuckDB does."""
    before = query.sql.encode()[: max(byte, 0)].decode(errors="ignore")
    return f"{query.path}:{before.count(chr(10)) + 1}:{len(before) - (before.rfind(chr(10)) + 1) + 1}"
