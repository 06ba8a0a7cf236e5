"""Risk bands: where red and amber begin, as multiples of the base rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from rind.common.bands import AMBER, GREEN, RED


@dataclass(frozen=True)
class Bands:
    """Risk bands: red from ``red_from`` on, amber from ``amber_from`` on, green below (probabilities)."""

    red_from: float
    amber_from: float

    def __post_init__(self) -> None:
        if not 0 < self.amber_from <= self.red_from <= 1:
            raise ValueError(
                f"risk bands want 0 < amber_from <= red_from <= 1, got amber_from={self.amber_from}, "
                f"red_from={self.red_from}"
            )


def bands_around(base_rate: float, red_times_base: float, amber_times_base: float, red_at_most: float) -> Bands:
    """Bands that begin at multiples of the base rate; red begins at ``red_at_most`` at the latest."""
    red = min(red_times_base * base_rate, red_at_most)
    return Bands(red_from=red, amber_from=min(amber_times_base * base_rate, red))


def risk_bands(probabilities: pd.Series, bands: Bands) -> pd.Series:
    """The band of each probability: "red", "amber" or "green"; same index, named ``risk_band``."""
    names = pd.Series(GREEN, index=probabilities.index, name="risk_band", dtype="str")
    names[probabilities >= bands.amber_from] = AMBER
    names[probabilities >= bands.red_from] = RED
    return names


def base_rate(labels: pd.DataFrame, last_known: date, where_none_left: float) -> float:
    """Share of the snapshots that left, of those whose outcome was known on the scoring date.

    Parameters
    ----------
    labels
        One row per (account_id, as_of): as_of, churned (1/0/NaN) as known on the scoring date.
    last_known
        The last date whose outcomes were all known then.
    where_none_left
        The answer where nobody has left yet.
    """
    rate = float(labels.loc[labels["as_of"] <= pd.Timestamp(last_known), "churned"].mean())
    return rate if rate > 0 else where_none_left
