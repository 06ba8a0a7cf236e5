"""Which rows of a source are kept, and which are set aside with the rule that they broke: lazy tables, both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ibis

from rind.features.canonical import RAW, typed
from rind.features.counting import Keys, each_event_once, once
from rind.features.rules import Rule, any_broken
from rind.features.sources import Source
from rind.features.tables import TABLES

ACCOUNT_TABLES = ("accounts", "subscriptions")
"""A broken row of these sets its whole account aside: a term that is missing would look like churn."""


@dataclass(frozen=True)
class Sieve:
    """What is left out of a table.

    Parameters
    ----------
    rules
        The rules that rows of it break; those that no row breaks are absent.
    """

    rules: tuple[Rule, ...] = ()
    keys: Keys = field(default_factory=Keys)
    event_copies: int = 0


def accounts_set_aside(
    source: Source, sieves: Mapping[str, Sieve], rules: Mapping[str, Sequence[Rule]] | None = None
) -> Any:
    """One row per account that is set aside, with all its rows in all tables: account_id. None where there is none.

    Parameters
    ----------
    rules
        Per table the rules that count; None: all of its sieve.
    """
    by_table = {n: sieves[n].rules for n in ACCOUNT_TABLES if n in sieves} if rules is None else rules
    parts = [
        source.audited[name].filter(any_broken(broken)).select("account_id")
        for name, broken in by_table.items()
        if broken
    ]
    if not parts:
        return None
    ids = parts[0] if len(parts) == 1 else ibis.union(*parts)
    return ids.filter(ids.account_id.notnull()).distinct()


def sound(source: Source, sieves: Mapping[str, Sieve]) -> Source:
    """The source without what is set aside; exact copies and retried events count once."""
    accounts = accounts_set_aside(source, sieves)
    tables = {name: _sound_table(table, name, sieves[name], accounts) for name, table in source.audited.items()}
    return replace(source, tables=tables)


def _sound_table(audit: ibis.Table, name: str, sieve: Sieve, accounts: Any) -> ibis.Table:
    kept = audit.filter(~any_broken(sieve.rules)) if sieve.rules else audit
    if accounts is not None and "account_id" in kept.columns:
        kept = kept.filter(~_is_one_of(kept, accounts))
    table = typed(kept, name)
    if sieve.keys.copies:
        table = once(table, TABLES[name])
    if name != "usage":
        return table
    table = each_event_once(table) if sieve.event_copies else table
    return table.mutate(event_id=ibis.null(table.event_id.type()))  # of no use from here on, and half of the bytes


def rows_set_aside(source: Source, sieves: Mapping[str, Sieve]) -> dict[str, ibis.Table]:
    """Per table that has some, the rows that are set aside.

    Returns
    -------
    dict
        Table -> one row per row set aside: all columns as the source has them, rule: ``column: rule`` (the first that
        it broke; empty where only its account is set aside) and account_set_aside.
    """
    accounts = accounts_set_aside(source, sieves)
    rows_of = {}
    for name, audit in source.audited.items():
        with_account = accounts is not None and "account_id" in audit.columns
        if not sieves[name].rules and not with_account:
            continue
        gone = _is_one_of(audit, accounts) if with_account else ibis.literal(False)
        few = audit.filter(any_broken(sieves[name].rules) | gone)
        flagged = few.mutate(rule__=_first_broken(sieves[name].rules), account__=gone)
        raw = {c.removeprefix(RAW): flagged[c] for c in flagged.columns if c.startswith(RAW)}
        clash = {"rule", "account_set_aside"} & set(raw)
        raw = {f"{c}_as_it_came" if c in clash else c: column for c, column in raw.items()}
        rows_of[name] = flagged.select(**raw, rule=flagged.rule__, account_set_aside=flagged.account__)
    return rows_of


def _is_one_of(table: ibis.Table, accounts: ibis.Table) -> Any:
    return (table.account_id.notnull() & table.account_id.isin(accounts.account_id)).fill_null(False)


def _first_broken(rules: tuple[Rule, ...]) -> Any:
    if not rules:
        return ibis.null("string")
    return ibis.cases(*((rule.broken, f"{rule.column}: {rule.name}") for rule in rules), else_=None)
