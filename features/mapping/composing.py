"""What several systems give to one table, as one readable SQL file a table."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from jinja2 import Environment, StrictUndefined

from rind.common.errors import UsageError
from rind.features.mapping.recognition import FoundInput
from rind.features.mapping.registry import HOMES, Piece, System
from rind.features.tables import TABLES

_JINJA = Environment(undefined=StrictUndefined, trim_blocks=False, lstrip_blocks=False, autoescape=False)


class Systems:
    """The systems that a mapping is made of, with the inputs of each that are in the exports."""

    def __init__(self, systems: Mapping[str, System], inputs: Mapping[str, FoundInput]) -> None:
        self.systems, self.inputs = systems, inputs
        self.facts: dict[str, bool] = {}

    def has(self, needs: tuple[str, ...]) -> bool:
        """Whether all these inputs are there."""
        return all(need in self.inputs for need in needs)

    @property
    def home(self) -> str:
        """The system whose accounts are the accounts: CRM before billing before support; "" where none has accounts."""
        able = [n for n, s in self.systems.items() if s.accounts and self._has_accounts(s)]
        return min(able, key=lambda n: HOMES.index(self.systems[n].kind), default="")

    def _has_accounts(self, system: System) -> bool:
        first = (next(iter(system.inputs)),) if not system.accounts_need else system.accounts_need
        return self.has(first)

    def render(self, sql: str) -> str:
        """A template's text, given the inputs and facts that there are."""
        inputs = {name: name in self.inputs for s in self.systems.values() for name in s.inputs}
        return _JINJA.from_string(sql).render(**inputs, facts=self.facts).strip()

    def queries(self) -> dict[str, str]:
        """All SQL files: helpers (account_ids, contact_ids and those of the systems) and tables of the contract."""
        if not self.home:
            raise UsageError(
                "none of the exports has accounts", "Name a CRM or a billing system too: --from hubspot,stripe,..."
            )
        texts = {"account_ids": self._account_ids(), "contact_ids": self._contact_ids()}
        for system in self.systems.values():
            for name, piece in system.helpers.items():
                if self._has_accounts(system):
                    texts[name] = self.render(piece.sql)
        for table in TABLES:
            pieces = self._pieces(table)
            if pieces:
                texts[table] = _accounts(pieces, self.systems) if table == "accounts" else _united(pieces, self.systems)
        return {name: text.rstrip() + "\n" for name, text in texts.items()}

    def _pieces(self, table: str) -> dict[str, str]:
        given = {
            n: s.tables[table] for n, s in self.systems.items() if table in s.tables and self._there(s.tables[table])
        }
        first = {n: p for n, p in given.items() if not p.fallback} or given
        by_home = sorted(first, key=lambda n: (n != self.home, HOMES.index(self.systems[n].kind)))
        return {n: self.render(first[n].sql) for n in by_home}

    def _there(self, piece: Piece) -> bool:
        return self.has(piece.needs) and (not piece.any or any(need in self.inputs for need in piece.any))

    def _account_ids(self) -> str:
        links: list[tuple[str, str]] = []
        merges: list[tuple[str, str]] = []
        for name, system in sorted(self.systems.items(), key=lambda item: item[0] == self.home):
            for link in system.account_links:
                if self._usable(name, link.needs, link.sql):
                    (merges if link.merge else links).append((f"{system.title}: {link.about}", self.render(link.sql)))
        others = [
            (f"{s.title}: those that no link leads elsewhere", s.accounts.strip())
            for n, s in self.systems.items()
            if n != self.home and s.kind in ("crm", "billing") and s.accounts and self._has_accounts(s)
        ]
        return _account_ids(self.systems[self.home], merges, links, others)

    def _usable(self, name: str, needs: tuple[str, ...], sql: str) -> bool:
        mentioned = tuple(i for i in self.systems[name].inputs if i in sql.split() or f"{i}," in sql)
        return self.has((*needs, *mentioned))

    def _contact_ids(self) -> str:
        parts = [
            f"    -- {s.title}\n    {s.contact_emails}"
            for n, s in self.systems.items()
            if s.contact_emails and self._usable(n, (), s.contact_emails)
        ]
        if not parts:
            return (
                "-- Addresses of people -> the contact. No export of contacts is there.\n"
                "select ''::varchar as email, ''::varchar as contact_id where false"
            )
        body = "\n    union all\n".join(parts)
        return (
            "-- Addresses of people -> the contact: contact_of(address) looks here. One row an address.\n"
            f"with people as (\n{body}\n)\n"
            "select email, min(contact_id) as contact_id from people where email is not null group by email"
        )


