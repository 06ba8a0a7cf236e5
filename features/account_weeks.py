"""What each account did and paid, week by week, in the cohort or not: the outcomes of what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import known_on
from rind.features.book.kpis import DETRACTOR_AT_MOST, PROMOTER_FROM
from rind.features.book.movements import known_terms
from rind.features.currency import in_own_currency

COUNTS = ("active_days", "tickets", "nps_balance", "nps_answers", "ces_sum", "ces_answers")
VALUES = ("mrr", *COUNTS)


@dataclass(frozen=True)
class Span:
    """Whole weeks, each told by its Monday; only what happened and was recorded before ``until`` counts."""

    first: date
    until: date

    @property
    def mondays(self) -> list[date]:
        """The Mondays of the weeks from ``first`` on that are over at ``until`` 00:00, in order."""
        begin = self.first + timedelta(days=-self.first.weekday() % 7)
        return [begin + timedelta(weeks=n) for n in range(max(0, (self.until - begin).days // 7))]


def account_weeks(tables: Mapping[str, ir.Table], span: Span, grace_days: int, currency: str) -> ir.Table:
    """The weeks of all accounts that have ever paid.

    Parameters
    ----------
    tables
        Those of a run.
    grace_days, currency
        As in `features.book.movements`; all money by the rates known at the end, so that a rate is no change of mrr.

    Returns
    -------
    ibis.Table
        One row per (account_id, week: its Monday) in which anything is above 0: mrr of the terms that run on the
        Monday, active_days (days with use, 0 to 7), tickets opened, nps_answers and nps_balance (promoters less
        detractors), ces_answers and ces_sum: float64, 0 where there is none. By when an answer came.
    """
    mondays = span.mondays
    terms = known_terms(tables["subscriptions"], span.until, grace_days)
    known = {name: known_on(tables[name], name, span.until) for name in ("usage", "tickets", "surveys")}
    parts = [_paid(terms, mondays, span.until, tables.get("rates"), currency), *_counted(known)]
    every = ibis.union(*(_with_all(part) for part in parts))
    first, last = (mondays[0], mondays[-1]) if mondays else (span.until, span.first)
    within = every.filter(every.week >= first, every.week <= last)
    summed = within.group_by("account_id", "week").agg(**{name: _[name].sum() for name in VALUES})
    payers = terms.select("account_id").distinct()
    return summed.semi_join(payers, "account_id").order_by("account_id", "week")


def _paid(terms: ir.Table, mondays: Sequence[date], until: date, rates: ir.Table | None, currency: str) -> ir.Table:
    days = ibis.memtable([{"week": day, "as_of": until} for day in mondays], schema={"week": "date", "as_of": "date"})
    running = days.join(terms, [terms.starts_on <= days.week, terms.ended_on > days.week])
    return in_own_currency(running, rates, currency).group_by("account_id", "week").agg(mrr=_.mrr.sum())


def _counted(known: Mapping[str, ir.Table]) -> list[ir.Table]:
    usage, tickets, answers = known["usage"], known["tickets"], known["surveys"]
    used = usage.filter(usage.quantity.fill_null(1) > 0)
    used = used.select("account_id", day=_.occurred_at.date(), week=_week(used.occurred_at)).distinct()
    answers = answers.filter(answers.responded_at.notnull(), answers.score.notnull())
    answers = answers.mutate(week=_week(answers.responded_at))
    nps, ces = answers.filter(answers.kind == "nps"), answers.filter(answers.kind == "ces")
    balance = ibis.ifelse(nps.score >= PROMOTER_FROM, 1, ibis.ifelse(nps.score <= DETRACTOR_AT_MOST, -1, 0))
    by_week = ("account_id", "week")
    return [
        used.group_by(*by_week).agg(active_days=_.count()),
        tickets.mutate(week=_week(tickets.opened_at)).group_by(*by_week).agg(tickets=_.count()),
        nps.mutate(balance=balance).group_by(*by_week).agg(nps_balance=_.balance.sum(), nps_answers=_.count()),
        ces.group_by(*by_week).agg(ces_sum=_.score.sum(), ces_answers=_.count()),
    ]


def _week(time: ir.TimestampValue) -> ir.DateValue:
    """The Monday of its week. Not of a date: DuckDB makes a time of the week of one."""
    return time.truncate("W").cast("date")


def _with_all(part: ir.Table) -> ir.Table:
    nothing = ibis.literal(0.0)
    values = {name: part[name].cast("float64") if name in part.columns else nothing for name in VALUES}
    return part.select("account_id", "week", **values)
