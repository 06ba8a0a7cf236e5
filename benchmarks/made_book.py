"""A made-up book of business for `benchmarks.made_results`: numbers of customer success; the figures mean nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from rind.features.book.movements import month_after
from rind.reports.kpi_text import METRICS

MONTHS = 26
SIZES = {"money": 1e6, "arr": 8e4, "percent": 1.0, "number": 60, "score": 5, "times": 3}


def made_kpis(rng: np.random.Generator, segments: Sequence[str], csms: Sequence[str], as_of: date) -> pd.DataFrame:
    """kpis.parquet: every metric of every month, segment and CSM."""
    keys = [(segment, csm, "all") for segment in ("all", *segments) for csm in ("all", *csms)]
    keys += [("all", "all", "gold")]
    months = [month_after(as_of.replace(day=1), -n) for n in range(MONTHS, 0, -1)]
    frame = pd.DataFrame(
        [(month, *key, name) for month in months for key in keys for name in ("mrr_start", "mrr_end", *METRICS)],
        columns=["month", "segment", "csm", "plan", "metric"],
    )
    sizes = [SIZES[METRICS[name].kind] if name in METRICS else 9e4 for name in frame["metric"]]
    value = np.array(sizes) * rng.uniform(0.4, 0.9, len(frame))
    return frame.assign(month=pd.to_datetime(frame["month"]), value=value, numerator=value, denominator=1.0)


def made_kpi_notes(csms: Sequence[str], as_of: date) -> dict[str, Any]:
    """kpi_notes.json: the first CSM's book is marked."""
    book = {"accounts": 100, "left": 9, "rate": 0.09, "expected": 0.05, "low": 0.01, "high": 0.1}
    compared = [
        {"csm": csm, **book, "p_value": 0.01 if not n else 1.0, "beyond_chance": not n} for n, csm in enumerate(csms)
    ]
    return {
        "months": [], "partial_from": str(month_after(as_of.replace(day=1), -1)), "essential_from_nps": False,
        "notes": ["Made up."], "churn_by_csm": compared, "compared_until": "2026-03-02", "horizon_days": 90,
    }  # fmt: skip
