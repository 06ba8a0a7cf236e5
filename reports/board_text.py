"""What the sheet for the board says in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rind.common.bands import AMBER, GREEN, RED
from rind.reports.formats import percent

FEWEST_DEPARTURES = 5


def departures_sentence(record: Mapping[str, Any]) -> str:
    """Where those that left stood by the health score; "" where too few left to say so."""
    departures, from_green = record.get("departures") or 0, record.get("from_green")
    if departures < FEWEST_DEPARTURES or from_green is None:
        return ""
    bands: Mapping[str, Any] = record.get("bands") or {}
    rates = [f"{band} lost {percent(bands[band]['left'])}" for band in (RED, AMBER, GREEN) if band in bands]
    return f"{percent(from_green)} of the departures stood in green by your score; {', '.join(rates)}"
