"""Common traits of those who leave and of those who stay: searched on earlier, confirmed on later cohorts.

A rule is one condition or two. All rules are tried on the earlier sign-ups against the maximum over permutations of the
outcome, which corrects for having tried them all; a few that pass are tested once on the later sign-ups, with Holm's
correction over all such tests. The figures of a rule are those of the later sign-ups, which took no part in its choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import fisher_exact

from rind.models.book.traits import Rule, as_records, holds, rules
from rind.models.book.voice_settings import PersonaSettings
from rind.models.common.frames import datetimes
from rind.models.common.holm import holm
from rind.models.common.resampling import Floats, number, wilson

ALIKE = 0.6
"""Two rules that share so much of their accounts (Jaccard) are one."""
PAIR_GAIN = 1.0
"""z that a second condition must add: a shorter rule is easier to remember."""


@dataclass(frozen=True)
class Choice:
    """A rule that the search on the earlier sign-ups passed; ``p_value``: over all rules tried."""

    group: str
    known: str
    rule: Rule
    z: float
    p_value: float


def find_personas(
    accounts: pd.DataFrame,
    traits: Mapping[str, pd.DataFrame],
    groups: tuple[str, ...],
    settings: PersonaSettings,
    seed: int,
) -> dict[str, Any]:
    """The rules that hold, and those that did not hold again.

    Parameters
    ----------
    accounts
        One row per account, index account_id: signed_on, and for each group a column: whether the account is one of
        them, null where it cannot be said.
    traits
        When they are known (``signing``, ``first_90_days``) -> one row per account, index account_id.

    Returns
    -------
    dict
        ``personas``: one object per rule, of a group the strongest first: group, known, conditions, accounts, rate,
        low, high (95 %, Wilson), elsewhere (rate of all others), confirmed, p_value; all on the later sign-ups.
        ``groups``: per group and when: accounts searched and confirmed on, rate, rules tried.
    """  # fmt: skip
    choices, searched = list[Choice](), list[dict[str, Any]]()
    later: dict[tuple[str, str], tuple[pd.DataFrame, Floats]] = {}
    for known, table in traits.items():
        for group in groups:
            rows = accounts[accounts[group].notna()].join(table, how="inner")
            earlier = _earlier(rows, settings)
            columns = list(table.columns)
            outcome = rows[group].to_numpy("float64")
            later[known, group] = rows.loc[~earlier, columns], outcome[~earlier]
            chosen, tried = _search(group, known, rows.loc[earlier, columns], outcome[earlier], settings, seed)
            choices += chosen
            searched.append(
                {"group": group, "known": known, "searched": int(earlier.sum()), "confirmed_on": int((~earlier).sum()),
                 "rate": number(float(outcome.mean())) if len(outcome) else None, "rules": tried}
            )  # fmt: skip
    tested = [_tested(choice, *later[choice.known, choice.group]) for choice in choices]
    corrected = holm([row["p_value"] for row in tested])
    for row, p_value in zip(tested, corrected, strict=True):
        row |= {"p_value": float(p_value), "confirmed": bool(p_value < settings.alpha)}
    return {"personas": tested, "groups": searched}


def _earlier(rows: pd.DataFrame, settings: PersonaSettings) -> npt.NDArray[np.bool_]:
    """Whether each account belongs to the earlier sign-ups; a day is on one side only."""
    signed = datetimes(rows["signed_on"])
    if signed.empty:
        return np.zeros(0, dtype=bool)
    return np.asarray(signed <= signed.quantile(settings.search_share, interpolation="lower"), dtype=bool)


def _search(
    group: str, known: str, traits: pd.DataFrame, outcome: Floats, settings: PersonaSettings, seed: int
) -> tuple[list[Choice], int]:
    """The rules that stand out on the earlier sign-ups, the strongest first, none like another; how many were tried."""
    tried = rules(traits, settings.fewest_accounts) if len(traits) else []
    if not tried or not 0 < outcome.mean() < 1:
        return [], len(tried)
    masks = np.column_stack([holds(rule, traits) for rule in tried]).astype("float32")
    z = _z(masks, outcome[:, None])[:, 0]
    draws = np.random.default_rng(seed).permuted(np.tile(outcome, (settings.permutations, 1)), axis=1).T
    by_chance = _z(masks, draws).max(axis=0)
    order = np.argsort(-(z - PAIR_GAIN * np.array([len(rule) - 1 for rule in tried])), kind="stable")
    chosen: list[int] = []
    for n in order:
        p_value = (1 + (by_chance >= z[n]).sum()) / (1 + settings.permutations)
        if len(chosen) < settings.most_rules and p_value < settings.alpha and not _alike(masks, n, chosen):
            chosen.append(int(n))
    choices = [
        Choice(group, known, tried[n], float(z[n]), float((1 + (by_chance >= z[n]).sum()) / (1 + len(by_chance))))
        for n in chosen
    ]
    return choices, len(tried)


def _z(masks: npt.NDArray[np.float32], outcomes: Floats) -> Floats:
    """(rules, draws): how far each rule's rate lies above that of the accounts outside it, in standard errors."""
    total, inside = len(masks), masks.sum(axis=0)[:, None].astype("float64")
    left = masks.T.astype("float64") @ outcomes
    rate = outcomes.mean(axis=0)
    difference = left / inside - (outcomes.sum(axis=0) - left) / (total - inside)
    error = np.sqrt(rate * (1 - rate) * (1 / inside + 1 / (total - inside)))
    return np.asarray(difference / np.maximum(error, 1e-12), dtype="float64")


def _alike(masks: npt.NDArray[np.float32], one: int, chosen: list[int]) -> bool:
    for other in chosen:
        both = float((masks[:, one] * masks[:, other]).sum())
        either = float(np.maximum(masks[:, one], masks[:, other]).sum())
        if both >= ALIKE * either or both >= 0.9 * masks[:, one].sum():  # a part of a rule is no rule of its own
            return True
    return False


def _tested(choice: Choice, traits: pd.DataFrame, outcome: Floats) -> dict[str, Any]:
    """The rule on the later sign-ups."""
    inside = holds(choice.rule, traits)
    size, hits = int(inside.sum()), int(outcome[inside].sum())
    others, other_hits = int((~inside).sum()), int(outcome[~inside].sum())
    low, high = wilson(hits / size, size) if size else (np.nan, np.nan)
    test = fisher_exact([[hits, size - hits], [other_hits, others - other_hits]], alternative="greater")
    return {
        "group": choice.group, "known": choice.known, "conditions": as_records(choice.rule), "accounts": size,
        "rate": number(hits / size if size else np.nan), "low": number(low), "high": number(high),
        "elsewhere": number(other_hits / others if others else np.nan), "search_z": choice.z,
        "search_p_value": choice.p_value, "p_value": float(test.pvalue),
    }  # fmt: skip
