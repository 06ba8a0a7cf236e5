"""Accounts in launch and what they did in their first days, for the tests of the adoption model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rind.models.adoption import model
from rind.models.adoption.landmarks import Launch
from rind.pipelines.params import load
from rind.reports.adoption_text import adoption_table

AS_OF = pd.Timestamp("2024-06-03")

PARAMS = load()

RETAINED = PARAMS.true_north

LAUNCH = Launch(
    as_of=AS_OF.date(), windows=(14, 30), launch_days=90, success=RETAINED, grace_days=30, refit_every_days=91,
    settings=PARAMS.adoption,
)  # fmt: skip

MOMENT = {"segment": "a", "feature": "reports", "measure": "users", "count": 5, "within_days": 30}

GRACE = 30


def account(name: Any, age: int, lived: int | None = None, **more: Any) -> dict[str, Any]:
    signed = AS_OF - pd.Timedelta(days=age)
    left = signed + pd.Timedelta(days=lived) if lived is not None and lived + GRACE < age else pd.NaT
    base = {"account_id": name, "signed_on": signed, "segment": "a", "left_on": left, "followed_days": age - GRACE}
    day_zero = {"plan": "p", "seats": 5.0, "mrr": 10.0, "term_days": 365, "contract_day": 0, "csm": "Ann"}
    return {**base, **day_zero, **more}


def table(*accounts: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(accounts)


def did(*counts: tuple[Any, int, int], behaviour: str = "users:reports") -> pd.DataFrame:
    frame = pd.DataFrame(counts, columns=["account_id", "within_days", "count"])
    return frame.assign(behaviour=behaviour)


def company(seed: int = 0, past: int = 500) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Past accounts that stayed when many used reports early, and two young ones: 900 does much, 901 nothing."""
    rng = np.random.default_rng(seed)
    users = rng.poisson(3, past)
    stayed = rng.random(past) < 1 / (1 + np.exp(-(users - 3.0)))
    accounts = [account(i, 430 + 2 * i, None if s else 365) for i, s in enumerate(stayed)]
    accounts += [account(900, 20), account(901, 20)]
    early = [(i, d, int(u)) for i, u in enumerate(users) for d in (14, 30)] + [(900, 14, 7), (900, 30, 7)]
    return did(*early), table(*accounts)


def predict(*args: Any, **more: Any) -> pd.DataFrame:
    """The table that the stage writes."""
    young = model.predict(*args, **more)
    return adoption_table(young.accounts, young.steps, young.reasons)


def only(early: pd.DataFrame, accounts: pd.DataFrame, *moments: Any) -> pd.Series:
    steps = predict(early, accounts, LAUNCH, moments)
    assert len(steps) == 1
    return steps.iloc[0]
