"""A company whose tickets, and nothing else, decide how soon an account leaves; and what is proposed for its health."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from rind.common.facts.health import HealthRecord
from rind.common.families import FAMILIES
from rind.models.common.frames import SEGMENT
from rind.models.health.score import HealthSpec
from rind.models.health.tuning import HealthProposal, moves_record, tune
from rind.pipelines.params import load
from rind.pipelines.stages import tune_health
from rind.reports.health_text import health_record

HEAVY = {"usage": 60, "tickets": 10, "contacts": 10, "surveys": 10, "engagement": 5, "commercial": 5}
CURVES = {f"{f}__what__now": (0.0, 100.0) for f in FAMILIES}
SPEC = HealthSpec(weights=HEAVY, curves=CURVES, amber_from=45, green_from=65)
BOUNDS = dict.fromkeys(FAMILIES, (5, 60))
TUNING = replace(tune_health.tuning(load()), bounds=BOUNDS, embargo_days=28, draws=60, seed=0)


def company(seed: int, effect: float, accounts: int = 300, weeks: int = 50) -> pd.DataFrame:
    """Weekly features, one row per account and week; ``effect``: how strongly tickets decide (0: not at all)."""
    rng = np.random.default_rng(seed)
    base = rng.uniform(0, 100, (accounts, len(FAMILIES)))
    leaves_after = rng.exponential(np.exp(5.5 + effect * (base[:, 1] / 100 - 0.5)))
    segment = np.where(np.arange(accounts) % 2, "small", "large")
    parts = []
    for week in range(weeks):
        here = leaves_after > 7 * week
        part = pd.DataFrame(base[here], columns=[f"{f}__what__now" for f in FAMILIES])
        part["account_id"] = [f"a{i:04d}" for i in np.flatnonzero(here)]
        part["as_of"] = pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=week)
        part["churned"] = (leaves_after[here] - 7 * week <= 28).astype("float64")
        part[SEGMENT] = segment[here]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def explained(rows: pd.DataFrame) -> pd.DataFrame:
    """SHAP totals of two folds that say: tickets."""
    dates = rows["as_of"].rank(method="dense")
    totals = rows[["account_id", "as_of"]].assign(fold=(dates > 30).astype(int), sampled=True)
    return totals.assign(**{f"shap_{f}": 1.0 if f == "tickets" else 0.1 for f in FAMILIES}, shap_calendar=9.0)


@cache
def large() -> pd.DataFrame:
    """The company that the tests share; not to be changed."""
    return company(0, 6.0)


@cache
def proposed() -> HealthProposal:
    """What is proposed for it; not to be changed."""
    return tune(large(), explained(large()), SPEC, TUNING)


def record_of(proposal: HealthProposal, names: dict[Any, str] | None = None, top: int = 20) -> HealthRecord:
    """health_score.json of a proposal."""
    moves = moves_record(proposal.moves, names or {}, top)
    return health_record(proposal.weights, proposal.bands, proposal.curves, proposal.segments, moves)
