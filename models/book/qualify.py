"""Score prospects by the rules that were confirmed on what is known before signing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rind.models.book.traits import from_records, holds


def qualified(prospects: pd.DataFrame, personas: Sequence[Mapping[str, Any]], groups: Sequence[str]) -> pd.DataFrame:
    """The prospects with what the confirmed rules say of them.

    Parameters
    ----------
    prospects
        One row per prospect, with any of the traits that are known at signing (`features.book.signing.TRAITS`).
    personas
        Those of personas.json.
    groups
        Which are told.

    Returns
    -------
    pandas.DataFrame
        The rows as they came, and for each group <group>_rate: share of past accounts under the rule that fits and has
        the highest rate, and <group>_rule: that rule; both empty where no confirmed rule fits.
    """
    made = prospects.copy()
    for group in groups:
        rate, rule = np.full(len(made), np.nan), np.full(len(made), "", dtype=object)
        for persona in _confirmed(personas, group):
            fits = holds(from_records(persona["conditions"]), prospects) & ~(rate >= persona["rate"])
            rate[fits], rule[fits] = persona["rate"], persona["rule"]
        made[f"{group}_rate"], made[f"{group}_rule"] = rate, rule
    return made


def _confirmed(personas: Sequence[Mapping[str, Any]], group: str) -> list[Mapping[str, Any]]:
    return [p for p in personas if p["group"] == group and p["confirmed"] and p["known"] == "signing"]
