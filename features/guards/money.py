"""Money that cannot be what it is called: mrr beside invoices, customers that pay nothing, several currencies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import ibis

from rind.common.guards import Finding
from rind.features.currency import in_own_currency, unconverted
from rind.features.engine import reading
from rind.features.guards.settings import MixedCurrencies, MrrInvoices, ShareOfAccounts

DAYS_A_MONTH = 365.25 / 12
YEAR, FEWEST_DAYS = 365, 180
FACTORS = {
    100.0: "Is mrr in whole units and the invoices in cents?",
    1 / 100: "Is mrr in cents and the invoices in whole units?",
    12.0: "Is the amount of the invoices that of a year each month, or mrr a twelfth too small?",
    1 / 12: "Is mrr a year's amount? It must be a month's.",
    2.0: "Are invoices there twice, or is half of mrr missing?",
    1 / 2: "Are subscriptions there twice or left open after their successor started, or are invoices missing?",
}
"""Invoiced / mrr -> what may be the reason."""


def mrr_invoices(tables: Mapping[str, ibis.Table], end: date, currency: str, limits: MrrInvoices) -> Finding:
    """Whether what a year's invoices add up to is 100, 12 or 2 times mrr, or a part of it, for most accounts.

    Accounts count that paid for at least half of the year before the data end, and have an invoice in it.
    """
    with reading("invoices and subscriptions"):
        (counts,) = _ratios(tables, end, currency, limits.tolerance_share).to_pyarrow().to_pylist()
    accounts = counts["accounts"]
    if accounts < limits.fewest_accounts:
        return Finding("mrr_invoices", "too odd", limits.answer, measured={"accounts": accounts})
    shares = {factor: counts[f"near_{i}"] / accounts for i, factor in enumerate(FACTORS)}
    factor, share = max(shares.items(), key=lambda item: item[1])
    measured = {
        "accounts": accounts,
        "median_ratio": round(counts["median"], 4),
        "share_near_a_factor": round(share, 4),
    }
    if share < limits.share_of_accounts:
        return Finding("mrr_invoices", "too odd", limits.answer, measured=measured)
    times = f"{factor:g} times" if factor >= 1 else f"1/{1 / factor:g} of"
    evidence = f"For {share:.0%} of {accounts:,} accounts a year's invoices are {times} their mrr of these months."
    return Finding("mrr_invoices", "too odd", limits.answer, True, evidence, FACTORS[factor], measured)


def _ratios(tables: Mapping[str, ibis.Table], end: date, currency: str, within: float) -> ibis.Table:
    """One row: accounts, median of invoiced / mrr, and accounts near each factor."""
    begin = end - timedelta(days=YEAR)
    today = tables["subscriptions"].mutate(as_of=ibis.literal(end + timedelta(days=1)))
    invoices, terms = tables["invoices"], in_own_currency(today, tables.get("rates"), currency)
    recent = invoices.filter(invoices.issued_on > ibis.literal(begin), invoices.issued_on <= ibis.literal(end))
    billed = recent.group_by("account_id").agg(billed=recent.amount.sum())
    first = ibis.greatest(terms.starts_on, ibis.literal(begin))
    last = ibis.least(terms.ended_on.fill_null(end), ibis.literal(end))
    paid = terms.mutate(days=last.delta(first, unit="day")).filter(lambda t: (t.days > 0) & (t.mrr > 0))
    due = paid.group_by("account_id").agg(due=(paid.mrr * paid.days / DAYS_A_MONTH).sum(), days=paid.days.sum())
    both = due.filter(due.days >= FEWEST_DAYS).inner_join(billed.filter(billed.billed > 0), "account_id")
    ratio = both.billed / both.due
    near = {f"near_{i}": both.count(where=(ratio / f - 1).abs() <= within) for i, f in enumerate(FACTORS)}
    return both.aggregate(accounts=both.count(), median=ratio.median(), **near)


def zero_mrr(tables: Mapping[str, ibis.Table], end: date, limits: ShareOfAccounts) -> Finding:
    """Whether many active accounts pay nothing; trials, free plans and add-ons that are named as such do not count."""
    terms = tables["subscriptions"]
    day = ibis.literal(end)
    running = terms.filter(terms.starts_on <= day, terms.ended_on.isnull() | (terms.ended_on > day))
    if "kind" in terms.columns:
        running = running.filter(running.kind.isnull() | (running.kind == "paid"))
    sums = running.group_by("account_id").agg(mrr=running.mrr.sum())
    with reading("the table subscriptions"):
        query = sums.aggregate(active=sums.count(), nothing=sums.count(where=sums.mrr.fill_null(0.0) == 0))
        (counts,) = query.to_pyarrow().to_pylist()
    share = counts["nothing"] / counts["active"] if counts["active"] else 0.0
    measured = {"active": counts["active"], "accounts": counts["nothing"], "share": round(share, 4)}
    if counts["nothing"] < limits.fewest_accounts or share < limits.share_of_accounts:
        return Finding("zero_mrr", "too odd", limits.answer, measured=measured)
    evidence = f"{counts['nothing']:,} of {counts['active']:,} active accounts ({share:.0%}) have an mrr of 0."
    check = "Are these free plans (then say so in kind), or is the price missing? No money is at risk where mrr is 0."
    return Finding("zero_mrr", "too odd", limits.answer, True, evidence, check, measured)


def mixed_currencies(tables: Mapping[str, ibis.Table], currency: str, limits: MixedCurrencies) -> Finding:
    """Whether money of several currencies is added one to one, since no rate converts it.

    Parameters
    ----------
    currency
        The company's own currency, ``money.currency``; "" where it is not given.
    """
    money = unconverted(tables, currency)
    measured = {"terms": dict(money.terms), "share": round(money.share, 4)}
    if not money.without_rate or money.share <= limits.share_of_terms:
        return Finding("mixed_currencies", "too odd", limits.answer, measured=measured)
    named = ", ".join(f"{code or 'without a currency'} ({n:,} terms)" for code, n in money.terms.items())
    codes = ", ".join(money.without_rate)
    own = money.own or "your own currency"
    evidence = f"Subscriptions are in several currencies: {named}; as no rate is there, 1 {codes} counts as 1 {own}."
    check = (
        f"Say what {codes} is worth: under rates in mapping.yaml, or in a table rates (currency, as_of, rate); "
        "money.currency names your own currency."
    )
    return Finding("mixed_currencies", "too odd", limits.answer, True, evidence, check, measured)
