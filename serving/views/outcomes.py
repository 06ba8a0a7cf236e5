"""Outcomes beside churn: an account's probabilities beside what is usual, and how far each can be foreseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rind.reports.facts import Interval
from rind.reports.formats import percent
from rind.reports.outcome_text import definition, title
from rind.serving.store.protocols import Week
from rind.serving.views.documents import listed_objects

UNKNOWN = {
    "no_skill": "no skill shown",
    "too_few": "too few accounts to learn from",
    "no_table": "no table to see it in",
}
"""State of an outcome that cannot be foreseen -> what stands in place of the number."""


class AccountOutcome(NamedTuple):
    """An outcome of one account; value and usual (the median of the list) None where it cannot be foreseen."""

    words: str
    value: float | None
    usual: float | None
    reasons: str
    why_not: str


def account_outcomes(week: Week, row: Mapping[str, Any], median: Callable[[str], float | None]) -> list[AccountOutcome]:
    """The outcomes of an account, in the order of params.yaml; ``median``: of a column of the list."""
    outcomes = []
    for summary in _summaries(week):
        column = f"{summary.get('name')}_probability"
        value, state = row.get(column), str(summary.get("state"))
        words = _short(str(summary.get("when")), summary.get("share"))
        reasons = str(row.get(f"{summary.get('name')}_reasons") or "")
        if value is None:
            outcomes.append(AccountOutcome(words, None, None, "", UNKNOWN.get(state, "not known of this account")))
        else:
            outcomes.append(AccountOutcome(words, float(value), median(column), reasons, ""))
    return outcomes


def outcome_figures(week: Week) -> list[dict[str, Any]]:
    """The rows of the model page's table of outcomes; perhaps none."""
    return [
        {
            "title": title(str(summary.get("name"))),
            "definition": definition(str(summary.get("when")), summary.get("share")),
            "happened_accounts": summary.get("happened_accounts"), "base_rate": summary.get("base_rate"),
            "auc": Interval.of(summary.get("auc")),
            "note": UNKNOWN.get(str(summary.get("state")), summary.get("model") or ""),
        }
        for summary in _summaries(week)
    ]  # fmt: skip


def _summaries(week: Week) -> list[dict[str, Any]]:
    return listed_objects(week.document("outcome_summary"), "outcomes")


def _short(when: str, share: float | None) -> str:
    """What follows "The account": stays and pays at least 10 % less."""
    if when == "leaves_unpaid":
        return "leaves with an invoice overdue"
    return f"stays and pays at least {percent(share)} {'less' if when == 'mrr_falls' else 'more'}"
