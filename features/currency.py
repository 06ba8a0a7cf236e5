"""Money of other currencies in the company's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import effective_at
from rind.features.engine import reading


def in_own_currency(rows: ir.Table, rates: ir.Table | None, currency: str) -> ir.Table:
    """``mrr`` in the company's own currency, by the latest rate that is known before the row's as_of.

    All rows of one as_of use the rates of that day, those about the past too, so that a change of a rate is never a
    change of an account's revenue. Where no rate is known the amount is taken as it is (the guard
    ``mixed_currencies`` and `currency_notes` name it).

    Parameters
    ----------
    rows
        mrr, currency (empty: the own one) and as_of; any other columns.
    rates
        The table of the data contract; None where there is none.
    currency
        ISO 4217 code of the own currency, which needs no rate; "": the own one is the one that rates do not name.
    """
    if rates is None:
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


CODE = re.compile("[A-Z]{3}")
"""ISO 4217; "N/A" or "unknown" is none."""


@dataclass(frozen=True)
class Unconverted:
    """Paid terms whose money is added to that of another currency one to one.

    Parameters
    ----------
    own
        The company's own currency: as given; else "" where some terms name none, as that means the own one; else the
        most frequent one without a rate.
    terms
        Every currency -> its terms with mrr above 0; "" for those that name none.
    without_rate
        The currencies, beside the own one, that no rate converts.
    """

    own: str
    terms: Mapping[str, int]
    without_rate: tuple[str, ...]

    @property
    def sign(self) -> str:
        """The code that stands beside amounts: the own one, if it is a code and nothing else was added to it."""
        return self.own if CODE.fullmatch(self.own) and not self.without_rate else ""

    @property
    def share(self) -> float:
        """Share of the paid terms that no rate converts."""
        total = sum(self.terms.values())
        return sum(self.terms[code] for code in self.without_rate) / total if total else 0.0


def unconverted(tables: Mapping[str, ir.Table], currency: str) -> Unconverted:
    """Which money of a source no rate converts.

    Parameters
    ----------
    tables
        Canonical tables, subscriptions among them.
    currency
        ISO 4217 code of the own currency; "" where it is not given.
    """
    terms = tables["subscriptions"]
    if "currency" not in terms.columns:
        return Unconverted(currency.upper(), {}, ())
    with reading("the currencies of the subscriptions"):
        priced = terms.filter(terms.mrr > 0)
        counts = priced.group_by(code=priced.currency.upper().fill_null("")).agg(rows=priced.count()).order_by("code")
        rows_of = {row["code"]: row["rows"] for row in counts.to_pyarrow().to_pylist()}
        rated = _first_days(tables.get("rates"))
    bare = [code for code in rows_of if code and code not in rated]
    own = currency.upper() or ("" if rows_of.get("") else max(bare, key=lambda code: rows_of[code], default=""))
    return Unconverted(own, rows_of, tuple(code for code in bare if code != own))


def currency_notes(tables: Mapping[str, ir.Table], currency: str) -> tuple[str, ...]:
    """What a reader must know of the currencies of a source: amounts before their rates begin."""
    with reading("the currencies of the subscriptions"):
        rated = _first_days(tables.get("rates"))
        if not rated:
            return ()
        terms = tables["subscriptions"]
        starts = terms.group_by(code=terms.currency.upper()).agg(first=terms.starts_on.min()).order_by("code")
        begun = {row["code"]: row["first"] for row in starts.to_pyarrow().to_pylist() if row["code"] and row["first"]}
    return tuple(
        f"subscriptions: amounts in {code} are taken as they are before {rated[code]}, when the rates begin"
        for code, first in begun.items()
        if code in rated and code != currency.upper() and first < rated[code]
    )


def _first_days(rates: ir.Table | None) -> dict[str, date]:
    if rates is None:
        return {}
    days = rates.group_by(code=rates.currency.upper()).agg(first=rates.as_of.min())
    return {row["code"]: row["first"] for row in days.to_pyarrow().to_pylist() if row["first"] is not None}
