"""The numbers of customer success, month by month: revenue, retention, answers, tickets, health bands and costs.

Each measure is a sum over accounts, or a quotient of two, so that segments add up to the whole. Facts of a month count
for the accounts that paid on its last day or on that of the month before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import known_on
from rind.features.book.movements import known_terms, month_after, month_spans, movements
from rind.features.book.roll_up import ALL, Measure, measured, named, rolled_up

MOVEMENTS = (
    "mrr_start", "mrr_new", "mrr_expansion", "mrr_contraction", "mrr_churned", "mrr_reactivated", "mrr_end"
)  # fmt: skip
MONEY = (
    *(Measure(name, name) for name in MOVEMENTS),
    Measure("arr", "mrr_end", times=12.0),
    Measure("accounts", "accounts_end"),
    Measure("new_accounts", "accounts_new"),
    Measure("logo_churn", "accounts_churned", "accounts_start"),
    Measure("gross_mrr_churn", "mrr_lost", "mrr_start"),
    Measure("net_mrr_churn", "mrr_net_lost", "mrr_start"),
    Measure("grr", "mrr_kept", "mrr_start"),
    Measure("nrr", "mrr_stayed", "mrr_start"),
)
YEAR = (Measure("grr_12m", "mrr_kept", "mrr_start"), Measure("nrr_12m", "mrr_stayed", "mrr_start"),
        Measure("logo_churn_12m", "accounts_churned", "accounts_start"))  # fmt: skip
ANSWERS = (
    Measure("nps", "nps_balance", "nps_answers", times=100.0),
    Measure("csat", "csat_satisfied", "csat_answers"),
    Measure("ces", "ces_sum", "ces_answers"),
)
ESSENTIAL = tuple(Measure(name, name, "essential_answers") for name in ("essential", "nice_to_have", "not_needed"))
TICKETS = (Measure("first_contact_resolution", "tickets_at_once", "tickets_resolved"),)
BANDS = tuple(Measure(f"health_{band}", f"health_{band}", "health_scored") for band in ("red", "amber", "green"))
COSTS = (
    Measure("cac", "cost_acquisition", "accounts_new"),
    Measure("crc", "cost_success", "accounts_start"),
    Measure("cost_to_serve", "cost_serving", "accounts_start"),
)
ADOPTION = (Measure("adoption", "moment_reached", "moment_counted"),)
DETRACTOR_AT_MOST, PROMOTER_FROM, SATISFIED_FROM = 6, 9, 4
DAYS_A_MONTH = 30.4375


@dataclass(frozen=True)
class Book:
    """What the measures are made of.

    Parameters
    ----------
    tables
        Those of a run.
    as_of
        Only what happened and was recorded before it counts.
    months
        The first days of the whole months that are measured.
    grace_days
        A gap in the contract of up to so many days is none.
    currency
        ISO 4217 code of the company's own currency, or "".
    """

    tables: Mapping[str, ir.Table]
    as_of: date
    months: Sequence[date]
    grace_days: int
    currency: str

    @property
    def terms(self) -> ir.Table:
        """`known_terms` of the book."""
        return known_terms(self.tables["subscriptions"], self.as_of, self.grace_days)

    @property
    def who(self) -> ir.Table:
        """One row per account: account_id, segment, csm, as they stand today."""
        return self.tables["accounts"].select("account_id", "segment", "csm")


def whole_months(tables: Mapping[str, ir.Table], data_end: date, as_of: date, most: int) -> list[date]:
    """The first days of the last whole months that the contracts cover, in order, at most so many.

    A month is whole where it ends on data_end or earlier and before as_of. The month in which the first
    subscription starts is not, unless it starts on the month's first day.
    """
    first: date | None = tables["subscriptions"].starts_on.min().to_pyarrow().as_py()
    if first is None:
        return []
    last_day = min(data_end, as_of - timedelta(days=1))
    end = (last_day + timedelta(days=1)).replace(day=1)  # the first month that is not whole
    begin = first if first.day == 1 else month_after(first.replace(day=1), 1)
    months = [month_after(end, -n) for n in range(most, 0, -1)]
    return [month for month in months if month >= begin]


def money_cells(book: Book, back: int = 1) -> ir.Table:
    """One row per account and month: `movements` over ``back`` months with segment and csm, and what is counted.

    Further columns: mrr_lost, mrr_net_lost, mrr_stayed: float64; accounts_start, accounts_end, accounts_new,
    accounts_churned: 1 or 0. Months whose span begins before the first of the book are left out where back > 1.
    """
    spans = [span for span in month_spans(book.months, back) if span.first >= book.months[0] - timedelta(days=1)]
    moved = movements(book.terms, spans, book.tables.get("rates"), book.currency)
    cells = _with_who(moved, book)
    paid, pays = cells.mrr_start > 0, cells.mrr_end > 0
    lost = cells.mrr_churned + cells.mrr_contraction
    return cells.mutate(
        mrr_lost=lost,
        mrr_net_lost=lost - cells.mrr_expansion - cells.mrr_reactivated,
        mrr_stayed=ibis.ifelse(paid, cells.mrr_end, 0.0),
        accounts_start=_count(paid),
        accounts_end=_count(pays),
        accounts_new=_count(cells.mrr_new > 0),
        accounts_churned=_count(paid & ~pays),
    )


def _count(condition: ir.BooleanValue) -> ir.IntegerValue:
    """1 where it holds, else 0."""
    return ibis.ifelse(condition.fill_null(False), 1, 0).cast("int64")


def _with_who(rows: ir.Table, book: Book) -> ir.Table:
    joined = rows.left_join(book.who, "account_id")
    return joined.drop("account_id_right") if "account_id_right" in joined.columns else joined


def essential_asked(book: Book) -> bool:
    """Whether anybody had been asked before as_of how essential the product is, and had answered."""
    surveys = known_on(book.tables["surveys"], "surveys", book.as_of)
    answered = (surveys.kind == "essential") & surveys.score.notnull()
    return bool(surveys.count(where=answered).to_pyarrow().as_py())


def answer_cells(book: Book, money: ir.Table, by_question: bool) -> ir.Table:
    """One row per answer in a month of the book: what it counts for, with segment, csm and plan of its account.

    Parameters
    ----------
    by_question
        `essential_asked`; where nobody was, NPS promoters, passives and detractors stand for essential, nice to have
        and no longer needed.
    """
    rows = _of_months(book.tables["surveys"], "surveys", "responded_at", money, book)
    rows = rows.filter(rows.score.notnull())
    nps, csat, ces = (rows.kind == kind for kind in ("nps", "csat", "ces"))
    promoter, detractor = nps & (rows.score >= PROMOTER_FROM), nps & (rows.score <= DETRACTOR_AT_MOST)
    kind = rows.kind == "essential"
    answers = (
        {"essential": kind & (rows.score >= 3), "nice_to_have": kind & (rows.score == 2),
         "not_needed": kind & (rows.score <= 1), "essential_answers": kind}
        if by_question else
        {"essential": promoter, "nice_to_have": nps & ~promoter & ~detractor, "not_needed": detractor,
         "essential_answers": nps}
    )  # fmt: skip
    flags = {"csat_satisfied": csat & (rows.score >= SATISFIED_FROM), "csat_answers": csat, "ces_answers": ces,
             "nps_answers": nps, **answers}  # fmt: skip
    return rows.mutate(
        nps_balance=_count(promoter) - _count(detractor),
        ces_sum=ibis.ifelse(ces, rows.score.cast("float64"), 0.0),
        **{name: _count(flag) for name, flag in flags.items()},
    )


def ticket_cells(book: Book, money: ir.Table) -> ir.Table:
    """One row per ticket that was solved in a month of the book and says how many replies that took.

    tickets_at_once: solved with one reply at most, and never opened again; tickets_resolved: 1.
    """
    rows = _of_months(book.tables["tickets"], "tickets", "resolved_at", money, book)
    rows = rows.filter(rows.touches.notnull())
    at_once = (rows.touches <= 1) & rows.reopened_at.isnull()
    return rows.mutate(tickets_at_once=_count(at_once), tickets_resolved=ibis.literal(1.0))


def band_cells(book: Book, money: ir.Table, health: ir.Table) -> ir.Table:
    """One row per account with a known band on the last date of a month: health_red, health_amber, health_green.

    Parameters
    ----------
    health
        One row per (account_id, as_of): health_band.
    """
    dated = health.mutate(month=health.as_of.truncate("M").cast("date"))
    last = dated.group_by("month").agg(last=dated.as_of.max())
    rows = dated.join(last, [dated.month == last.month, dated.as_of == last["last"]]).select(
        "account_id", "month", "health_band"
    )
    rows = _with_who(_customers(rows, money), book).filter(_.health_band.isin(("red", "amber", "green")))
    bands = {f"health_{band}": _count(rows.health_band == band) for band in ("red", "amber", "green")}
    return rows.mutate(**bands, health_scored=ibis.literal(1.0))


def cost_cells(book: Book, money: ir.Table) -> ir.Table:
    """What was spent in each month of the book by kind, beside the accounts that it was spent on.

    cost_serving: success and support together. Costs that name no segment, CSM or plan count in the whole alone
    (`kpis` leaves out what they would be for the accounts that have none).
    """
    costs = known_on(book.tables["costs"], "costs", book.as_of)
    costs = costs.mutate(month=costs.month.truncate("M").cast("date"), amount=costs.amount.cast("float64"))
    costs = costs.filter(costs.month.isin(list(book.months)))

    def spent(*kinds: str) -> ir.Value:
        return ibis.ifelse(costs.kind.isin(kinds), costs.amount, ibis.null("float64"))

    amounts = costs.select(
        "month", "segment", "csm", plan=ibis.literal(""), cost_acquisition=spent("acquisition"),
        cost_success=spent("success"), cost_serving=spent("success", "support"),
        accounts_new=ibis.null("int64"), accounts_start=ibis.null("int64"),
    )  # fmt: skip
    nothing = {name: ibis.null("float64") for name in ("cost_acquisition", "cost_success", "cost_serving")}
    people = money.select("month", "segment", "csm", "plan", **nothing, accounts_new=_.accounts_new,
                          accounts_start=_.accounts_start)  # fmt: skip
    return amounts.union(people)


def acquisition(book: Book) -> ir.Table:
    """What was spent on winning customers, also in months that won none: there `kpis` has no cac.

    Returns
    -------
    ibis.Table
        One row per (month, segment) with a known cost, ``all`` among the segments: spent: float64, in the company's own
        currency; won: float64, new accounts.
    """
    sums = rolled_up(cost_cells(book, money_cells(book)), ["cost_acquisition", "accounts_new"])
    of_segments = sums.filter(_.csm == ALL, _.plan == ALL, _.segment != "", _.cost_acquisition.notnull())
    return of_segments.select("month", "segment", spent=_.cost_acquisition, won=_.accounts_new.fill_null(0.0))


def _of_months(rows: ir.Table, name: str, time: str, money: ir.Table, book: Book) -> ir.Table:
    """The rows of a table that are known at as_of, by the month of one of their times, with who they belong to."""
    known = known_on(rows, name, book.as_of)
    known = known.filter(known[time].notnull())
    dated = known.mutate(month=known[time].truncate("M").cast("date"))
    return _with_who(_customers(_without_first_part(dated, known[time]), money), book)


def _without_first_part(dated: ir.Table, time: ir.Column) -> ir.Table:
    """Without the month in which the table begins, unless it begins on the month's first day."""
    first = time.min().over(ibis.window())
    begun = ibis.ifelse(first.day() == 1, first.truncate("M"), first.truncate("M") + ibis.interval(months=1))
    return dated.mutate(begun__=begun.cast("date")).filter(_.month >= _.begun__).drop("begun__")


