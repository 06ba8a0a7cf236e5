"""Where those that left stood by the health score."""

from __future__ import annotations

import pandas as pd

from rind.models.book.bands_and_departures import bands_and_departures

DAY = pd.Timestamp("2025-01-06")


def rows(*accounts: tuple[str, str, float | None]) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = pd.DataFrame(accounts, columns=["account_id", "health_band", "churned"]).assign(as_of=DAY)
    return frame.assign(churn_probability=0.1).drop(columns="health_band"), frame.drop(columns="churned")


def test_departures_are_told_by_the_band_in_which_they_stood() -> None:
    predictions, health = rows(
        ("a", "green", 1), ("b", "green", 0), ("c", "red", 1), ("d", "amber", 0), ("e", "unknown", 1)
    )
    made = bands_and_departures(predictions, health, 90, 365)
    assert (made["departures"], made["from_green"], made["until"]) == (2, 0.5, "2025-01-06")
    assert {band: (one["accounts"], one["left"]) for band, one in made["bands"].items()} == {
        "green": (2, 0.5), "red": (1, 1.0), "amber": (1, 0.0)
    }  # fmt: skip


def test_a_date_with_an_unknown_outcome_does_not_count() -> None:
    made = bands_and_departures(*rows(("a", "green", 1), ("b", "green", None)), 90, 365)
    assert (made["departures"], made["from_green"], made["bands"]) == (0, None, {})
