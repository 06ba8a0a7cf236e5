"""Columns and types of the demo company's tables, as the data contract has them ("Tables"), and their files."""

from __future__ import annotations

import pandas as pd
from pyarrow import lib as pa  # the package re-exports without saying so

_TEXT, _DATE, _TIME = pa.string(), pa.date32(), pa.timestamp("us")
_INT, _REAL = pa.int64(), pa.float64()

TABLES: dict[str, dict[str, pa.DataType]] = {
    "accounts": {"account_id": _TEXT, "name": _TEXT, "segment": _TEXT, "industry": _TEXT, "region": _TEXT,
                 "employees": _INT, "csm": _TEXT, "signed_on": _DATE},
    "subscriptions": {"subscription_id": _TEXT, "account_id": _TEXT, "plan": _TEXT, "seats": _INT, "mrr": _REAL,
                      "starts_on": _DATE, "term_ends_on": _DATE, "ended_on": _DATE, "notice_on": _DATE,
                      "currency": _TEXT},
    "usage": {"account_id": _TEXT, "user_id": _TEXT, "feature": _TEXT, "occurred_at": _TIME, "quantity": pa.int32()},
    "product_features": {"feature": _TEXT, "module": _TEXT, "released_on": _DATE, "plan": _TEXT},
    "tickets": {"ticket_id": _TEXT, "account_id": _TEXT, "contact_id": _TEXT, "opened_at": _TIME,
                "first_response_at": _TIME, "resolved_at": _TIME, "priority": _TEXT, "category": _TEXT,
                "touches": _INT, "escalated_at": _TIME, "reopened_at": _TIME},
    "contacts": {"contact_id": _TEXT, "account_id": _TEXT, "level": _TEXT, "department": _TEXT,
                 "added_on": _DATE, "left_on": _DATE},
    "interactions": {"interaction_id": _TEXT, "account_id": _TEXT, "contact_id": _TEXT, "channel": _TEXT,
                     "direction": _TEXT, "occurred_at": _TIME, "answered_at": _TIME},
    "surveys": {"response_id": _TEXT, "account_id": _TEXT, "contact_id": _TEXT, "kind": _TEXT, "sent_at": _TIME,
                "responded_at": _TIME, "score": _INT, "comment": _TEXT},
    "invoices": {"invoice_id": _TEXT, "account_id": _TEXT, "issued_on": _DATE, "due_on": _DATE,
                 "paid_on": _DATE, "amount": _REAL},
    "health_scores": {"account_id": _TEXT, "as_of": _DATE, "score": _REAL, "fit": _TEXT},
    "interventions": {"intervention_id": _TEXT, "account_id": _TEXT, "playbook": _TEXT, "started_on": _DATE,
                      "ended_on": _DATE, "cost": _REAL},
    "departures": {"account_id": _TEXT, "left_on": _DATE, "reason": _TEXT, "competitor": _TEXT, "comment": _TEXT,
                   "recorded_at": _TIME},
    "requests": {"request_id": _TEXT, "account_id": _TEXT, "topic": _TEXT, "asked_on": _DATE, "closed_on": _DATE,
                 "outcome": _TEXT},
}  # fmt: skip

_PANDAS = {_TEXT: "str", _DATE: "datetime64[us]", _TIME: "datetime64[us]", _REAL: "float64"}


def typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the contract's columns in order; ids text, dates and times datetime64[us]."""
    columns = TABLES[table]
    wanted = {c: _PANDAS[t] for c, t in columns.items() if t in _PANDAS}
    return frame[list(columns)].astype(wanted)


def to_arrow(table: str, frame: pd.DataFrame) -> pa.Table:
    """The frame as it is written: dates as date32, times as timestamp[us] without a zone."""
    schema = pa.schema(list(TABLES[table].items()))
    return pa.Table.from_pandas(frame, preserve_index=False).cast(schema).replace_schema_metadata(None)
