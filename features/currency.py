"""Money of other currencies in the company's own."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import effective_at
from rind.features.engine import reading


def in_own_currency(rows: ir.Table, rates: ir.Table | None, currency: str) -> ir.Table:
    """``mrr`` in the company's own currency, by the latest rate that is known before the row's as_of.

    All rows of one as_of use the rates of that day, those about the past too, so that a change of a rate is never a
    change of an account's revenue. Where no rate is known the amount is taken as it is (`currency_notes` names it).

    Parameters
    ----------
    rows
        mrr, currency (empty: the own one) and as_of; any other columns.
    rates
        The table of the data contract; None where there is none.
    currency
        ISO 4217 code of the own currency; "" takes every amount as it is.
    """
    if not currency or rates is None:
        return rows
    rows = rows.mutate(code__=rows.currency.upper())
    wanted = rows.filter(_.code__ != currency.upper()).select(day__=_.as_of, code__=_.code__).distinct()
    quotes = rates.select(
        quoted=rates.currency.upper(), quoted_on=rates.as_of, rate__=rates.rate, known_at=effective_at(rates, "rates")
    )
    known = wanted.join(quotes, [wanted.code__ == quotes.quoted, quotes.known_at < wanted.day__.cast("timestamp")])
    latest = ibis.window(group_by=["day__", "code__"], order_by=ibis.desc("quoted_on"))
    newest = known.mutate(nth=ibis.row_number().over(latest)).filter(_.nth == 0).select("day__", "code__", "rate__")
    joined = rows.left_join(newest, [rows.as_of == newest.day__, rows.code__ == newest.code__])
    converted = joined.mutate(mrr=joined.mrr.cast("float64") * joined.rate__.fill_null(1.0))
    return converted.select(*(name for name in rows.columns if name != "code__"))


def currency_notes(tables: Mapping[str, ir.Table], currency: str) -> tuple[str, ...]:
    """What a reader must know of the currencies of a source: amounts that no rate converts."""
    with reading("the currencies of the subscriptions"):
        terms = tables["subscriptions"]
        counts = terms.group_by(code=terms.currency.upper()).agg(rows=terms.count()).order_by("code")
        rows = {row["code"]: row["rows"] for row in counts.to_pyarrow().to_pylist() if row["code"]}
        first = _first_days(tables.get("rates"))
    if not currency:
        return () if len(rows) < 2 else (_mixed(rows),)
    foreign = {code: count for code, count in rows.items() if code != currency.upper()}
    without = [
        f"subscriptions: {count} rows in {code} are taken as they are, since rates has no rate for {code}"
        for code, count in foreign.items()
        if code not in first
    ]
    late = [
        f"subscriptions: amounts in {code} are taken as they are before {first[code]}, when the rates begin"
        for code in foreign
        if code in first
    ]
    return (*without, *late)


def _first_days(rates: ir.Table | None) -> dict[str, str]:
    if rates is None:
        return {}
    days = rates.group_by(code=rates.currency.upper()).agg(first=rates.as_of.min())
    return {row["code"]: str(row["first"]) for row in days.to_pyarrow().to_pylist()}


def _mixed(rows: Mapping[str, int]) -> str:
    named = ", ".join(f"{code} ({count} rows)" for code, count in rows.items())
    return f"subscriptions: amounts in several currencies are added as they are: {named}; set money.currency"
