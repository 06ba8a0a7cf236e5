"""How far a source reaches: which dates are plans, which are events, and the last day with an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rind.features.coverage import Coverage
from rind.features.tables import REQUIRED, TABLES

PLANNED = {
    ("subscriptions", "starts_on"), ("subscriptions", "ended_on"), ("subscriptions", "notice_on"),
    ("subscriptions", "paused_from"), ("subscriptions", "paused_until"),
    ("contacts", "added_on"), ("contacts", "left_on"), ("interactions", "occurred_at"),
    ("invoices", "issued_on"), ("invoices", "paid_on"), ("product_features", "released_on"),
    ("accounts", "signed_on"), ("interventions", "started_on"), ("interventions", "ended_on"),
    ("departures", "left_on"), ("costs", "month"), ("rates", "as_of"),
}  # fmt: skip
"""Dates that may be written down before they come: one in the future is a plan, not an error."""

EVENTS = ("usage", "tickets", "interactions", "surveys", "invoices", "health_scores", "interventions", "requests")
"""Tables whose rows each happened at a time of their own; a row of the others describes something that lasts."""


def data_end(reach: Mapping[str, Coverage]) -> date | None:
    """The day of the latest thing that happened in a required table: the contract's default data end.

    That is the last plausible day of use, or the last on which an account came. Planned dates (starts, ends and
    notices of subscriptions) are not counted: one that lies after everything else may be a plan. Only
    where nothing else has a date do the starts count.

    Parameters
    ----------
    reach
        Per table its coverage, none of it beyond today.
    """
    counted = [reach[name].last for name in REQUIRED if name in reach and name != "subscriptions"]
    days = [day for day in counted if day is not None]
    if not days and "subscriptions" in reach:
        return reach["subscriptions"].last
    return max(days, default=None)


def happened_columns(name: str) -> tuple[str, ...]:
    """Columns of a table that tell when something happened: its row's own time and the later-filled ones."""
    spec = TABLES[name]
    own_time = [c.name for c in spec.columns if c.known_from == c.name]
    return tuple(dict.fromkeys((*spec.happened, *own_time)))
