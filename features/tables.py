"""The input tables of the data contract as data: columns, types, keys, when a row happened, when a field is known.

Reading, validation, the point-in-time rules (`features.asof`) and the printed document (`features.contract_doc`)
all follow this one description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "string", "date", "timestamp", "integer", "number", "boolean"]


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
    at_least, at_most, above
        Bounds of a number: the smallest and the largest value allowed, and a value that it must exceed.
    pattern
        A regular expression that every text must match; "" allows any text.
    about
        What the column holds, for the printed document; "" where its name says it.
    """

    name: str
    kind: Kind
    required: bool = False
    known_from: str = ""
    choices: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    pattern: str = ""
    about: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the data contract.

    Parameters
    ----------
    one_row
        What one row is, for the printed document.
    key
        Columns that identify a row; () where rows have no identity (usage).
    happened
        Columns of which the first that is filled is when the row happened.
    spans
        (start, end): the end may not lie before the start.
    """

    name: str
    one_row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    happened: tuple[str, ...]
    required: bool = False
    spans: tuple[tuple[str, str], ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        return next(c for c in self.columns if c.name == name)


def _id(name: str, required: bool = True, about: str = "") -> Column:
    return Column(name, "id", required, about=about)


def _text(name: str, *choices: str, about: str = "") -> Column:
    return Column(name, "string", choices=choices, about=about)


def _day(name: str, about: str = "") -> Column:
    """A date that every row has."""
    return Column(name, "date", required=True, about=about)


def _later(name: str, kind: Kind = "timestamp", about: str = "") -> Column:
    """A time that is filled in once it has come."""
    return Column(name, kind, known_from=name, about=about)


LEVELS = ("user", "admin", "champion", "decision_maker", "executive")
PRIORITIES = ("low", "normal", "high", "urgent")
CHANNELS = ("email", "call", "meeting", "qbr", "training", "event", "social")
SURVEY_RANGES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "essential": (1, 3)}
SUBSCRIPTION_KINDS = ("paid", "trial", "free", "addon")
COST_KINDS = ("acquisition", "success", "support")
CURRENCY = "^[A-Za-z]{3}$"

_ALL = (
    Table(
        "accounts", "a customer company",
        (
            _id("account_id"), Column("name", "string", required=True), _text("segment"), _text("industry"),
            _text("region"), Column("employees", "number", at_least=0),
            _text("csm", about="the customer success manager"), _day("signed_on", "the day on which the account came"),
            _id("parent_id", False, "the account that this one belongs to"),
            Column("excluded", "boolean", about="true: a test, internal or partner account, which nobody looks at"),
        ),
        key=("account_id",), happened=("signed_on",), required=True,
    ),
    Table(
        "subscriptions", "a term of a contract; a renewal, an upgrade or a downgrade closes one row and opens the next",
        (
            _id("subscription_id"), _id("account_id"), _text("plan"), Column("seats", "number", at_least=0),
            Column("mrr", "number", required=True, at_least=0, about="revenue a month"), _day("starts_on"),
            Column("term_ends_on", "date", about="the end that was agreed at the start"),
            _later("ended_on", "date", "the first day without the subscription"),
            _later("notice_on", "date", "the day on which the customer gave notice"),
            _text("kind", *SUBSCRIPTION_KINDS, about="empty: paid, or free where mrr is 0"),
            Column("currency", "string", pattern=CURRENCY, about="ISO 4217; empty: the company's own"),
            _later("paused_from", "date", "the first day of a pause"),
            _later("paused_until", "date", "the first day after it; empty: the pause lasts"),
        ),
        key=("subscription_id",), happened=("starts_on",), required=True,
        spans=(
            ("starts_on", "ended_on"), ("starts_on", "term_ends_on"), ("starts_on", "paused_from"),
            ("paused_from", "paused_until"),
        ),
    ),
    Table(
        "usage", "a user's use of a product feature: an event, or a count per user, feature and time",
        (
            _id("account_id"), _id("user_id", False), Column("feature", "string", required=True),
            Column("occurred_at", "timestamp", required=True),
            Column("quantity", "number", at_least=0, about="empty: 1; 0: nothing was used"),
            _id("event_id", False, "rows with the same one are one event"),
        ),
        key=(), happened=("occurred_at",), required=True,
    ),
    Table(
        "product_features", "a feature that the product has",
        (
            Column("feature", "string", required=True), _text("module"), Column("released_on", "date"),
            _text("plan", about="the cheapest plan that has the feature"),
        ),
        key=("feature",), happened=("released_on",),
    ),
    Table(
        "tickets", "a support case",
        (
            _id("ticket_id"), _id("account_id"), _id("contact_id", False),
            Column("opened_at", "timestamp", required=True), _later("first_response_at"), _later("resolved_at"),
            _text("priority", *PRIORITIES), _text("category"),
            Column("touches", "number", known_from="resolved_at", at_least=0, about="replies until it was solved"),
            _later("escalated_at"), _later("reopened_at"),
        ),
        key=("ticket_id",), happened=("opened_at",),
        spans=(("opened_at", "first_response_at"), ("opened_at", "resolved_at")),
    ),
    Table(
        "contacts", "a person at the customer",
        (
            _id("contact_id"), _id("account_id"), _text("level", *LEVELS), _text("department"), _day("added_on"),
            _later("left_on", "date"),
        ),
        key=("contact_id",), happened=("added_on",), spans=(("added_on", "left_on"),),
    ),
    Table(
        "interactions", "a touch point between the vendor's people and a customer",
        (
            _id("interaction_id"), _id("account_id"), _id("contact_id", False),
            _text("channel", *CHANNELS), _text("direction", "inbound", "outbound"),
            Column("occurred_at", "timestamp", required=True), _later("answered_at"),
        ),
        key=("interaction_id",), happened=("occurred_at",), spans=(("occurred_at", "answered_at"),),
    ),
    Table(
        "surveys", "a question put to a contact",
        (
            _id("response_id"), _id("account_id"), _id("contact_id", False),
            Column("kind", "string", required=True, choices=tuple(SURVEY_RANGES)),
            Column("sent_at", "timestamp"), _later("responded_at"),
            Column("score", "number", known_from="responded_at",
                   about="nps 0-10, csat 1-5, ces 1-7 (1: no effort), essential 1-3 (3: the product is essential)"),
            Column("comment", "string", known_from="responded_at"),
        ),
        key=("response_id",), happened=("sent_at", "responded_at"), spans=(("sent_at", "responded_at"),),
    ),
    Table(
        "invoices", "a bill",
        (
            _id("invoice_id"), _id("account_id"), _day("issued_on"), _day("due_on"), _later("paid_on", "date"),
            Column("amount", "number", required=True, at_least=0),
        ),
        key=("invoice_id",), happened=("issued_on",),
    ),
    Table(
        "health_scores", "the company's own health score on a day, if it keeps one",
        (
            _id("account_id"), _day("as_of"), Column("score", "number", required=True, at_least=0, at_most=100),
            _text("fit", "yes", "no", "unsure", about="the CSM's answer: is the use as it should be?"),
        ),
        key=("account_id", "as_of"), happened=("as_of",),
    ),
    Table(
        "interventions", "something that the customer success team did to save or grow an account",
        (
            _id("intervention_id"), _id("account_id"), Column("playbook", "string", required=True), _day("started_on"),
            _later("ended_on", "date"), Column("cost", "number", known_from="ended_on", at_least=0),
        ),
        key=("intervention_id",), happened=("started_on",), spans=(("started_on", "ended_on"),),
    ),
    Table(
        "departures", "why an account left or shrank, in its own words",
        (
            _id("account_id"), _day("left_on"), Column("reason", "string", required=True), _text("competitor"),
            _text("comment"),
        ),
        key=(), happened=("left_on",),
    ),
    Table(
        "requests", "a wish for the product",
        (
            _id("request_id"), _id("account_id"), Column("topic", "string", required=True), _day("asked_on"),
            _later("closed_on", "date"),
            Column("outcome", "string", known_from="closed_on", choices=("done", "declined")),
        ),
        key=("request_id",), happened=("asked_on",), spans=(("asked_on", "closed_on"),),
    ),
    Table(
        "costs", "what the company spent in a month on one kind of work",
        (
            _day("month", "its first day"), Column("kind", "string", required=True, choices=COST_KINDS),
            _text("segment"), _text("csm"), Column("amount", "number", required=True, at_least=0),
        ),
        key=(), happened=("month",),
    ),
    Table(
        "rates", "what another currency is worth from a day on",
        (
            Column("currency", "string", required=True, pattern=CURRENCY, about="ISO 4217"), _day("as_of"),
            Column("rate", "number", required=True, above=0, about="units of the company's own currency for one unit"),
        ),
        key=("currency", "as_of"), happened=("as_of",),
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {table.name: table for table in _ALL}
REQUIRED = tuple(table.name for table in _ALL if table.required)

RECORDED_AT = Column("recorded_at", "timestamp", about="when the row reached the source system")
"""Any table may carry it (data contract, "Time")."""
