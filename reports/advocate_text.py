"""Why an account is ready to be asked for a reference, or to be offered more, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rind.reports.formats import NOTHING, percent

Facts = Mapping[Any, Any]


def reason(row: Facts) -> str:
    """The facts of one row of `models.book.advocates.ready_accounts`, each beside what is usual in its segment."""
    return _of_advocate(row) if row["kind"] == "advocate" else _of_expansion(row)


def _of_advocate(row: Facts) -> str:
    facts = [
        f"answered NPS with {_number(row['nps'])} of 10 {_ago(row['nps_days'])}{_usual(row, 'nps', _number)}",
        f"churn risk {_small(row['churn_probability'])}{_usual(row, 'churn_probability', _small)}",
        f"{percent(_value(row['use']))} of the seats at work in four weeks{_usual(row, 'use', percent)}",
        f"in two-way contact {_ago(row['contact_days'])}" if _known(row["contact_days"]) else "",
        "never a watermelon in the reported past",
    ]
    return _sentence(facts)


def _of_expansion(row: Facts) -> str:
    features, seats, chance = (row[name] for name in ("higher_features", "seats_used", "expansion_probability"))
    facts = [
        f"{percent(_value(seats))} of the seats in use{_usual(row, 'seats_used', percent)}" if _known(seats) else "",
        f"used {_count(int(features), 'feature')} of a dearer plan" if _known(features) and features > 0 else "",
        f"probability of expansion {_small(chance)}{_usual(row, 'expansion_probability', _small)}"
        if _known(chance) else "",
        f"churn risk {_small(row['churn_probability'])}{_usual(row, 'churn_probability', _small)}",
    ]  # fmt: skip
    return _sentence(facts)


def rules(settings: Any) -> dict[str, str]:
    """Kind -> what an account must show to be listed."""
    s = settings
    return {
        "advocate": (
            f"Last NPS answer of the past {s.nps_days} days at {_number(s.promoter_from)} or more; green, and among "
            f"the safest {percent(s.safest_share)} and the most active {percent(s.most_active_share)} of its segment; "
            f"two-way contact within {s.contact_days} days; a customer for {s.youngest_days} days; never a watermelon; "
            f"no survey for {s.survey_rest_days} days, no request for a reference for {s.reference_rest_days} days; "
            "no notice."
        ),
        "expansion": (
            f"{percent(s.seats_used_from)} of the seats in use, or {_count(s.higher_features_from, 'feature')} of a "
            f"dearer plan used within {s.higher_use_days} days; not red; no notice; where the probability of expansion "
            f"is known, {s.times_usual_expansion:g} times the mean or more."
        ),
    }


def _sentence(facts: list[str]) -> str:
    text = "; ".join(fact for fact in facts if fact)
    return f"{text[:1].upper()}{text[1:]}"


def _usual(row: Facts, name: str, written: Any) -> str:
    value = row[f"usual_{name}"]
    return f" (usual {written(value)})" if _known(value) else ""


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def _value(value: Any) -> float | None:
    return float(value) if _known(value) else None


def _small(value: Any) -> str:
    return percent(float(value), 1) if _known(value) else NOTHING


def _number(value: Any) -> str:
    return f"{float(value):.3g}" if _known(value) else NOTHING


def _ago(days: Any) -> str:
    return f"{_count(int(days), 'day')} ago" if _known(days) else "on an unknown day"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
