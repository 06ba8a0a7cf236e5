"""When an account leaves: its probabilities of other horizons beside what is usual, and what they were worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rind.reports.facts import Interval
from rind.serving.store.protocols import Week
from rind.serving.views.documents import listed_objects, mapping_of

HORIZONS = {
    "probability_30d": "leaves within 30 days",
    "probability_180d": "leaves within 180 days",
    "probability_365d": "leaves within a year",
    "renewal_probability": "stays past the end of the term",
}
"""Column of the list -> what it is the probability of."""
FIGURES = {"auc": "Ranking (AUC)", "calibration_slope": "Calibration slope"}


class Outlook(NamedTuple):
    """One probability of an account, 0 to 1, and the median of all accounts that have one."""

    words: str
    value: float
    usual: float | None


def outlook(row: Mapping[str, Any], median: Callable[[str], float | None]) -> list[Outlook]:
    """The probabilities that are known of an account, in order of time; ``median``: of a column of the list."""
    return [
        Outlook(words, float(row[column]), median(column))
        for column, words in HORIZONS.items()
        if row.get(column) is not None
    ]


def horizon_figures(week: Week) -> list[dict[str, Any]]:
    """The rows of the model page's table of horizons: name, rows, churned_accounts, figures, score; perhaps none."""
    record = week.document("horizon_figures")
    parts = [(f"{part.get('days')} days", part) for part in listed_objects(record, "horizons")]
    parts.append(("not renewed at the end of the term", mapping_of(record, "renewal")))
    return [
        {
            "name": name, "rows": part.get("rows"), "churned_accounts": part.get("churned_accounts"),
            "figures": {key: Interval.of((part.get("model") or {}).get(key)) for key in FIGURES},
            "score": Interval.of((part.get("score") or {}).get("auc")),
        }
        for name, part in parts
        if part.get("model")
    ]  # fmt: skip
