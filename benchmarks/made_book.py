"""A made-up book of business for `benchmarks.made_results`: numbers and forecasts; the figures mean nothing."""

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
        "bands_and_departures": {
            "departures": 40, "from_green": 0.65, "until": "2026-03-02",
            "bands": {"red": {"accounts": 90, "left": 0.08}, "amber": {"accounts": 90, "left": 0.09}},
        },
    }  # fmt: skip


def made_forecast(rng: np.random.Generator, segments: Sequence[str], csms: Sequence[str], as_of: date) -> pd.DataFrame:
    """forecast.parquet: the last six quarters, the present one and the next two, of which four are over."""
    present = date(as_of.year, 3 * ((as_of.month - 1) // 3) + 1, 1)
    past = [month_after(present, -3 * n) for n in range(6, -1, -1)]
    made = [(day, day) for day in past] + [(as_of, month_after(present, 3 * n)) for n in range(3)]
    return _made_rows(rng, segments, csms, made, 4, "quarter")


def made_forecast_months(
    rng: np.random.Generator, segments: Sequence[str], csms: Sequence[str], as_of: date
) -> pd.DataFrame:
    """forecast_months.parquet: three months of a quarter that is over, and the next eight."""
    past = month_after(as_of.replace(day=1), -6)
    made = [(past, month_after(past, n)) for n in range(3)]
    made += [(as_of, month_after(as_of.replace(day=1), n)) for n in range(8)]
    return _made_rows(rng, segments, csms, made, 3, "month")


def _made_rows(
    rng: np.random.Generator, segments: Sequence[str], csms: Sequence[str], made: Sequence[tuple[date, date]],
    over: int, period: str,
) -> pd.DataFrame:  # fmt: skip
    """One row per day, period and group; the first ``over`` periods are over."""
    groups = [("all", "all"), *((name, "all") for name in segments), *(("all", name) for name in csms)]
    rows = []
    for place, (made_on, first_day) in enumerate(made):
        for segment, csm in groups:
            arr = float(rng.uniform(4e6, 6e6))
            rows.append(
                {
                    "made_on": made_on, period: first_day, "segment": segment, "csm": csm, "accounts": 40.0,
                    "arr": arr, "arr_up_for_renewal": (0.25 + 0.01 * place) * arr, "expected_to_renew": 0.23 * arr,
                    "expected_to_contract": 0.05 * arr, "expected_to_expand": 0.1 * arr,
                    "arr_leaving": 0.04 * arr, "arr_contraction": 0.01 * arr, "arr_expansion": 0.02 * arr,
                    "arr_at_risk": 0.05 * arr, "arr_expected": 0.97 * arr, "low": 0.95 * arr, "high": 0.99 * arr,
                    "grr": 0.95, "nrr": 0.97, "arr_naive": 0.96 * arr,
                    "arr_actual": 0.965 * arr if place < over else None,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    days = {name: pd.to_datetime(frame[name]) for name in ("made_on", period)}
    return frame.assign(**days, arr_actual=frame["arr_actual"].astype("float64"))


def made_record() -> dict[str, Any]:
    """forecast_record.json of `made_forecast`."""
    return {
        "quarters": 4, "compared": 4, "error": 0.005, "bias": 0.005, "covered": 4, "compared_error": 0.005,
        "naive_error": 0.005, "naive_bias": -0.005, "better": "cannot_tell", "by_quarter": [],
        "months": 3, "months_error": 0.004, "months_bias": 0.0, "months_covered": 3,
        "words": ["Made up."], "notes": ["Made up as well."], "commitments": made_commitments(),
    }  # fmt: skip


def made_commitments() -> list[dict[str, Any]]:
    """The part commitments of forecast_record.json: a quarter of the company and of one CSM."""
    return [
        {"quarter": "2026-01-01", "csm": csm, "category": category, "accounts": 10 * n, "arr": 50_000.0 * n,
         "arr_actual": 50_000.0 * n * kept, "kept": kept, "kept_by_model": model}
        for csm, n in (("all", 4), ("Amara Okafor", 1))
        for category, kept, model in (("commit", 0.96, 0.94), ("best_case", 0.8, 0.9), ("none", 0.9, None))
    ]  # fmt: skip


def made_effects() -> dict[str, Any]:
    """effects.json: a playbook that helps, and one that cannot be judged."""
    helps = {
        "playbook": "support_sprint", "accounts": 210, "starts": 260, "comparable": 900, "effect": -0.04, "low": -0.07,
        "high": -0.012, "p_value": 0.01, "rate": 0.08, "rate_expected": 0.12, "raw": 0.03, "rate_untreated": 0.05,
        "risk": 0.13, "risk_untreated": 0.05, "dropped": 0.02, "placebo": 0.001, "placebo_p": 0.6, "verdict": "helps",
        "overlap": [
            {"low": 0.0, "high": 1.0, "treated": 60, "comparable": 1500},
            {"low": 1.0, "high": None, "treated": 200, "comparable": 500},
        ],
        "reason": "", "mrr_saved": 900.0, "mrr_saved_low": 200.0, "mrr_saved_high": 1500.0, "cost": 4000.0, "roi": 1.7,
        "changes": [
            {"outcome": "active_days", "accounts": 200, "comparable": 850, "effect": 0.21, "low": 0.05, "high": 0.37,
             "p_value": 0.02, "direction": "up", "reason": ""},
            {"outcome": "mrr", "accounts": 205, "comparable": 860, "effect": None, "low": None, "high": None,
             "p_value": None, "direction": "cannot_tell", "reason": "too_few"},
        ],
    }  # fmt: skip
    unknown = dict.fromkeys(helps) | {
        "playbook": "training", "accounts": 12, "starts": 12, "comparable": 100, "verdict": "cannot_tell",
        "reason": "too_few", "overlap": [], "raw": -0.02, "risk": 0.1,
    }  # fmt: skip
    return {
        "effects": [helps, unknown], "horizon_days": 90, "started_from": "2024-01-01", "started_until": "2026-02-27",
        "not_judged": 40, "words": ["Support sprint helps.", "Training: cannot be told."],
    }  # fmt: skip
