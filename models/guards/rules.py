"""Do the same facts go with leaving as before? What the latest outcomes say of the scores, beside earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, fdtrc, logit

from rind.common.guards import Finding
from rind.models.common.resampling import Floats
from rind.models.guards.settings import RulesChanged

TOTALS = "shap_"
BASE = "shap_base"
LEAST_SPREAD = 1e-6
NAMED_FROM = 2.0
"""Deviations from which on a family is named as one that counts for more, or for less."""


@dataclass(frozen=True)
class Weights:
    """How much each family should weigh by the outcomes of some dates: 1 is as the scores have it.

    ``of_family``: shape (families,); ``of_account``: shape (accounts, families), what each account adds to it, so that
    its squares sum to the variance; ``left``: accounts that left.
    """

    of_family: Floats
    of_account: Floats
    left: int


def rules_changed(rows: pd.DataFrame, limits: RulesChanged) -> Finding:
    """Whether the families' weights are wrong on the latest dates and others than on those before, both beyond chance.

    A model that is always too timid, or that ranks badly, is wrong on both sides; one that has learned since is wrong
    on the dates before only. Neither is a change of the rules. One step of Newton's method from the scores gives each
    side's weights (the score test of a logistic regression of leaving on the families' SHAP totals), with variances by
    account; Hotelling's test is one test over all families, so that many of them are no more likely to fire by chance.
    How many leave does not matter: each side's scores are first moved, all alike in log-odds, to its level.

    Parameters
    ----------
    rows
        One row per (account_id, as_of) with a known outcome and an out-of-sample score: churn_probability, churned 1/0,
        and ``shap_<family>``, the log-odds that each family gave it.
    """
    families = [name for name in rows.columns if name.startswith(TOTALS) and name != BASE]
    latest = rows["as_of"] > rows["as_of"].max() - pd.Timedelta(days=limits.recent_days)
    sides = [rows[latest.to_numpy()], rows[~latest.to_numpy()]]
    left = min(int(side.loc[side["churned"] == 1, "account_id"].nunique()) for side in sides)
    families = [n for n in families if all(float(side[n].std() or 0) > LEAST_SPREAD for side in sides)]
    measured: dict[str, Any] = {"churned_accounts": left, "p_value": None, "families": {}}
    if left < max(limits.fewest_churned, len(families) + 2) or not families:
        return Finding("rules_changed", "too odd", limits.answer, measured=measured)
    accounts = pd.Index(rows["account_id"].unique())
    now, before = (family_weights(side, families, accounts) for side in sides)
    apart = now.of_account - before.of_account  # an account on both sides counts on both
    p_changed, p_wrong = by_chance(apart, left), by_chance(now.of_account, now.left)
    p_value = max(p_changed, p_wrong)
    deviations = apart.sum(axis=0) / np.sqrt((apart**2).sum(axis=0))
    names = [name.removeprefix(TOTALS) for name in families]
    figures = zip(names, now.of_family, before.of_family, deviations, strict=True)
    measured |= {
        "p_value": p_value, "p_changed": p_changed, "p_wrong": p_wrong,
        "recent_from": str(sides[0]["as_of"].min().date()),
        "recent_until": str(sides[0]["as_of"].max().date()),
        "families": {
            name: {"now": float(a), "before": float(b), "deviations": float(z)} for name, a, b, z in figures
        },
    }  # fmt: skip
    if not p_value < limits.p_value:
        return Finding("rules_changed", "too odd", limits.answer, measured=measured)
    evidence = (
        f"The rules have changed: on the dates from {measured['recent_from']} to {measured['recent_until']} other "
        f"facts went with leaving than before (p = {p_value:.4f}){_named(dict(zip(names, deviations, strict=True)))}."
    )
    check = (
        "What changed about then: prices, the product, contracts, the market? Trust the order less until models have "
        "learned from the outcomes since, and look at these facts yourself."
    )
    return Finding("rules_changed", "too odd", limits.answer, True, evidence, check, measured)


def family_weights(rows: pd.DataFrame, families: list[str], accounts: pd.Index) -> Weights:
    """The weights that the outcomes of these rows ask for; ``accounts``: the order of `Weights.of_account`."""
    churned = rows["churned"].to_numpy("float64")
    chance = at_level(rows["churn_probability"].to_numpy("float64"), float(churned.mean().clip(1e-6, 1 - 1e-6)))
    terms = np.column_stack([np.ones(len(rows)), rows[families].to_numpy("float64")])
    information = (terms * (chance * (1 - chance))[:, None]).T @ terms
    surprise = terms * (churned - chance)[:, None]
    by_account = np.zeros((len(accounts), terms.shape[1]))
    np.add.at(by_account, accounts.get_indexer(pd.Index(rows["account_id"])), surprise)
    added = (by_account @ np.linalg.pinv(information))[:, 1:]  # without the level
    left = int(rows.loc[rows["churned"] == 1, "account_id"].nunique())
    return Weights(1 + added.sum(axis=0), added, left)


def at_level(chance: Floats, mean: float) -> Floats:
    """Probabilities moved in log-odds, all by the same amount, so that their mean is ``mean`` (above 0, below 1)."""
    margin = logit(chance.clip(1e-6, 1 - 1e-6))
    shift = brentq(lambda by: float(expit(margin + by).mean()) - mean, -30, 30)
    return np.asarray(expit(margin + shift), dtype=np.float64)


def by_chance(added: Floats, left: int) -> float:
    """Chance of sums so far from 0, or further, in any direction (Hotelling's T^2 over accounts).

    Parameters
    ----------
    added
        Shape (accounts, families): what each account adds to each sum.
    left
        Accounts that left: the sample that counts, as most others add next to nothing.
    """
    sums, families = added.sum(axis=0), added.shape[1]
    squared = float(sums @ np.linalg.pinv(added.T @ added) @ sums)
    scaled = squared * (left - families) / (left * families)
    return float(fdtrc(families, left - families, scaled))


def _named(deviations: dict[str, float]) -> str:
    """The families that changed most, in words; "" where none stands out."""
    far = sorted((name for name, z in deviations.items() if abs(z) >= NAMED_FROM), key=lambda n: -abs(deviations[n]))
    words = [f"{name} counted for {'more' if deviations[name] > 0 else 'less'}" for name in far[:3]]
    return f": {', '.join(words)}" if words else ""
