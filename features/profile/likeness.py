"""Which missing column of the contract an unused column may be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

SYNONYMS = {
    "mrr": ("monthly_revenue", "price", "monthly_price", "monthly_amount", "recurring_revenue"),
    "starts_on": ("start_date", "started_at", "current_period_start", "begin"),
    "ended_on": ("end_date", "ended_at", "churned_on", "cancelled_on"),
    "notice_on": ("canceled_at", "cancelled_at", "cancellation_date", "cancel_date"),
    "term_ends_on": ("renewal_date", "current_period_end", "contract_end", "renews_on", "expires_on"),
    "account_id": ("customer_id", "company_id", "organization_id", "org_id", "client_id", "tenant_id"),
    "user_id": ("person_id", "member_id", "distinct_id"),
    "feature": ("event", "event_name", "action", "event_type"),
    "occurred_at": ("timestamp", "event_time", "sent_at", "created_at", "date"),
    "quantity": ("count", "events", "n"),
    "csm": ("owner", "account_owner", "account_manager", "customer_success_manager"),
    "segment": ("tier", "size_class", "customer_segment"),
    "employees": ("employee_count", "number_of_employees", "headcount"),
    "signed_on": ("created_at", "customer_since", "signup_date", "created"),
    "opened_at": ("created_at", "created"),
    "resolved_at": ("solved_at", "closed_at"),
    "touches": ("replies", "comments_count"),
    "responded_at": ("answered_at", "submitted_at", "created_at"),
    "paid_on": ("paid_at", "payment_date", "status_transitions_paid_at"),
    "issued_on": ("invoice_date", "created", "created_at", "date"),
    "due_on": ("due_date",),
    "amount": ("total", "amount_due", "amount_paid"),
    "seats": ("quantity", "licenses", "licences", "users"),
    "plan": ("product", "price_id", "package"),
    "added_on": ("created_at", "created", "createdate"),
    "level": ("buying_role", "role", "job_title"),
}
"""Column of the contract -> names under which systems export it."""

ALIKE_FROM = 0.8


def plain(name: str) -> str:
    """Lower case, words joined by one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")


def looks_like(column: str, missing: Iterable[str]) -> str:
    """The missing column of the contract that an unused one may be; "" where none is alike.

    Only missing columns are named: who followed the hint for one that is there would have it twice.
    """
    wanted = list(missing)
    word = plain(column)
    for name in wanted:
        if word == name or word in SYNONYMS.get(name, ()):
            return name
    close = difflib.get_close_matches(word, wanted, n=1, cutoff=ALIKE_FROM)
    return close[0] if close else ""
