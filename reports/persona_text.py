"""Rules of those who leave and those who stay, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rind.reports.formats import MONTHS_A_YEAR
from rind.reports.wording import words_of

GROUPS = {"churned": "Accounts that left", "nice_to_have": "Nice to have", "essential": "Essential"}
KNOWN = {"signing": "known at signing", "first_90_days": "seen in the first 90 days"}
TRAITS = {"term_days": "days of the first term", "mrr": "ARR"}
LINKS = {"is": "is", "at_least": "at least", "below": "below"}


def rule_words(conditions: Sequence[Mapping[str, Any]]) -> str:
    """Segment is small business and employees below 40."""
    words = [_condition(condition) for condition in conditions]
    text = " and ".join(words)
    return f"{text[:1].upper()}{text[1:]}"


def _condition(condition: Mapping[str, Any]) -> str:
    trait, value = str(condition["trait"]), condition["value"]
    value = MONTHS_A_YEAR * value if trait == "mrr" else value
    name = TRAITS.get(trait, trait.replace("_", " ").replace(":", " of "))
    shown = words_of(value) if isinstance(value, str) else f"{float(value):,.6g}"
    return f"{name} {LINKS[str(condition['kind'])]} {shown}"


def persona_notes(days: int, grace_days: int, standing: int) -> list[str]:
    """What a reader of the rules must know."""
    notes = [
        f"Left: a customer at the start of the {days} days that ended {grace_days} days before the scoring date, and "
        "none at their end. Nice to have and essential: by the latest answer in those days; where nobody was asked, by "
        "NPS.",
        "Rules are searched on earlier sign-ups and tested once on later ones, corrected for all that was tried. The "
        "figures are those of the later sign-ups. A rule is a marker, and no proof of a cause. Segment, industry, "
        "region and employees are those of today.",
    ]
    return notes if standing else ["No rule is confirmed: no trait separates these accounts beyond chance.", *notes]
