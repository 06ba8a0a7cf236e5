"""What a change at a date did: difference in differences against comparable accounts that did not get it.

Of each outcome that can be told before and after, the change is compared; of leaving, what it is compared with is the
churn model, as for playbooks. Both by the one estimator of the room, `doubly_robust.effect_on_treated`.

References
----------
Sant'Anna & Zhao (2020), Doubly robust difference-in-differences estimators, Journal of Econometrics 219: the change of
an outcome may be modelled, or who gets the treatment, and one of both suffices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.facts.effects import OverlapBin
from rind.common.facts.experiment import AgainstExpected, Direction, OutcomeEffect, PlaceboTest, WhyNot
from rind.models.common.holm import holm
from rind.models.effects.doubly_robust import Estimate, effect_on_treated
from rind.models.effects.judge import covariates, expected_change, log_odds
from rind.models.effects.nuisances import Learner, chance_to_get, folds_by_account, matrix, untreated_outcome
from rind.models.effects.overlap import comparable, overlap_bins
from rind.models.effects.settings import EffectSettings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CHURN = "churn"
MRR_BEFORE = "mrr_before"
"""The placebo of churn, which has no past: who pays has not left yet."""


@dataclass(frozen=True)
class Groups:
    """The customers of a date: who got the change, and the others, with how likely each was to get it.

    Parameters
    ----------
    rows
        One row per account: its features, churn_probability (filled), and the outcomes by name (NaN: not known).
    changed
        Whether a row got the change.
    kept
        Rows that are compared.
    why_not
        Why nothing compares; "" where something does.
    """

    rows: pd.DataFrame
    changed: Bools
    learner: Learner
    fold: npt.NDArray[np.intp]
    chance: Floats
    kept: Bools
    dropped: float | None
    overlap: list[OverlapBin]
    why_not: WhyNot


@dataclass(frozen=True)
class Measured:
    """The effect on one outcome, and what it was measured on."""

    estimate: Estimate
    accounts: int
    comparable: int
    own: float
    raw: float


def groups_of(rows: pd.DataFrame, changed: Bools, settings: EffectSettings, threads: int, seed: int) -> Groups:
    """Compare those that got the change with the others by what was known of all on the date.

    Parameters
    ----------
    rows
        As in `Groups`; a missing churn_probability is taken as the mean one.
    """
    score = rows["churn_probability"]
    rows = rows.assign(churn_probability=score.fillna(score.mean() if score.notna().any() else 0.1))
    learner = Learner(matrix(rows[covariates(rows)].assign(score=log_odds(rows["churn_probability"]))), threads, seed)
    fold = folds_by_account(rows["account_id"], settings.folds, seed)
    every, unknown = np.ones(len(rows), dtype=bool), np.full(len(rows), np.nan)
    nothing = Groups(rows, changed, learner, fold, unknown, every, None, [], "too_few")
    if min(changed.sum(), (~changed).sum()) < settings.fewest_accounts:
        return nothing
    chance = chance_to_get(learner, changed, every, fold)
    kept = comparable(chance, changed, every, settings)
    dropped = 1 - float((kept & changed).sum() / changed.sum())
    why_not: WhyNot = "no_overlap" if dropped > settings.most_dropped or not (kept & ~changed).any() else ""
    bins = overlap_bins(chance, changed, every)
    return Groups(rows, changed, learner, fold, chance, kept, dropped, bins, why_not)


def measured(groups: Groups, outcome: str, settings: EffectSettings) -> Measured | None:
    """The effect on an outcome of the rows; None where it is known of too few."""
    values = groups.rows[outcome].to_numpy("float64", na_value=np.nan)
    known = groups.kept & np.isfinite(values)
    own, others = known & groups.changed, known & ~groups.changed
    if min(own.sum(), others.sum()) < settings.fewest_accounts:
        return None
    if outcome == CHURN and values[known].sum() < settings.fewest_left:
        return None
    expected = _expected(groups, values, outcome)
    if not np.isfinite(expected[known]).all():
        return None
    account = np.arange(len(values), dtype=np.intp)
    estimate = effect_on_treated(
        values[known], groups.changed[known], expected[known], groups.chance[known], account[known]
    )
    raw = float(values[own].mean() - np.nanmean(values[~groups.changed]))
    return Measured(estimate, int(own.sum()), int(others.sum()), float(values[own].mean()), raw)


def _expected(groups: Groups, values: Floats, outcome: str) -> Floats:
    if outcome != CHURN:
        return expected_change(groups.learner, values, ~groups.changed, groups.fold)
    base = log_odds(groups.rows["churn_probability"])
    return untreated_outcome(groups.learner, values, ~groups.changed & np.isfinite(values), groups.fold, base)


@dataclass(frozen=True)
class Unknown:
    """Why an outcome cannot be told of any account, and the first scoring date on which it can; None: no date helps."""

    why_not: WhyNot
    not_before: str | None = None


def outcome_effects(
    now: Groups,
    before: Groups | None,
    outcomes: Mapping[str, Unknown | None],
    expected: Mapping[str, float],
    settings: EffectSettings,
) -> list[OutcomeEffect]:
    """What the change did to each outcome.

    Parameters
    ----------
    now
        The customers of the day of the change, with what became of them.
    before
        The same accounts so many weeks earlier, with what became of them until the change: the placebo. None: the
        results do not reach back so far.
    outcomes
        Outcome -> why nobody's is known; None: it is a column of the rows of ``now`` and, but for churn, of ``before``.
    expected
        Outcome -> the effect that was expected of the change.
    """
    records = [_judged(now, before, name, unknown, expected.get(name), settings) for name, unknown in outcomes.items()]
    known = [record for record in records if record["p_value"] is not None]
    for record, p_value in zip(known, holm([record["p_value"] or 0.0 for record in known]), strict=True):
        record["p_value"] = float(p_value)
        record["direction"] = _direction(record, float(p_value) <= settings.error_rate)
    return records


def _judged(
    now: Groups, before: Groups | None, name: str, unknown: Unknown | None, expected: float | None,
    settings: EffectSettings,
) -> OutcomeEffect:  # fmt: skip
    record = OutcomeEffect(
        outcome=name, accounts=0, comparable=0, own=None, without=None, raw=None, effect=None, low=None, high=None,
        p_value=None, placebo=None, placebo_p=None, direction="cannot_tell", why_not="too_few", not_before=None,
        expected=expected, against_expected="",
    )  # fmt: skip
    if unknown is not None:
        record |= {"why_not": unknown.why_not, "not_before": unknown.not_before}
        return record | {"direction": "not_yet"} if unknown.not_before else record
    if now.why_not:
        return record | {"why_not": now.why_not}
    effect = measured(now, name, settings)
    if effect is None:
        return record
    low, high = effect.estimate.interval()
    record |= {
        "accounts": effect.accounts, "comparable": effect.comparable, "own": effect.own,
        "without": effect.own - effect.estimate.effect, "raw": effect.raw, "effect": effect.estimate.effect,
        "low": low, "high": high, "p_value": effect.estimate.p_value,
    }  # fmt: skip
    return {**record, **_placebo(now, before, name, settings)}


def _placebo(now: Groups, before: Groups | None, name: str, settings: EffectSettings) -> PlaceboTest:
    groups, outcome = (now, MRR_BEFORE) if name == CHURN else (before, name)
    placebo = None if groups is None or groups.why_not else measured(groups, outcome, settings)
    if placebo is None:
        return PlaceboTest(placebo=None, placebo_p=None, why_not="no_placebo")
    p_value = placebo.estimate.p_value
    why_not: WhyNot = "placebo_fails" if p_value < settings.least_placebo_p else ""
    return PlaceboTest(placebo=placebo.estimate.effect, placebo_p=p_value, why_not=why_not)


def _direction(record: OutcomeEffect, shown: bool) -> Direction:
    if record["why_not"]:
        return "cannot_tell"
    record["against_expected"] = against_expected(record)
    if not shown:
        return "none_shown"
    return "up" if (record["effect"] or 0.0) > 0 else "down"


def against_expected(record: OutcomeEffect) -> AgainstExpected:
    """Whether the interval holds what was expected; "" where nothing was."""
    expected, low, high = record["expected"], record["low"], record["high"]
    if expected is None or low is None or high is None:
        return ""
    if low <= expected <= high:
        return "as_expected"
    beyond = low > expected if expected >= 0 else high < expected
    return "more" if beyond else "less"
