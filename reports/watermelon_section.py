"""What the page says of watermelons: their record beside simple rules, and the green churn that was missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rind.common.facts.watermelons import RuleFigures, WatermelonFigures, by_rule, figure_of
from rind.reports.formats import NO_BREAK, percent
from rind.reports.sentences import sentences
from rind.reports.templating import NOTHING

RULES = {
    "watermelon": "Watermelon flags",
    "random_green": "Green accounts drawn at random",
    "lowest_health": "Lowest health among the green",
    "probability_only": "Highest probability, whatever the health",
}
FIGURES = ("precision", "recall", "recall_within_30_days", "recall_within_60_days", "accounts_recall", "mrr_covered")
MOST_MISSED = 12
NO_TABLE = "no table spoke: a new one would have to"


def baselines(record: WatermelonFigures) -> list[dict[str, str]]:
    """One row per rule, as texts: rule, `FIGURES` with intervals, lead_time_days; nothing where none was measured."""
    if record.get("base_rate") is None:
        return []
    return [
        {"rule": RULES.get(name, name), **{f: _figure(of, f) for f in FIGURES}, "lead_time_days": _days(of)}
        for name, of in by_rule(record).items()
    ]


def missed(
    gone: pd.DataFrame,
    values: pd.DataFrame,
    catalogue: pd.DataFrame,
    names: Mapping[Any, str],
    tables: Mapping[str, str],
) -> dict[str, Any]:
    """The green churn that no flag foretold.

    Parameters
    ----------
    gone
        Of `models.watermelons.green_churn.post_mortem`.
    values
        The features of the same rows: account_id, as_of and one column per feature.
    catalogue
        Of the features.
    names
        account_id -> name.
    tables
        Family -> the tables that it needs.

    Returns
    -------
    dict
        ``departures``, ``count`` (missed); ``tables``: which tables would have told, most frequent first, with how
        many; ``rows``: the latest ones, each with name, day, days_ahead, health, risk, known, nearest, told.
    """
    lost = gone[~gone["caught"].astype(bool)].reset_index(drop=True)
    warning_tables = lost["told_family"].map(lambda family: tables.get(family, family) if family else NO_TABLE)
    counts = [{"tables": str(name), "count": int(n)} for name, n in warning_tables.value_counts().items()]
    shown = lost.head(MOST_MISSED)
    known = _known(shown, values, catalogue)
    rows = [
        {
            "name": names.get(row["account_id"], "") or str(row["account_id"]),
            "day": row["as_of"],
            "left_on": row["left_on"],
            "days_ahead": int(row["days_ahead"]),
            "health": row["health_score"],
            "risk": row["churn_probability"],
            "highest": row["highest_probability"],
            "known": known[place],
            "nearest": names.get(row["nearest_flagged"], row["nearest_flagged"]) if row["nearest_flagged"] else "",
            "told": warning_tables[place],
        }
        for place, row in enumerate(shown.to_dict("records"))
    ]
    return {"departures": len(gone), "count": len(lost), "tables": counts, "rows": rows}


def _known(shown: pd.DataFrame, values: pd.DataFrame, catalogue: pd.DataFrame) -> list[list[str]]:
    """Sentences of the features that pushed each account up most."""
    if shown.empty:
        return []
    cells = values.merge(shown[["account_id", "as_of"]], on=["account_id", "as_of"], how="right").reset_index(drop=True)
    cells_to_say = [
        (place, row[f"push_{n}"])
        for place, row in enumerate(shown.to_dict("records"))
        for n in (1, 2)
        if row.get(f"push_{n}") and row[f"push_{n}"] in cells
    ]
    texts = sentences(catalogue, cells, pd.DataFrame(cells_to_say, columns=["account_id", "feature"]))
    by_row: list[list[str]] = [[] for _ in range(len(shown))]
    for (place, _), text in zip(cells_to_say, texts, strict=True):
        by_row[place].append(str(text))
    return by_row


def _figure(of: RuleFigures, name: str) -> str:
    value, limits = figure_of(of, name)
    if value is None:
        return NOTHING
    share = percent(value)
    if not limits:
        return share
    whole = f"({percent(limits['low'])} to {percent(limits['high'])})".replace(" ", NO_BREAK)
    return f"{share} {whole}"


def _days(of: RuleFigures) -> str:
    value = of.get("lead_time_days")
    return NOTHING if value is None else f"{value:.0f}"
