"""New weights for the health score, proposed from what happened and proven on dates that took no part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from rind.common.facts.health import Reason, Shares, Verdict, WeightsFound
from rind.models.common.frames import datetimes
from rind.models.common.resampling import LEVEL, complete_dates
from rind.models.health.evidence import compare, departed, extent, verdict
from rind.models.health.fit import blended, families, fit_weights, shares, strengths
from rind.models.health.score import check_weights, weighted
from rind.models.health.settings import TuningSettings

__all__ = ["Tuning", "fit_weights", "known_rows", "propose", "split"]


@dataclass(frozen=True)
class Tuning:
    """The settings with what other sections own.

    Parameters
    ----------
    bounds
        Family -> (lowest, highest) weight that CS allows; (0, 100) for those that are not named.
    embargo_days
        Horizon plus grace: only dates whose outcomes were known when the evidence starts are fitted.
    draws, seed
        Of the bootstrap by account.
    level
        Of its intervals: the house's, unless several questions are judged together.
    """

    settings: TuningSettings
    bounds: Mapping[str, tuple[int, int]]
    embargo_days: int
    draws: int
    seed: int
    level: float = LEVEL

    def split(self, rows: pd.DataFrame, start: pd.Timestamp | None) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows to fit and those to test on; see `split`."""
        return split(known_rows(rows), start, self.settings.test_share, self.embargo_days)

    def changed(self, **settings: float) -> Tuning:
        """The same with other settings."""
        return replace(self, settings=self.settings.model_copy(update=settings))


def propose(
    scored: pd.DataFrame,
    current: Mapping[str, int],
    tuning: Tuning,
    green_from: float,
    start: pd.Timestamp | None = None,
    shap: Mapping[str, float] | None = None,
    near: Mapping[str, float] | None = None,
) -> WeightsFound:
    """One proposal of weights (contract section 4).

    The fit is a logistic regression of churn on the points that each family lacks (100 - its score); no coefficient
    may be below 0, so that no family can help an account by lacking points. The weights follow the coefficients, with
    a part of the SHAP shares mixed in, within the bounds. A family without any data keeps its weight.

    Parameters
    ----------
    scored
        One row per (account_id, as_of): the ``health_<family>`` columns of `models.health.score.score` and ``churned``
        (1/0, null = unknown). Only dates whose outcomes are all known are used.
    current, green_from
        Today's weights, whole numbers that add up to 100, and the lowest green score under them.
    start
        The first date that gives evidence; None: the latest dates do.
    shap
        Family -> share of what moved the model's out-of-sample scores before the evidence.
    near
        See `models.health.fit.strengths`.

    Returns
    -------
    WeightsFound
        ``evidence`` is None when there is too little to judge.
    """
    check_weights(current)
    fit, test = tuning.split(scored, start)
    shap = dict(shap or {})
    fewest = tuning.settings.fewest_departed
    left = departed(fit), departed(test)
    if min(left) < fewest:
        return _nothing(current, shap, Verdict(Reason.TOO_FEW_DEPARTED, False, *left, fewest))
    strength = strengths(fit, current, near, tuning.settings.ridge)
    if not strength or max(strength.values()) <= 0:
        return _nothing(current, shap, Verdict(Reason.NO_STRENGTH))
    proposed = fit_weights(blended(strength, shap, tuning.settings.shap_share), current, tuning.bounds)
    points = families(test, current)
    old, new = weighted(points, current), weighted(points, proposed)
    comparison = compare(test, old, new, green_from, tuning.draws, tuning.seed, tuning.level)
    return {
        "current": dict(current),
        "proposed": proposed,
        "evidence": {"fitted": extent(fit), "tested": extent(test), **comparison},
        "strengths": strength,
        "shares": {"fit": shares(strength), "shap": shap},
        "verdict": Verdict(Reason.SAME_AS_TODAY) if proposed == dict(current) else verdict(comparison),
    }


def _nothing(current: Mapping[str, int], shap: dict[str, float], why: Verdict) -> WeightsFound:
    """Today's weights, where nothing could be proposed."""
    none: Shares = {"fit": {}, "shap": shap}
    today = dict(current)
    return {
        "current": today, "proposed": dict(today), "evidence": None, "strengths": {}, "shares": none, "verdict": why
    }  # fmt: skip


def known_rows(scored: pd.DataFrame) -> pd.DataFrame:
    """The rows of dates whose outcomes are all known."""
    return scored[complete_dates(scored)] if len(scored) else scored


def split(
    rows: pd.DataFrame, start: pd.Timestamp | None, test_share: float, embargo_days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Earlier dates whose outcomes were known when the later ones start, and the later ones."""
    on = datetimes(rows["as_of"])
    dates = np.sort(on.unique())
    if len(dates) < 2:
        return rows.iloc[:0], rows.iloc[:0]
    if start is None:
        start = pd.Timestamp(dates[min(int(len(dates) * (1 - test_share)), len(dates) - 1)])
    return rows[on < start - pd.Timedelta(days=embargo_days)], rows[on >= start]
