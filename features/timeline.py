"""What happened with each account: tickets, answers, terms, notice, interventions, people who left, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from rind.features.asof import KEYS, has_passed, known
from rind.features.currency import in_own_currency
from rind.features.paid_terms import paying

COLUMNS = ("account_id", "as_of", "happened_on", "kind", "detail", "number", "ended_on")
KINDS = ("ticket", "answer", "term", "notice", "term_end", "intervention", "person_left")
PEOPLE = ("champion", "decision_maker", "executive")
MOST_EVENTS = 300
"""Of one account, the latest ones: a support desk writes thousands."""


def timeline(
    spine: ir.Table, tables: Mapping[str, ir.Table], as_of: date, within_days: int, currency: str = ""
) -> ir.Table:
    """The events of the last ``within_days`` days before a date, as they were known on it.

    Parameters
    ----------
    spine
        One row per account_id, as_of; only the rows of ``as_of`` count.
    tables
        The stored tables of the source; those that it does not have are empty.
    within_days
        An event counts when as_of - within_days <= happened_on < as_of.
    currency
        ISO 4217, the company's own, in which mrr is told, by the rates of the date; see `features.currency`.

    Returns
    -------
    ibis.Table
        One row per event, at most `MOST_EVENTS` an account: account_id, as_of, happened_on: date, kind (of `KINDS`),
        detail: text, number: float64, ended_on: date, both empty where there is none. By kind: *ticket* (priority and
        category; ended_on: solved), *answer* (kind of the survey; number: the score), *term* (plan; number: mrr;
        ended_on: the agreed end), *notice* (plan; ended_on: the agreed end of the contract), *term_end* (plan; number:
        mrr), *intervention* (playbook; number: cost; ended_on), *person_left* (level).
    """
    snapshots = spine.filter(spine.as_of == as_of).select(*KEYS).distinct()
    events = ibis.union(
        _tickets(snapshots, tables), _answers(snapshots, tables), *_terms(snapshots, tables, currency),
        _interventions(snapshots, tables), _people(snapshots, tables),
    )  # fmt: skip
    recent = events.filter(
        _.happened_on >= _.as_of - ibis.interval(days=within_days), _.happened_on < _.as_of, _.happened_on.notnull()
    )
    latest = ibis.row_number().over(
        group_by="account_id", order_by=[ibis.desc("happened_on"), "kind", "detail", "number"]
    )
    kept = recent.mutate(place=latest).filter(_.place < MOST_EVENTS).drop("place")
    return kept.order_by("account_id", "happened_on", "kind", "detail", "number")


def _tickets(snapshots: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    pairs = known(snapshots, tables["tickets"], "tickets")
    detail = (pairs.priority.fill_null("") + " " + pairs.category.fill_null("")).strip()
    return _events(pairs, "ticket", pairs.opened_at, detail.nullif(""), ended=pairs.resolved_at)


def _answers(snapshots: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    pairs = known(snapshots, tables["surveys"], "surveys")
    answered = pairs.filter(pairs.responded_at.notnull(), pairs.score.notnull())
    return _events(answered, "answer", answered.responded_at, answered.kind, answered.score)


def _terms(snapshots: ir.Table, tables: Mapping[str, ir.Table], currency: str) -> tuple[ir.Table, ...]:
    pairs = known(snapshots, paying(tables["subscriptions"]), "subscriptions")
    pairs = in_own_currency(pairs, tables.get("rates"), currency)
    noticed = pairs.filter(has_passed(pairs, "notice_on"))
    ended = pairs.filter(has_passed(pairs, "ended_on"))
    return (
        _events(pairs, "term", pairs.starts_on, pairs.plan, pairs.mrr, pairs.term_ends_on),
        _events(noticed, "notice", noticed.notice_on, noticed.plan, ended=noticed.term_ends_on),
        _events(ended, "term_end", ended.ended_on, ended.plan, ended.mrr),
    )


def _interventions(snapshots: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    pairs = known(snapshots, tables["interventions"], "interventions")
    return _events(pairs, "intervention", pairs.started_on, pairs.playbook, pairs.cost, pairs.ended_on)


def _people(snapshots: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    pairs = known(snapshots, tables["contacts"], "contacts")
    left = pairs.filter(pairs.level.isin(PEOPLE), has_passed(pairs, "left_on"))
    return _events(left, "person_left", left.left_on, left.level)


def _events(
    pairs: ir.Table,
    kind: str,
    happened: ir.Column,
    detail: ir.Column,
    number: ir.Column | None = None,
    ended: ir.Column | None = None,
) -> ir.Table:
    return pairs.select(
        "account_id",
        "as_of",
        happened_on=happened.cast("date"),
        kind=ibis.literal(kind),
        detail=detail.cast("string"),
        number=ibis.null("float64") if number is None else number.cast("float64"),
        ended_on=ibis.null("date") if ended is None else ended.cast("date"),
    )
