"""Customers and money by month, from a few passes over subscriptions and one over invoices; sums come back, no rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import ibis
from ibis import _

from rind.common.profile import MOST_MONTHS, CompanyProfile, MonthProfile
from rind.features.currency import in_own_currency
from rind.features.labels import spells
from rind.features.profile.tables import months_later

Span = tuple[date, date | None, float]
"""The months in which something began and ended (None: it goes on), and how much of it did."""

DAYS_A_MONTH = 365.25 / 12


def profile_company(tables: Mapping[str, ibis.Table], data_end: date, grace_days: int) -> CompanyProfile:
    """What the customers of a source are.

    Parameters
    ----------
    tables
        Canonical tables, subscriptions among them.
    grace_days
        Who comes back within so many days has not left.
    """
    terms = tables["subscriptions"]
    stays = spells(terms, data_end, grace_days)
    return CompanyProfile(
        months=_months(terms, tables.get("invoices"), tables.get("rates"), data_end),
        churned=_by(stays.filter(stays.left_on.notnull()), lambda t: t.left_on.year()),
        returned=stays.filter(stays.spell > 1).account_id.nunique().to_pyarrow().as_py(),
        trials=_trials(terms),
        currencies=_by(terms, lambda t: t.currency.fill_null("none")) if "currency" in terms.columns else {},
        terms=_by(terms.filter((_.kind != "trial").fill_null(True)), _term_months),
    )


def _term_months(terms: ibis.Table) -> Any:
    days = terms.term_ends_on.delta(terms.starts_on, unit="day")
    return (days / DAYS_A_MONTH).round().cast("int64")


def _trials(terms: ibis.Table) -> int | None:
    if "kind" not in terms.columns:
        return None
    return int(terms.count(where=terms.kind == "trial").to_pyarrow().as_py())


def _by(table: ibis.Table, key: Any) -> dict[Any, int]:
    """Key -> rows, in the order of the keys; those without one last."""
    rows = table.group_by(key=key(table)).agg(rows=table.count()).to_pyarrow().to_pylist()
    return {row["key"]: row["rows"] for row in sorted(rows, key=lambda r: (r["key"] is None, r["key"] or 0))}


def _months(
    terms: ibis.Table, invoices: ibis.Table | None, rates: ibis.Table | None, data_end: date
) -> tuple[MonthProfile, ...]:
    priced = in_own_currency(terms.mutate(as_of=ibis.literal(data_end + timedelta(days=1))), rates, currency="")
    lasting = priced.filter(_.starts_on <= ibis.literal(data_end), _.ended_on.isnull() | (_.ended_on > _.starts_on))
    money = _spans(lasting, "ended_on", data_end, lambda t: t.mrr.sum())
    active = _spans(spells(terms, data_end, 0), "left_on", data_end, lambda t: t.count())
    paying = _spans(spells(terms.filter(terms.mrr > 0), data_end, 0), "left_on", data_end, lambda t: t.count())
    if not active:
        return ()
    billed = None if invoices is None else _billed(invoices)
    last = date(data_end.year, data_end.month, 1)
    month = max(min(start for start, _, _ in active), months_later(last, 1 - MOST_MONTHS))
    months = []
    while month <= last:
        months.append(
            MonthProfile(
                month,
                active=round(_running(active, month)),
                paying=round(_running(paying, month)),
                mrr=_running(money, month),
                invoiced=None if billed is None else billed.get(month, 0.0),
            )
        )
        month = months_later(month, 1)
    return tuple(months)


def _spans(table: ibis.Table, end: str, data_end: date, amount: Any) -> list[Span]:
    """One span per pair of months in which rows began and ended; an end after the data end is a plan."""
    known_end = ibis.ifelse(table[end] <= ibis.literal(data_end), table[end], ibis.null("date"))
    keyed = table.mutate(begin__=table.starts_on.truncate("M").cast("date"), end__=known_end.truncate("M").cast("date"))
    rows = keyed.group_by("begin__", "end__").agg(amount=amount(keyed)).to_pyarrow().to_pylist()
    return [(row["begin__"], row["end__"], row["amount"] or 0.0) for row in rows if row["begin__"] is not None]


def _running(spans: list[Span], month: date) -> float:
    """How much runs on the last day of a month."""
    return sum(amount for begin, end, amount in spans if begin <= month and (end is None or end > month))


def _billed(invoices: ibis.Table) -> dict[date, float]:
    keyed = invoices.mutate(month__=invoices.issued_on.truncate("M").cast("date"))
    rows = keyed.group_by("month__").agg(amount=keyed.amount.sum()).to_pyarrow().to_pylist()
    return {row["month__"]: row["amount"] or 0.0 for row in rows if row["month__"] is not None}
