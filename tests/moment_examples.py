"""A confirmed moment and its page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from rind.reports.moment_page import render_moments

MOMENT: dict[str, Any] = {
    "segment": "mid_market", "feature": "shared_report", "measure": "users", "count": 5, "within_days": 30,
    "reached": 60, "not_reached": 70, "outcome_known": 120, "retention_reached": 0.86, "retention_not_reached": 0.65,
    "difference": 0.2, "difference_low": 0.1, "difference_high": 0.3, "adjusted_difference": 0.18,
    "adjusted_difference_low": 0.05, "adjusted_difference_high": 0.3, "number_needed": 5.0, "coverage": 0.5,
    "p_value": 0.01, "p_value_confirmed": 0.002, "confirmed": True,
    "plateau": {"count_from": 4, "count_to": 6, "within_days": [14, 30]}, "count_interval": {"low": 4, "high": 6},
}  # fmt: skip
DETAIL: dict[str, Any] = {
    "segment": "mid_market", "count": 5, "within_days": 30,
    "surface": [{"count": k, "within_days": d, "z": 2.0, "adjusted": 1.5 + k / 10} for k in (4, 5) for d in (14, 30)],
    "curves": [
        {"reached": side, "day": day, "retention": share, "low": share - 0.1, "high": share, "at_risk": 50}
        for side, share in ((True, 0.9), (False, 0.7)) for day in (30, 365)
    ],
    "cohorts": [{"cohort": "2024-01-01", "difference": 0.2, "low": 0.1, "high": 0.3}],
}  # fmt: skip


def page(**changes: Any) -> str:
    young = {
        "account_id": "x", "as_of": pd.Timestamp("2026-06-28"), "adoption_probability": 0.61, "age_days": 20,
        "next_step": "2 more users on shared report before 8 Jul 2026", "segment": "mid_market", "csm": None,
        "progress": "3 of 5", "days_left": 10, "status": "at risk",
    }  # fmt: skip
    found = {"words": "something", "freshness": [], "moments": [MOMENT | changes], "rejected": []}
    return render_moments("A & B", date(2026, 6, 28), found, [DETAIL], pd.DataFrame([young]), {"x": "<Acme>"})
