"""Departures expected and seen, part by part, as the model page shows them."""

from __future__ import annotations

from rind.reports.calibration_text import CalibrationLine, calibration_line
from rind.reports.wording import capitalised, words_of
from rind.serving.store.protocols import Week
from rind.serving.views.documents import listed_objects, mapping_of


def calibration_lines(week: Week) -> list[CalibrationLine]:
    """All accounts, the latest date, each segment, each further horizon: as far as this week holds them."""
    counted = mapping_of(week.document("metrics"), "calibration")
    parts = {"All accounts": mapping_of(counted, "all"), "On the latest date": mapping_of(counted, "latest")}
    segments = mapping_of(counted, "segments")
    parts |= {capitalised(words_of(name)): mapping_of(segments, name) for name in segments}
    for part in listed_objects(week.document("horizon_figures"), "horizons"):
        parts[f"Within {part.get('days')} days"] = mapping_of(part, "counted")
    return [line for name, part in parts.items() if (line := calibration_line(name, part)) is not None]
