"""Rows that are there twice: a table loaded again, and an account under two ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TypedDict

import ibis

from rind.common.guards import Finding
from rind.features.engine import reading
from rind.features.guards.settings import LoadedTwice, ShareOfAccounts
from rind.features.tables import TABLES

LOADS = ("subscriptions", "usage", "tickets", "interactions", "surveys", "invoices", "interventions")
"""Tables whose rows differ in more than their id."""

SAMPLE_ROWS = 1_000_000
"""Of a longer table the rows of some accounts are looked at."""

TIMES = (2, 3)

LEGAL_FORMS = r"(^| )(inc|incorporated|llc|ltd|limited|gmbh|ag|corp|corporation|co|company|plc|bv|sa|srl|oy|ab|as)( |$)"
PUNCTUATION = r"[\[\] .,;:'&()/_+*!\"-]+"


def loaded_twice(tables: Mapping[str, ibis.Table], present: Collection[str], limits: LoadedTwice) -> Finding:
    """Whether a table, or a month of one, was loaded two or three times.

    Rows that chance made alike come in any number; of a table that was loaded twice every row has an even number of
    copies. Ids are left aside: a second load may give new ones.
    """
    measured, parts = {}, []
    for name in LOADS:
        if name not in present:
            continue
        with reading(f"the table {name}"):
            worst = _worst(tables[name], name, limits.fewest_rows)
        if worst is None:
            continue
        measured[name] = round(worst["share"], 4)
        if worst["share"] >= limits.share_of_rows:
            when = f" of {worst['month']:%b %Y}" if worst["month"] is not None else ""
            parts.append(f"{worst['share']:.0%} of the rows{when} in {name} are there {worst['times']} times")
    check = "Was it loaded again? Keep one of each row; give usage an event_id."
    evidence = f"{'; '.join(parts)}." if parts else ""
    return Finding("loaded_twice", "too odd", limits.answer, bool(parts), evidence, check if parts else "", measured)


class Copies(TypedDict):
    """The ``share`` of the rows of a ``month`` (None: of all) that are there ``times`` times, or a multiple of it."""

    month: date | None
    times: int
    share: float


def _worst(table: ibis.Table, name: str, fewest: int) -> Copies | None:
    """The month (None: all) with the largest share of rows whose number of copies is a multiple of 2 or 3."""
    spec = TABLES[name]
    rows = table.count().to_pyarrow().as_py()
    if rows > SAMPLE_ROWS:
        table = _sampled(table, -(-rows // SAMPLE_ROWS))
    columns = [c.name for c in spec.columns if c.name not in spec.key]
    groups = table.group_by(columns).agg(copies=table.count())
    month = groups[spec.happened[0]].truncate("M").cast("date")
    multiple = {f"times_{m}": groups.copies.sum(where=groups.copies % m == 0) for m in TIMES}
    months = groups.group_by(month=month).agg(rows=groups.copies.sum(), **multiple).to_pyarrow().to_pylist()
    whole = {"month": None, **{k: sum(f[k] or 0 for f in months) for k in ("rows", *multiple)}}
    shares = [
        Copies(month=f["month"], times=m, share=(f[f"times_{m}"] or 0) / f["rows"])
        for f in (whole, *months)
        for m in TIMES
        if f["rows"] >= fewest
    ]
    return max(shares, key=lambda s: s["share"], default=None)


def _sampled(table: ibis.Table, every: int) -> ibis.Table:
    accounts = table.select("account_id").distinct()
    numbered = accounts.mutate(n=ibis.row_number().over(order_by=accounts.account_id))
    return table.semi_join(numbered.filter(numbered.n % every == 0), "account_id")


def two_ids(tables: Mapping[str, ibis.Table], limits: ShareOfAccounts) -> Finding:
    """Whether accounts are there under two ids: the same name, case, punctuation and legal form aside."""
    accounts = tables["accounts"]
    words = accounts.name.lower().re_replace(PUNCTUATION, " ").strip()
    plain = words.re_replace(LEGAL_FORMS, " ").re_replace(" +", "")
    named = accounts.select("account_id", plain=plain).filter(lambda t: t.plain.length() > 2)
    with reading("the table accounts"):
        groups = named.group_by("plain").agg(ids=named.account_id.nunique())
        total = groups.aggregate(all_of=groups.ids.sum(), extra=(groups.ids - 1).sum()).to_pyarrow().to_pylist()[0]
        few = groups.filter(groups.ids > 1).order_by(ibis.desc("ids"), "plain").limit(3)
        names = [row["plain"] for row in few.to_pyarrow().to_pylist()]
    extra, count = int(total["extra"] or 0), int(total["all_of"] or 0)
    share = extra / count if count else 0.0
    measured = {"accounts": extra, "share": round(share, 4)}
    if extra < limits.fewest_accounts or share < limits.share_of_accounts:
        return Finding("two_ids", "too odd", limits.answer, measured=measured)
    evidence = f"{extra:,} accounts ({share:.1%}) bear the name of another one, such as {', '.join(names)}."
    check = "Is it one customer under two ids? A change of id looks like churn and a new customer: merge them."
    return Finding("two_ids", "too odd", limits.answer, True, evidence, check, measured)
