"""What the tables of a source give: families, outcomes and pages, and what an absent table would add."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rind.common.profile import Gain
from rind.features.families import FAMILIES
from rind.features.matrix import available
from rind.features.tables import REQUIRED, TABLES

OUTCOMES: dict[str, tuple[tuple[str, ...], str]] = {
    "churn": (("subscriptions.ended_on",), "the account has no subscription any more"),
    "contraction and expansion": (("subscriptions.mrr",), "the account stays and pays less, or more"),
    "nonpayment": (("invoices.due_on", "invoices.paid_on"), "an invoice stays unpaid"),
}
"""Outcome -> the columns without which it cannot be seen, and what it is."""

PAGES: dict[str, tuple[tuple[str, ...], str]] = {
    "risk list": (("accounts.account_id", "subscriptions.starts_on", "usage.occurred_at"), "who may leave, and why"),
    "watermelons": (("usage.occurred_at",), "green by the health score, at risk by the model"),
    "True North": (("usage.feature", "accounts.signed_on"), "the early behaviour of accounts that stay"),
    "renewals": (("subscriptions.term_ends_on",), "whose term ends when, and the forecast of it"),
    "by segment": (("accounts.segment",), "all figures for each segment"),
    "my accounts": (("accounts.csm",), "a list and a mail for each CSM"),
    "voice": (("surveys.comment",), "what customers write, by topic"),
    "effects": (("interventions.started_on",), "what playbooks have changed"),
}
"""Page -> the columns without which it is empty, and what it shows."""

WORTH: dict[str, str] = {
    "tickets": "support: open and urgent cases, how long they take",
    "contacts": "people: champions that leave, relationships that hang on one person",
    "interactions": "answers and meetings: silence is an early sign",
    "surveys": "what customers say: nps, csat, effort",
    "invoices": "payment: overdue and late bills, the outcome nonpayment, a check of mrr",
    "interventions": "whether what the team does helps (effects)",
    "health_scores": "the company's own health score beside Rind's",
    "product_features": "modules, and what of a plan is not used",
    "departures": "why accounts left, as they said themselves",
    "requests": "wishes for the product that wait",
    "costs": "what it costs to win and keep an account",
    "rates": "money of several currencies in one",
}
"""Optional table -> what it adds, the most useful first."""


def families(present: Collection[str]) -> tuple[Gain, ...]:
    """Each feature family, whether it can be built, and what it lacks."""
    built, missing = available(set(present))
    gains = [Gain(name, True, _family(name, present)) for name in built]
    return (*gains, *(Gain(name, False, f"needs {' and '.join(gaps)}") for name, gaps in missing.items()))


def _family(name: str, present: Collection[str]) -> str:
    family = FAMILIES[name]
    more = [table for table in family.USES if table not in present]
    words = f"{len(family.FEATURES)} features"
    return f"{words}, some of them empty without {' and '.join(more)}" if more else words


def outcomes(columns: Collection[str]) -> tuple[Gain, ...]:
    """Each outcome, and whether ``table.column`` that it needs are filled."""
    return tuple(_gain(name, *needs, columns) for name, needs in OUTCOMES.items())


def pages(columns: Collection[str]) -> tuple[Gain, ...]:
    """Each page, and whether ``table.column`` that it needs are filled."""
    return tuple(_gain(name, *needs, columns) for name, needs in PAGES.items())


def _gain(name: str, needed: tuple[str, ...], words: str, columns: Collection[str]) -> Gain:
    gaps = [column for column in needed if column not in columns]
    return Gain(name, not gaps, f"needs {' and '.join(gaps)}" if gaps else words)


def next_tables(present: Collection[str]) -> tuple[Gain, ...]:
    """The absent tables with what each would add: required ones, those that open a family, the others; by worth."""
    order = {name: place for place, name in enumerate(WORTH)}
    absent = [name for name in TABLES if name not in present]
    absent.sort(key=lambda name: (name not in REQUIRED, not list(_opened(name, present)), order.get(name, 99)))
    return tuple(Gain(name, False, _added(name, present)) for name in absent)


def _added(name: str, present: Collection[str]) -> str:
    if name in REQUIRED:
        return "nothing can be made without it"
    opened = [f"the family {family} ({len(FAMILIES[family].FEATURES)} features)" for family in _opened(name, present)]
    return "; ".join([*opened, WORTH.get(name, "")]).strip("; ")


def _opened(name: str, present: Collection[str]) -> Iterator[str]:
    """Families that this table alone would add."""
    built, _ = available(set(present))
    more, _ = available({*present, name})
    yield from (family for family in more if family not in built)
