"""The moments of a run as tables and charts for a notebook; a run without moments gives empty ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from rind.common.facts.moments import MomentDetail, TrueNorthRecord
from rind.reports.charts import AnyChart
from rind.reports.moment_charts import drawn
from rind.reports.moment_page import behaviour_words, paired

NONE = "this run's search found no moment: there is nothing to draw"
FACTS = (
    "reached",
    "not_reached",
    "outcome_known",
    "retention_reached",
    "retention_not_reached",
    "difference",
    "difference_low",
    "difference_high",
    "adjusted_difference",
    "adjusted_difference_low",
    "adjusted_difference_high",
    "number_needed",
    "coverage",
    "p_value",
    "p_value_confirmed",
)


@dataclass(frozen=True)
class Shown:
    """One moment to look at.

    Parameters
    ----------
    words
        What it is and what became of it, or `NONE`.
    facts
        One row per fact (index) with its value, in the order of `FACTS`; empty without a moment.
    charts
        As of `reports.moment_charts.drawn`; empty without a moment.
    grid, cohorts
        The rows behind two of the charts: one per candidate of the behaviour, the strongest first; one per half-year.
    """

    words: str
    facts: pd.DataFrame
    charts: Mapping[str, AnyChart]
    grid: pd.DataFrame
    cohorts: pd.DataFrame


def found_moments(record: TrueNorthRecord, details: Sequence[MomentDetail]) -> pd.DataFrame:
    """One row per moment that the search found, those that stand first: segment, moment in words, confirmed."""
    rows = [(m["segment"], behaviour_words(m), m["confirmed"]) for m, _ in paired(record, details)]
    return pd.DataFrame(rows, columns=["segment", "moment", "confirmed"])


def searched(record: TrueNorthRecord) -> pd.DataFrame:
    """One row per segment of true_north.json: accounts searched and confirming, retention, candidates, p_value of its
    best candidate in the whole search, smallest_effect that would have been found four times in five."""
    return pd.DataFrame.from_dict(record["segments"], orient="index").rename_axis("segment")


def shown(record: TrueNorthRecord, details: Sequence[MomentDetail], number: int = 0) -> Shown:
    """The moment with that ``number`` in `found_moments`, ready to be looked at."""
    pairs = paired(record, details)
    if not pairs:
        return Shown(NONE, pd.DataFrame(columns=["value"]), {}, pd.DataFrame(), pd.DataFrame())
    moment, detail = pairs[number]
    verdict = "confirmed on later cohorts" if moment["confirmed"] else "not confirmed on later cohorts"
    values: Mapping[str, object] = moment
    facts = pd.DataFrame({"value": {name: values[name] for name in FACTS}}, dtype="float64").rename_axis("fact")
    grid = pd.DataFrame(detail["surface"]).sort_values("adjusted", ascending=False, ignore_index=True)
    return Shown(
        f"{moment['segment']}: {behaviour_words(moment)}: {verdict}",
        facts,
        drawn(detail),
        grid,
        pd.DataFrame(detail["cohorts"]),
    )
