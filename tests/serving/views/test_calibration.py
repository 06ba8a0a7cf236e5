from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rind.serving.views.calibration import calibration_lines

PART = {"accounts": 300, "dates": [], "expected": 41.2, "left": 38, "low": 30, "high": 52, "verdict": "usual"}


def test_all_parts_that_the_week_holds_are_shown_in_order_and_no_others() -> None:
    documents = {
        "metrics": {"calibration": {"all": PART, "latest": None, "segments": {"small_business": PART}}},
        "horizon_figures": {"horizons": [{"days": 30, "counted": PART}, {"days": 180}]},
    }
    week: Any = SimpleNamespace(document=documents.get)
    assert [line.name for line in calibration_lines(week)] == ["All accounts", "Small business", "Within 30 days"]
    nothing: Any = SimpleNamespace(document=lambda _: None)
    assert calibration_lines(nothing) == []
