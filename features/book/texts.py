"""What customers have said in their own words, as it was known on a day."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from rind.features.asof import KEYS, known

SURVEY, DEPARTURE, REQUEST = "survey", "departure", "request"
COLUMNS = ("account_id", "contact_id", "source", "said_on", "text")


def texts(snapshots: ir.Table, tables: Mapping[str, ir.Table], within_days: int) -> ir.Table:
    """The texts of the ``within_days`` days before as_of: comments, why accounts left, and wishes that are still open.

    Returns
    -------
    ibis.Table
        One row per text that is not blank: account_id, contact_id (of an answer, where it is known: so that the text
        can be found when the person is to be forgotten), source (survey: comment of an answer; departure: reason and
        comment; request: topic of a request that was not closed before as_of), said_on: date, as_of - within_days <=
        said_on < as_of, text.
    """
    spine = snapshots.select(*KEYS)
    answers = known(spine, tables["surveys"], "surveys")
    answers = _texts(answers, SURVEY, answers.responded_at.date(), answers.comment)
    left = known(spine, tables["departures"], "departures", within_days)
    left = _texts(left, DEPARTURE, left.left_on, left.reason.fill_null("") + ". " + left.comment.fill_null(""))
    wishes = known(spine, tables["requests"], "requests", within_days)
    wishes = wishes.filter(wishes.closed_on.isnull())
    wishes = _texts(wishes, REQUEST, wishes.asked_on, wishes.topic)
    both = ibis.union(answers, left, wishes)
    recent = both.said_on >= both.as_of - ibis.interval(days=within_days)
    return both.filter(recent, both.said_on < both.as_of).select(*COLUMNS)


def _texts(rows: ir.Table, source: str, day: ir.DateValue, text: ir.StringValue) -> ir.Table:
    who = rows.contact_id.cast("string") if "contact_id" in rows.columns else ibis.null("string")
    text_columns = {"source": ibis.literal(source), "said_on": day.cast("date"), "text": text.strip()}
    made = rows.select(*KEYS, contact_id=who, **text_columns)
    return made.filter(made.text.notnull(), made.text != "", made.said_on.notnull())


def departures(snapshots: ir.Table, tables: Mapping[str, ir.Table]) -> ir.Table:
    """Why accounts left, as far as it is known: one row per departure: account_id, left_on, reason, comment."""
    rows = known(snapshots.select(*KEYS), tables["departures"], "departures")
    return rows.select("account_id", "left_on", "reason", "comment")
