"""The source contract as data: tables, columns, types, keys, when a row happened, when a field is known.

This is the one place where the contract's section 2 is written down; reading, validation and the
point-in-time rules (`features.asof`) all follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "string", "date", "timestamp", "integer", "number"]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    required
        Must exist and may not be empty. Otherwise a missing column is read as all empty.
    known_from
        The column (often itself) whose time must have passed before the value counts; "" when the
        value is known as soon as its row is.
    """

    name: str
    kind: Kind
    required: bool = False
    known_from: str = ""
    choices: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Table:
    """A table of the contract.

    Parameters
    ----------
    key
        Columns that identify a row; () where rows have no identity (usage).
    happened
        Columns of which the first that is filled is when the row happened.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    happened: tuple[str, ...]
    required: bool = False
    spans: tuple[tuple[str, str], ...] = ()  # (start, end): the end may not lie before the start

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        return next(c for c in self.columns if c.name == name)


def _id(name: str, required: bool = True) -> Column:
    return Column(name, "id", required)


def _text(name: str, *choices: str) -> Column:
    return Column(name, "string", choices=choices)


def _later(name: str, kind: Kind = "timestamp") -> Column:
    """A time that is filled in once it has come."""
    return Column(name, kind, known_from=name)


LEVELS = ("user", "admin", "champion", "decision_maker", "executive")
PRIORITIES = ("low", "normal", "high", "urgent")
CHANNELS = ("email", "call", "meeting", "qbr", "training", "event", "social")
SURVEY_RANGES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "essential": (1, 3)}

_ALL = (
    Table(
        "accounts",
        (
            _id("account_id"), Column("name", "string", required=True), _text("segment"), _text("industry"),
            _text("region"),
            Column("employees", "number", at_least=0), _text("csm"), Column("signed_on", "date", required=True),
        ),
        key=("account_id",), happened=("signed_on",), required=True,
    ),
    Table(
        "subscriptions",
        (
            _id("subscription_id"), _id("account_id"), _text("plan"), Column("seats", "number", at_least=0),
            Column("mrr", "number", required=True, at_least=0), Column("starts_on", "date", required=True),
            Column("term_ends_on", "date"), _later("ended_on", "date"), _later("notice_on", "date"),
        ),
        key=("subscription_id",), happened=("starts_on",), required=True,
        spans=(("starts_on", "ended_on"), ("starts_on", "term_ends_on")),
    ),
    Table(
        "usage",
        (
            _id("account_id"), _id("user_id", required=False), Column("feature", "string", required=True),
            Column("occurred_at", "timestamp", required=True), Column("quantity", "number", at_least=0),
        ),
        key=(), happened=("occurred_at",), required=True,
    ),
    Table(
        "product_features",
        (Column("feature", "string", required=True), _text("module"), Column("released_on", "date"), _text("plan")),
        key=("feature",), happened=("released_on",),
    ),
    Table(
        "tickets",
        (
            _id("ticket_id"), _id("account_id"), _id("contact_id", required=False),
            Column("opened_at", "timestamp", required=True), _later("first_response_at"), _later("resolved_at"),
            _text("priority", *PRIORITIES), _text("category"),
            Column("touches", "number", known_from="resolved_at", at_least=0),
            _later("escalated_at"), _later("reopened_at"),
        ),
        key=("ticket_id",), happened=("opened_at",),
        spans=(("opened_at", "first_response_at"), ("opened_at", "resolved_at")),
    ),
    Table(
        "contacts",
        (
            _id("contact_id"), _id("account_id"), _text("level", *LEVELS), _text("department"),
            Column("added_on", "date", required=True), _later("left_on", "date"),
        ),
        key=("contact_id",), happened=("added_on",), spans=(("added_on", "left_on"),),
    ),
    Table(
        "interactions",
        (
            _id("interaction_id"), _id("account_id"), _id("contact_id", required=False),
            _text("channel", *CHANNELS), _text("direction", "inbound", "outbound"),
            Column("occurred_at", "timestamp", required=True), _later("answered_at"),
        ),
        key=("interaction_id",), happened=("occurred_at",), spans=(("occurred_at", "answered_at"),),
    ),
    Table(
        "surveys",
        (
            _id("response_id"), _id("account_id"), _id("contact_id", required=False),
            Column("kind", "string", required=True, choices=tuple(SURVEY_RANGES)),
            Column("sent_at", "timestamp"), _later("responded_at"),
            Column("score", "number", known_from="responded_at"),
            Column("comment", "string", known_from="responded_at"),
        ),
        key=("response_id",), happened=("sent_at", "responded_at"), spans=(("sent_at", "responded_at"),),
    ),
    Table(
        "invoices",
        (
            _id("invoice_id"), _id("account_id"), Column("issued_on", "date", required=True),
            Column("due_on", "date", required=True), _later("paid_on", "date"),
            Column("amount", "number", required=True, at_least=0),
        ),
        key=("invoice_id",), happened=("issued_on",),
    ),
    Table(
        "health_scores",
        (
            _id("account_id"), Column("as_of", "date", required=True),
            Column("score", "number", required=True, at_least=0, at_most=100),
            _text("fit", "yes", "no", "unsure"),
        ),
        key=("account_id", "as_of"), happened=("as_of",),
    ),
    Table(
        "interventions",
        (
            _id("intervention_id"), _id("account_id"), Column("playbook", "string", required=True),
            Column("started_on", "date", required=True), _later("ended_on", "date"),
            Column("cost", "number", known_from="ended_on", at_least=0),
        ),
        key=("intervention_id",), happened=("started_on",), spans=(("started_on", "ended_on"),),
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
REQUIRED = tuple(table.name for table in _ALL if table.required)

RECORDED_AT = Column("recorded_at", "timestamp")
"""Any table may carry it: when the row reached the source system (contract, section 1)."""
