"""New weights for the health score, proposed from what happened and proven on dates that took no part.

A proposal, the heart of ``health_score.json`` (data contract, "Outputs"), is a dict of

- ``current``, ``proposed``: family -> whole number, adding up to 100; ``recommend`` and, in ``words``, why
- ``shares``: ``fit``, ``shap``: family -> part of 1; ``strengths``: family -> coefficient of the fit
- ``evidence``: None when there is too little, else ``fitted`` and ``tested`` (see `models.health.evidence.extent`) and
  what `models.health.evidence.compare` says
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rind.models.common.frames import datetimes
from rind.models.common.resampling import LEVEL, complete_dates
from rind.models.health.curves import CurveSettings
from rind.models.health.evidence import compare, departed, extent, verdict
from rind.models.health.fit import blended, families, fit_weights, shares, strengths
from rind.models.health.score import check_weights, weighted

__all__ = ["TuneSettings", "fit_weights", "known_rows", "propose", "split"]


@dataclass(frozen=True)
class TuneSettings:
    """How weights are proposed.

    Parameters
    ----------
    bounds
        Family -> (lowest, highest) weight that CS allows; (0, 100) for those that are not named.
    test_share
        Share of the dates with known outcomes, the latest ones, that give the evidence where no start is given.
    embargo_days
        Horizon plus grace: only dates whose outcomes were known when the evidence starts are fitted.
    shap_share
        How much of the SHAP shares is mixed into those of the fit.
    fewest_departed
        Accounts that must have left on either side, of all and of a segment.
    ridge, segment_ridge
        How strongly the fit is held to today's weights, and that of a segment to what holds for all.
    curves
        When new thresholds are proposed.
    draws, seed
        Of the bootstrap by account.
    level
        Of its intervals: the house's, unless several questions are judged together.
    """

    bounds: Mapping[str, tuple[int, int]]
    test_share: float
    embargo_days: int
    shap_share: float
    fewest_departed: int
    ridge: float
    segment_ridge: float
    curves: CurveSettings
    draws: int
    seed: int
    level: float = LEVEL


def propose(
    scored: pd.DataFrame,
    current: Mapping[str, int],
    settings: TuneSettings,
    green_from: float,
    start: pd.Timestamp | None = None,
    shap: Mapping[str, float] | None = None,
    near: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """One proposal, see above.

    Fitted is a logistic regression of churn on the points that each family lacks (100 - its score), none of them
    allowed to help an account by lacking; the weights follow its coefficients, with a part of the SHAP shares mixed
    in, within the bounds. A family without any data keeps its weight.

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
    """
    check_weights(current)
    fit, test = split(known_rows(scored), start, settings.test_share, settings.embargo_days)
    result: dict[str, Any] = {"current": dict(current), "proposed": dict(current), "evidence": None}
    result |= {"strengths": {}, "shares": {"fit": {}, "shap": dict(shap or {})}, "recommend": False}
    if min(departed(fit), departed(test)) < settings.fewest_departed:
        return result | {"words": _too_little(fit, test, settings.fewest_departed)}
    found = strengths(fit, current, near, settings.ridge)
    if not found or max(found.values()) <= 0:
        words = "No family's score went with staying in the dates to learn from; today's weights stand."
        return result | {"words": words}
    proposed = fit_weights(blended(found, shap or {}, settings.shap_share), current, settings.bounds)
    points = families(test, current)
    old, new = weighted(points, current), weighted(points, proposed)
    evidence = compare(test, old, new, green_from, settings.draws, settings.seed, settings.level)
    result |= {"strengths": found, "shares": {"fit": shares(found), "shap": dict(shap or {})}}
    result |= {"proposed": proposed, "evidence": {"fitted": extent(fit), "tested": extent(test), **evidence}}
    if proposed == dict(current):
        return result | {"words": "The fit comes out at today's weights; they stand."}
    return result | verdict(evidence)


def _too_little(fit: pd.DataFrame, test: pd.DataFrame, fewest: int) -> str:
    return (
        f"Too little to judge: {departed(fit)} accounts left in the dates to learn from and "
        f"{departed(test)} in the later ones to test on; {fewest} of each are needed."
    )


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
