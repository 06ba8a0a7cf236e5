"""A fact of an account beside what is usual: its own past, or the median of its segment."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from rind.reports.sentences import Speaker, entries
from rind.reports.usual import FEWEST_OF_SEGMENT, OWN_PAST, usual_words
from rind.reports.wording import is_missing

ALL_OF = re.compile(r"\b(\d+) of \1(?!\d)")
"""All that there are, "2 of 2 contacts", are not too few, though 5 are usual."""
SINGLE = frozenset({"contacts__single_threaded__now"})
"""What is so of every account with one seat."""
UNMOVED = re.compile(r"\bstayed at\b|\bby (?:0|under 1)\b|\bfrom (\S+) to \1(?!\S)|no value now|no earlier value")


def contradicts(feature: str, value: Any, direction: int, push: float) -> bool:
    """Whether a change since its own past would be told against what it can mean: of a reply rate that rose, as a risk.

    Such a value moves the score beside other accounts, whose reply rate rose more.
    """
    if not direction or not OWN_PAST.search(feature) or not isinstance(value, int | float) or is_missing(value):
        return False
    return direction * value * push < 0


class Benchmarks:
    """Words facts of one cohort.

    Parameters
    ----------
    speaker
        Of the catalogue and the accounts.
    catalogue
        One row per feature: name, unit, direction.
    values
        One row per account (index: account_id), one column per feature.
    segments
        Segment of every account (index: account_id). A segment of fewer than ten accounts, or none, is compared with
        all accounts.
    beyond_usual
        Share of the segment's accounts that lie between an account and the median, at least, for its fact to be told.
    """

    def __init__(
        self, speaker: Speaker, catalogue: pd.DataFrame, values: pd.DataFrame, segments: pd.Series, beyond_usual: float
    ) -> None:
        self._speaker, self._beyond = speaker, beyond_usual
        self._entries = entries(catalogue)
        own = segments.reindex(values.index).astype("object")
        self._segments = own.where(own.groupby(own).transform("size") >= FEWEST_OF_SEGMENT, "").fillna("")
        numbers = values[[c for c in values if self._direction(str(c))]].apply(pd.to_numeric, errors="coerce")
        groups = numbers.astype("float64").groupby(self._segments.to_numpy())
        self._columns = {str(name): n for n, name in enumerate(numbers.columns)}
        self._values = numbers.to_numpy("float64")
        self._median = groups.transform("median").to_numpy("float64")
        self._rank = groups.rank(pct=True).to_numpy("float64")
        self._mean = groups.transform("mean").to_numpy("float64")

    def sentence(self, position: int, feature: str, worse: bool) -> str | None:
        """The fact, and what is usual.

        None where the feature has no direction or the account no value; where the fact is not worse (with ``worse``
        false: not better) than usual; where the difference rounds away; or where the account is too small for more.
        """
        column, sign = self._columns.get(feature), self._direction(feature) * (1 if worse else -1)
        if column is None or np.isnan(self._values[position, column]):
            return None
        if sign * (self._rank[position, column] - 0.5) < self._beyond:
            return None
        if feature in SINGLE and self._speaker.has_one_seat(position):
            return None
        text = self._speaker.fact(position, feature).text
        if worse and self._direction(feature) < 0 and ALL_OF.search(text):
            return None
        if OWN_PAST.search(feature):
            moved = sign * self._values[position, column] > 0
            return text if moved and not UNMOVED.search(text) else None
        usual = self._usual(position, column, feature, sign)
        return None if usual is None or UNMOVED.search(text) else f"{text}; {usual}"

    def _usual(self, position: int, column: int, feature: str, sign: int) -> str | None:
        value, usual = self._values[position, column], self._median[position, column]
        segment, unit = str(self._segments.iloc[position]), str(self._entries[feature]["unit"])
        if unit == "flag":
            return usual_words(value, self._mean[position, column], unit, segment)
        return usual_words(value, usual, unit, segment) if sign * (value - usual) > 0 else None

    def _direction(self, feature: str) -> int:
        direction: Any = self._entries.get(feature, {}).get("direction") or 0
        return 0 if is_missing(direction) else int(direction)
