"""What is usual: the median of each feature by segment, kept with the list, and in words beside a fact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from rind.reports.sentences import entries
from rind.reports.wording import is_missing, is_zero, spoken, words_of

ALL = ""
"""Name of all accounts, beside the segments."""
FEWEST_OF_SEGMENT = 10
NONE_IS_USUAL = ("count", "money", "ratio", "days", "hours")
OWN_PAST = re.compile(r"_(?:change|slope|trend)__")
"""Features that are a difference from the account's own past, which is what is usual: 0 is what it was."""


def usual_values(catalogue: pd.DataFrame, values: pd.DataFrame, segments: pd.Series) -> dict[str, dict[str, float]]:
    """The content of usual.json.

    Parameters
    ----------
    catalogue
        One row per feature: name, unit, direction.
    values
        One row per account (index: account_id), one column per feature.
    segments
        Segment of every account (index: account_id).

    Returns
    -------
    dict
        Segment, and `ALL` -> feature that has a direction -> its median; of a flag the share of the accounts for which
        it holds. Segments of fewer than `FEWEST_OF_SEGMENT` accounts, and features without a value, are absent.
    """
    described = entries(catalogue)
    names = [n for n in map(str, values.columns) if _has_direction(described.get(n, {}))]
    numbers = values[names].apply(pd.to_numeric, errors="coerce").astype("float64")
    own = segments.reindex(values.index).astype("object")
    groups = {str(name): own == name for name, size in own.value_counts().items() if size >= FEWEST_OF_SEGMENT}
    return {
        segment: _middles(numbers[chosen], described)
        for segment, chosen in {ALL: pd.Series(True, values.index), **groups}.items()
    }


class Usual:
    """Says what is usual beside a fact; knows nothing where the run wrote none down.

    Parameters
    ----------
    catalogue
        One dictionary per feature: name, unit, direction.
    record
        The content of usual.json.
    """

    def __init__(self, catalogue: list[dict[str, Any]], record: Mapping[str, Mapping[str, float]] | None) -> None:
        self._entries = {str(entry["name"]): entry for entry in catalogue}
        self._record = record or {}

    def gaps(self, feature: str, values: pd.Series, segments: pd.Series) -> pd.Series:
        """How far each account is on the bad side of what is usual; below 0 on its good side, 0 where nobody knows."""
        direction = self._entries.get(feature, {}).get("direction")
        if not direction or _tells_itself(feature):
            return pd.Series(0.0, values.index)
        named = segments.astype("object").where(segments.notna(), ALL)
        usual = {segment: self._of(feature, str(segment))[0] for segment in named.unique()}
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
        return ((numbers - named.map(usual).astype("float64")) * int(direction)).fillna(0.0)

    def words(self, feature: str, value: Any, segment: str | None) -> str:
        """ "41 % is usual in small business"; "" where it is the same, or nobody knows."""
        usual, of = self._of(feature, segment)
        if usual is None or isinstance(value, str) or is_missing(value) or _tells_itself(feature):
            return ""
        unit = str(self._entries.get(feature, {}).get("unit") or "")
        return usual_words(float(value), usual, unit, of) or ""

    def _of(self, feature: str, segment: str | None) -> tuple[float | None, str]:
        """What is usual, and in which segment; that of all accounts where the segment has none."""
        own = self._record.get(segment or ALL, {}).get(feature)
        return (own, segment or ALL) if own is not None else (self._record.get(ALL, {}).get(feature), ALL)


def usual_words(value: float, usual: float, unit: str, segment: str) -> str | None:
    """What is usual beside a value; None where both are written alike.

    Parameters
    ----------
    usual
        The median; of a flag the share of the accounts for which it holds.
    segment
        As the source spells it; `ALL` for all accounts.
    """
    where = words_of(segment)
    if unit == "flag":
        alike = usual if value else 1 - usual
        return f"the same holds for {spoken(alike, 'share')} of {where or 'all'} accounts" if alike < 0.5 else None
    if spoken(value, unit) == spoken(usual, unit):
        return None
    none = is_zero(usual) and unit in NONE_IS_USUAL
    return f"{'none' if none else spoken(usual, unit)} is usual{f' in {where}' if where else ''}"


def _tells_itself(feature: str) -> bool:
    """Whether it is a difference from the account's own past."""
    return OWN_PAST.search(feature) is not None


def _has_direction(entry: Mapping[str, Any]) -> bool:
    direction = entry.get("direction")
    return bool(direction) and not is_missing(direction)


def _middles(numbers: pd.DataFrame, described: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    flags = [name for name in numbers if described[str(name)]["unit"] == "flag"]
    middles = pd.concat([numbers.drop(columns=flags).median(), numbers[flags].mean()]).dropna()
    return {str(name): float(f"{value:.6g}") for name, value in middles.items()}
