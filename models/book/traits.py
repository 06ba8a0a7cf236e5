"""Conditions on what is known of an account, and rules of one or two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Kind = Literal["is", "at_least", "below"]
Bools = npt.NDArray[np.bool_]
QUANTILES = (0.25, 0.5, 0.75)
MOST_LEVELS = 12
DIGITS = 2
"""Limits of numbers are rounded to so many digits: nobody remembers 17.83."""


@dataclass(frozen=True, order=True)
class Condition:
    """One condition: a trait is a value, is at least a number, or is below it."""

    trait: str
    kind: Kind
    value: str | float

    def holds(self, traits: pd.DataFrame) -> Bools:
        """(rows,) whether it holds; not where the trait is unknown."""
        if self.trait not in traits:
            return np.zeros(len(traits), dtype=bool)
        column = traits[self.trait]
        if self.kind == "is":
            return np.asarray(column.astype("str").where(column.notna(), "") == self.value, dtype=bool)
        numbers = pd.to_numeric(column, errors="coerce").to_numpy("float64", na_value=np.nan)
        limit = float(self.value)
        return np.asarray(numbers >= limit if self.kind == "at_least" else numbers < limit, dtype=bool)


Rule = tuple[Condition, ...]
"""All of its conditions hold."""


def holds(rule: Rule, traits: pd.DataFrame) -> Bools:
    """(rows,) whether all conditions hold."""
    return np.asarray(np.logical_and.reduce([condition.holds(traits) for condition in rule]), dtype=bool)


def conditions(traits: pd.DataFrame, fewest: int) -> list[Condition]:
    """The conditions to try: values of texts, and round limits near the quartiles of numbers.

    Parameters
    ----------
    traits
        One row per account, one column per trait.
    fewest
        Accounts for which a condition must hold, and for which it must not.
    """
    tried: list[Condition] = []
    for name in sorted(traits.columns):
        column = traits[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            tried += [Condition(name, kind, limit) for limit in _limits(column) for kind in ("at_least", "below")]
        else:
            levels = column.dropna().astype("str").value_counts().sort_index(kind="stable")
            common = levels.sort_values(ascending=False, kind="stable").index[:MOST_LEVELS]
            tried += [Condition(name, "is", str(level)) for level in common if level]
    return [condition for condition in tried if fewest <= condition.holds(traits).sum() <= len(traits) - fewest]


def _limits(column: pd.Series) -> list[float]:
    numbers = column.astype("float64").dropna()
    if numbers.empty:
        return []
    rounded = [float(f"{value:.{DIGITS}g}") for value in numbers.quantile(list(QUANTILES))]
    return sorted(set(rounded))


def rules(traits: pd.DataFrame, fewest: int) -> list[Rule]:
    """Rules of one condition, and of two conditions on different traits, each of at least ``fewest`` accounts."""
    single = conditions(traits, fewest)
    masks = [condition.holds(traits) for condition in single]
    pairs = [
        (single[one], single[other])
        for one, other in combinations(range(len(single)), 2)
        if single[one].trait != single[other].trait and (masks[one] & masks[other]).sum() >= fewest
    ]
    return [*((condition,) for condition in single), *pairs]


def as_records(rule: Rule) -> list[dict[str, Any]]:
    """For JSON."""
    return [{"trait": c.trait, "kind": c.kind, "value": c.value} for c in rule]


def from_records(records: Sequence[Mapping[str, Any]]) -> Rule:
    """The rule that `as_records` wrote."""
    return tuple(Condition(str(r["trait"]), r["kind"], r["value"]) for r in records)
