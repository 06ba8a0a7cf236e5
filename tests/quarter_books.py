"""Made-up books of many quarters, whose shared fate is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from rind.models.book.settings import BookSettings

SETTINGS = BookSettings(
    months=36, gross_margin=0.8, discount_a_year=0.1, lifetime_months=60, csm_churn_days=365, csm_error_rate=0.05,
    quarters_ahead=2, naive_quarters=4, forecast_draws=400,
)  # fmt: skip
FIRST = pd.Timestamp("2022-01-01")


def book(quarters: int, accounts: int = 200, shock_sd: float = 0.3, seed: int = 0) -> pd.DataFrame:
    """One row per account and quarter: predictions that are right but for a shock of each quarter."""
    rng = np.random.default_rng(seed)
    parts = []
    for n in range(quarters):
        quarter = FIRST + pd.DateOffset(months=3 * n)
        margin = rng.normal(-2.6, 1.0, accounts)
        left = rng.random(accounts) < expit(margin + rng.normal(0, shock_sd))
        mrr = rng.lognormal(6, 1, accounts)
        parts.append(
            pd.DataFrame(
                {
                    "account_id": [f"q{n}a{k:04d}" for k in range(accounts)], "made_on": quarter, "quarter": quarter,
                    "last_day": quarter + pd.DateOffset(months=3) - pd.Timedelta(days=1),
                    "segment": np.where(np.arange(accounts) % 2, "big", "small"), "csm": "Ann", "mrr": mrr,
                    "mrr_up_for_renewal": 0.0, "mrr_leaving": 0.0, "mrr_end": np.where(left, 0.0, mrr),
                    "term_ends_on": pd.NaT, "term_days": np.nan, "churn_probability": expit(margin),
                }
            )
        )  # fmt: skip
    whole = pd.concat(parts, ignore_index=True)
    return whole.assign(term_ends_on=pd.to_datetime(whole["term_ends_on"]), mrr_end_first=whole["mrr_end"])
