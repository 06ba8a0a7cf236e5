"""Which accounts a run looks at, and their tables as the features read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.paid_terms import as_terms

Unit = Literal["account", "parent"]
DOUBLINGS = 3
"""Chains of parents are followed for 2 ** DOUBLINGS steps."""


def prepared(tables: Mapping[str, ir.Table], unit: Unit = "account") -> dict[str, ir.Table]:
    """The tables of a source without excluded accounts, by the unit that is looked at, subscriptions as terms.

    Parameters
    ----------
    tables
        The tables that a source has, as the data contract describes them; accounts and subscriptions among them.
    unit
        ``account``: each account stands alone. ``parent``: all rows of an account belong to the account at the top of
        its chain of parents, which has its own name, segment and health score; an account whose parent is not in
        the table, or whose parents run in a circle, stands alone. Who belongs to whom, and who is excluded, is taken
        as it stands today: the table keeps no history of it.
    """
    kept = _without_excluded(tables)
    kept |= {"subscriptions": as_terms(kept["subscriptions"])}  # before: a child's term never replaces another child's
    return _by_parent(kept) if unit == "parent" else kept


def _without_excluded(tables: Mapping[str, ir.Table]) -> dict[str, ir.Table]:
    accounts = tables["accounts"]
    if not accounts.count(where=accounts.excluded).to_pyarrow().as_py():
        return dict(tables)
    excluded = accounts.filter(accounts.excluded.fill_null(False)).select("account_id")
    return {
        name: table.anti_join(excluded, "account_id") if "account_id" in table.columns else table
        for name, table in tables.items()
    }


def _by_parent(tables: Mapping[str, ir.Table]) -> dict[str, ir.Table]:
    owners = _owners(tables["accounts"])
    own = owners.filter(owners.owner == owners.account_id).select("account_id")
    alone = {"accounts", "health_scores"}  # statements about one account; those of a child say nothing of the parent
    result = {}
    for name, table in tables.items():
        if "account_id" not in table.columns:
            result[name] = table
        else:
            result[name] = table.semi_join(own, "account_id") if name in alone else _of_owners(table, owners)
    return result


def _owners(accounts: ir.Table) -> ir.Table:
    """One row per account: account_id, and owner at the top of its parents."""
    exists = accounts.select(known=accounts.account_id).view()
    joined = accounts.left_join(exists, accounts.parent_id == exists.known)
    steps = joined.select("account_id", owner=ibis.coalesce(joined.known, joined.account_id)).distinct()
    for _step in range(DOUBLINGS):
        steps = _with_next(steps).select("account_id", owner=_.next_owner).distinct()
    last = _with_next(steps)
    alone = ibis.ifelse(last.next_owner == last.owner, last.owner, last.account_id)
    return last.select("account_id", owner=alone)


def _with_next(steps: ir.Table) -> ir.Table:
    """Each account with next_owner: the owner of its owner. (Distinct rows end a chain of ibis joins.)"""
    above = steps.select(step=steps.account_id, next_owner=steps.owner).view()
    return steps.inner_join(above, steps.owner == above.step)


def _of_owners(table: ir.Table, owners: ir.Table) -> ir.Table:
    """The rows under the id of their owner."""
    joined = table.left_join(owners, "account_id")
    return joined.mutate(account_id=ibis.coalesce(joined.owner, joined.account_id)).select(*table.columns)
