"""What was known of each customer when it signed, and what became of it in the past year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import known_on
from rind.features.currency import in_own_currency
from rind.features.labels import spells
from rind.features.paid_terms import customer_since, paid_mrr, paying

TRAITS = ("segment", "industry", "region", "employees", "plan", "seats", "mrr", "term_days")
"""What a prospect's row may say before it signs."""


def signing_traits(tables: Mapping[str, ir.Table], as_of: date, currency: str = "") -> ir.Table:
    """Each account with what was known when it signed.

    Returns
    -------
    ibis.Table
        One row per account that has paid before as_of: account_id, signed_on (the first paid day after a trial),
        segment, industry, region, employees (as they stand today: the source keeps no history of them), and of the
        first paid term plan, seats, mrr: float64 in the company's own currency, term_days: agreed length.
    """
    terms = known_on(tables["subscriptions"], "subscriptions", as_of)
    priced = terms.mutate(mrr=paid_mrr(terms), as_of=ibis.literal(as_of))
    started = in_own_currency(priced, tables.get("rates"), currency).drop("as_of")
    first = paying(started)
    first = first.mutate(nth=ibis.row_number().over(group_by="account_id", order_by=["starts_on", "subscription_id"]))
    first = first.filter(_.nth == 0)
    length = first.term_ends_on.delta(first.starts_on, unit="day").cast("float64")
    first = first.select("account_id", "plan", "seats", "mrr", term_days=length)
    accounts = customer_since(known_on(tables["accounts"], "accounts", as_of), started)
    accounts = accounts.select("account_id", "signed_on", "segment", "industry", "region", "employees")
    return accounts.inner_join(first, "account_id").filter(_.signed_on < as_of)


def year_of(tables: Mapping[str, ir.Table], as_of: date, days: int, grace_days: int) -> ir.Table:
    """Who was a customer when the past year began, and whether it left in that year.

    The year are the ``days`` days before as_of - grace_days: whether somebody who left later comes back is not known.

    Returns
    -------
    ibis.Table
        One row per account that was a customer on the year's first day: account_id, churned: bool.
    """
    terms = known_on(tables["subscriptions"], "subscriptions", as_of)
    last = as_of - timedelta(days=grace_days + 1)
    begin = last - timedelta(days=days)
    stretches = spells(terms, as_of - timedelta(days=1), grace_days)
    here = stretches.filter(_.starts_on <= begin, _.left_on.isnull() | (_.left_on > begin))
    return here.group_by("account_id").agg(churned=(_.left_on <= last).fill_null(False).any())


def essential_answers(tables: Mapping[str, ir.Table], as_of: date, days: int) -> ir.Table:
    """The latest answer of each account's past ``days`` days on how essential the product is.

    Returns
    -------
    ibis.Table
        One row per account with an answer: account_id, essential, nice_to_have: bool, by the mean score of its latest
        day: 2.5 or more, 1.5 to 2.5. Where nobody has answered that question, NPS stands for it: promoters (9 and 10),
        passives (7 and 8).
    """
    answers = known_on(tables["surveys"], "surveys", as_of).filter(_.score.notnull(), _.responded_at.notnull())
    recent = ibis.timestamp(str(as_of - timedelta(days=days)))
    answers = answers.filter(_.responded_at >= recent).mutate(day=_.responded_at.date(), score=_.score.cast("float64"))
    essential = answers.filter(_.kind == "essential")
    if essential.count().to_pyarrow().as_py():
        return _latest(essential, 2.5, 1.5)
    return _latest(answers.filter(_.kind == "nps"), 8.5, 6.5)


def _latest(answers: ir.Table, essential_from: float, nice_from: float) -> ir.Table:
    by_day = answers.group_by("account_id", "day").agg(score=_.score.mean())
    last = by_day.group_by("account_id").agg(score=by_day.score.argmax(by_day.day))
    return last.select(
        "account_id", essential=_.score >= essential_from,
        nice_to_have=(_.score >= nice_from) & (_.score < essential_from),
    )  # fmt: skip
