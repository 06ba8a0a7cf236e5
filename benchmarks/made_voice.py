"""Made-up advocates and voices for `benchmarks.made_results`; they mean nothing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rind.reports.tables import records


def made_advocates(listed: pd.DataFrame) -> dict[str, Any]:
    """advocates.json: every fourth account is to be asked, every fifth to be offered more."""
    rows = records(listed[["account_id", "name", "segment", "csm", "mrr"]])
    accounts = [
        row | {"kind": kind, "score": 0.5, "reason": f"90 % of the seats in use, by {row['name']}"}
        for kind, every in (("advocate", 4), ("expansion", 5))
        for row in rows[::every]
    ]
    return {"accounts": accounts, "rules": {"advocate": "Promoters of 50 %.", "expansion": "Full seats."}}
