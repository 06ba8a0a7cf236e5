"""Made-up advocates and voices for `benchmarks.made_results`; they mean nothing."""

from __future__ import annotations

from datetime import date
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


def made_voice_texts(listed: pd.DataFrame, as_of: date) -> dict[str, Any]:
    """voice_texts.json: a topic a source, each with a sentence of every sixth account, and green departures."""
    rows = records(listed[["account_id", "name", "csm"]])
    figures = {
        "texts": 40, "accounts": 20, "customers": 18, "mrr": 9000.0, "mrr_at_risk": 900.0, "risk": 0.11,
        "risk_against_comparable": 0.04, "low": 0.01, "high": 0.07, "beyond_chance": True, "texts_last_quarter": 12,
        "texts_quarter_before": 5, "movement": "rises",
    }  # fmt: skip
    sources = ("survey", "departure", "request")
    sentences = [
        row | {"topic": "T1", "source": source, "said_on": str(as_of), "text": f"Slow, says {row['name']}"}
        for source in sources
        for row in rows[::6]
    ]
    reason = {"reason": "price", "departures": 3, "flagged": 1, "mrr": 900.0, "silent": 1, "families": {"usage": 2}}
    left = {"left_on": str(as_of), "health_score": 80.0, "caught": True, "told_family": "usage", "mrr": 300.0,
            "reason": "price", "competitor": ""}  # fmt: skip
    return {
        "topics": [{"topic": "T1", "words": "slow, pages", "source": source} | figures for source in sources],
        "sentences": sentences,
        "post_mortem": {"reasons": [reason], "departures": 3,
                        "accounts": [row | left | {"comment": f"Too dear for {row['name']}"} for row in rows[::7]]},
        "notes": ["Made up."],
    }  # fmt: skip


def made_personas() -> dict[str, Any]:
    """personas.json: one rule that stands and one that does not."""
    figures = {"accounts": 120, "rate": 0.2, "low": 0.14, "high": 0.28, "elsewhere": 0.08, "p_value": 0.01}
    row = {"group": "churned", "known": "signing", "conditions": []} | figures
    searched = {"group": "churned", "known": "signing", "searched": 300, "confirmed_on": 200, "rate": 0.1, "rules": 90}
    personas = [
        row | {"rule": "Seats below 5", "confirmed": False},
        row | {"rule": "Industry is media", "confirmed": True},
    ]
    return {"personas": personas, "groups": [searched], "notes": ["Made up."]}
