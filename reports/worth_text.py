"""What each order of the list would have kept, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rind.reports.facts import Interval
from rind.reports.formats import percent

TITLES: Mapping[str, str] = {
    "risk": "The most likely to leave first",
    "mrr_at_risk": "The most ARR at risk first",
    "expected_value": "The most to keep by acting first",
}
"""Value of ``risk.order`` -> the order of the list."""
UNKNOWN, BY_VALUE = "Which order keeps the most cannot be told", "sorted by what acting keeps"
Money = Callable[[Any], str]


def assumption_sentences(worth: Mapping[str, Any], per_csm: int | None, money: Money) -> list[str]:
    """Under which assumptions the orders are compared; empty where the run did not write them down.

    Parameters
    ----------
    worth
        The section of params.yaml: margin_share, success_share, kept_months, offer_cost.
    money
        Prints an amount.
    """
    if per_csm is None or any(worth.get(name) is None for name in ("margin_share", "success_share", "kept_months")):
        return []
    cost = float(worth.get("offer_cost") or 0)
    at_a_cost = f", and that working on an account costs {money(cost)}" if cost else ""
    return [
        f"The comparison supposes that each CSM worked on the first {per_csm} accounts of every past list, that "
        f"{percent(worth['success_share'])} of those that left would then have stayed for {worth['kept_months']:g} "
        f"months, at a margin of {percent(worth['margin_share'])}{at_a_cost}.",
        "The share that would have stayed is a guess until your own interventions tell"
        f"{'' if cost else '; it moves all orders alike'}.",
    ]


def gain_sentence(gain: Interval | None, money: Money) -> str:
    """Whether sorting by what acting keeps beats sorting by risk; "" where it was not measured."""
    if gain is None or gain.low is None or gain.high is None:
        return ""
    amount = f"{_more(gain.value, money)} a week ({_more(gain.low, money)} to {_more(gain.high, money)})"
    if gain.low <= 0 <= gain.high:
        return f"{UNKNOWN}: {BY_VALUE} instead of by risk it was {amount}."
    better = "more" if gain.low > 0 else "less"
    return f"A list {BY_VALUE} is worth {better} than one by risk, beyond chance: {amount}."


def _more(amount: float, money: Money) -> str:
    return f"{money(abs(amount))} {'less' if amount < 0 else 'more'}"