def _customers(rows: ir.Table, money: ir.Table) -> ir.Table:
    """The rows of accounts that paid in the month, with their plan."""
    paying = money.select(payer="account_id", paid_month="month", plan="plan")
    joined = rows.join(paying, [rows.account_id == paying.payer, rows.month == paying.paid_month])
    return joined.drop("payer", "paid_month")


def kpis(book: Book, health: ir.Table, has_costs: bool) -> ir.Table:
    """Every measure of every month, over segments, CSMs and plans.

    Returns
    -------
    ibis.Table
        One row per (month, segment, csm, plan, metric), ``all`` where summed over (`roll_up.KEPT` says which are made):
        value, numerator, denominator: float64. Money is a month's, in the company's own currency, but for arr.
    """
    money = money_cells(book).cache()
    by_question = essential_asked(book)
    parts = [
        (money, MONEY),
        (money_cells(book, back=12), YEAR),
        (answer_cells(book, money, by_question), (*ANSWERS, *ESSENTIAL)),
        (ticket_cells(book, money), TICKETS),
        (band_cells(book, money, health), BANDS),
        *([(cost_cells(book, money), COSTS)] if has_costs else []),
    ]
    made = [measured(rolled_up(cells, _columns(measures)).cache(), measures) for cells, measures in parts]
    if has_costs:  # what names nobody was spent on all, not on the accounts without a segment, CSM or plan
        made[-1] = made[-1].filter(_.segment != "", _.csm != "", _.plan != "")
    every = reduce(lambda one, other: one.union(other), made)
    return every.order_by("month", "segment", "csm", "plan", "metric")


def _columns(measures: Sequence[Measure]) -> list[str]:
    names = [name for measure in measures for name in (measure.numerator, measure.denominator) if name]
    return list(dict.fromkeys(names))


def ages(money: ir.Table) -> ir.Table:
    """Who left at which age.

    Parameters
    ----------
    money
        `money_cells` over a month.

    Returns
    -------
    ibis.Table
        One row per (month, segment, age: months since the first paid day), ``all`` among the segments: at_risk and
        churned: accounts that paid when the month began, and those of them that left in it; mrr of those at risk.
    """
    begun = money.filter(money.accounts_start == 1)
    begun = begun.mutate(age=(begun.tenure / DAYS_A_MONTH).floor().cast("int64"), segment=named(begun.segment))
    sums = {"at_risk": _.accounts_start.sum(), "churned": _.accounts_churned.sum(), "mrr": _.mrr_start.sum()}
    every = begun.group_by("month", "age").agg(**sums).mutate(segment=ibis.literal(ALL))
    apart = begun.group_by("month", "segment", "age").agg(**sums)
    return apart.union(every.select(*apart.columns))