def _account_ids(
    home: System, merges: list[tuple[str, str]], links: list[tuple[str, str]], others: list[tuple[str, str]]
) -> str:
    merged = _numbered(merges) or "    select ''::varchar as id, ''::varchar as means, 0 as rank where false"
    ranked = _numbered(links) or "    select ''::varchar as id, ''::varchar as means, 0 as rank where false"
    own = "\n    union all\n".join(
        f"    -- {about}\n    select id, id, 100000 from ({sql}) as others(id)" for about, sql in others
    )
    own = f"\n    union all\n{own}" if own else ""
    return f"""\
-- Every id under which a system knows an account, and the addresses of its people -> the account that is meant:
-- account_of(id) looks here. One row an id. An account that was merged into another lives on as that one.
-- To add an id by hand: union all select 'the id', 'the account''s id', 1 under links.
with recursive accounts as (
    -- {home.title}: these are the accounts
    select distinct id from ({home.accounts.strip()}) as home(id) where id is not null
),
merges(id, means, rank) as (
{merged}
),
links(id, means, rank) as (
{ranked}
),
known as (
    -- steps count how far an id is from the account, so that the nearest meaning wins, then the first link above
    select id, id as account_id, 0 as steps, 0 as rank
    from accounts where id not in (select id from merges where means is not null and means <> id)
    union
    select ways.id, known.account_id, known.steps + 1, ways.rank
    from known
    join (select * from merges union all select * from links) as ways on ways.means = known.id
    where known.steps < 4 and ways.id is not null and ways.id <> ways.means
),
all_ids(id, account_id, distance) as (
    select id, account_id, steps * 10000 + rank from known{own}
)
select id, first(account_id order by distance, account_id) as account_id from all_ids where id is not null group by id
"""


def _numbered(parts: list[tuple[str, str]]) -> str:
    return "\n    union all\n".join(
        f"    -- {about}\n    select id, means, {rank} from (\n"
        f"{textwrap.indent(sql.strip(), ' ' * 8)}\n    ) as link(id, means)"
        for rank, (about, sql) in enumerate(parts, 1)
    )


def _accounts(pieces: dict[str, str], systems: Mapping[str, System]) -> str:
    """The first system that knows a field tells it; a customer company is one row, whoever knows it."""
    if len(pieces) == 1:
        return _united(pieces, systems)
    parts = ",\n".join(
        f"{n} as (\n    -- {systems[n].title}\n{textwrap.indent(sql, '    ')}\n)" for n, sql in pieces.items()
    )
    ranked = "\n    union all by name\n".join(
        f"    select {rank} as rank, * from {n}" for rank, n in enumerate(pieces, 1)
    )
    columns = [c for c in (*(c.name for c in TABLES["accounts"].columns), "parent_id", "excluded") if c != "account_id"]
    known = [c for c in dict.fromkeys(columns) if any(c in sql.replace(",", " ").split() for sql in pieces.values())]
    chosen = ",\n".join(f"    {_merged(c)} as {c}" for c in known)
    return (
        f"-- Accounts as {' and '.join(systems[n].title for n in pieces)} know them: of each field the first value.\n"
        f"with {parts},\nknown as (\n{ranked}\n)\nselect\n    account_id,\n{chosen}\n"
        "from known\nwhere account_id is not null\ngroup by account_id\n"
    )


def _merged(column: str) -> str:
    if column == "excluded":
        return "coalesce(bool_or(excluded), false)"
    return "coalesce(arg_min(name, rank), account_id)" if column == "name" else f"arg_min({column}, rank)"


def _united(pieces: dict[str, str], systems: Mapping[str, System]) -> str:
    if len(pieces) == 1:
        ((name, sql),) = pieces.items()
        return f"-- {systems[name].title}\n{sql}\n"
    parts = ",\n".join(
        f"{n} as (\n    -- {systems[n].title}\n{textwrap.indent(sql, '    ')}\n)" for n, sql in pieces.items()
    )
    return f"with {parts}\n" + "\nunion all by name\n".join(f"select * from {n}" for n in pieces) + "\n"
