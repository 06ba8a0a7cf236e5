"""The mean effect on those that got it: augmented inverse propensity weighting, with intervals by account.

References
----------
Robins, Rotnitzky & Zhao (1994), Estimation of regression coefficients when some regressors are not always observed,
JASA 89: the estimator is right where either the outcome or the propensity is modelled well.
Chernozhukov et al. (2018), Double/debiased machine learning for treatment and structural parameters, Econometrics
Journal 21: both may be learned by machines, out of fold.
Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bulletin 2: a variance
that few terms carry is itself uncertain, which the t distribution counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Estimate:
    """An effect with its standard error, and the degrees of freedom by which that error is known."""

    effect: float
    error: float
    freedom: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Both ends."""
        reach = float(stdtrit(self.freedom, (1 + level) / 2)) * self.error
        return self.effect - reach, self.effect + reach

    @property
    def p_value(self) -> float:
        """Two-sided, of no effect."""
        return 2 * float(stdtr(self.freedom, -abs(self.effect) / self.error)) if self.error > 0 else 1.0


def effect_on_treated(outcome: Floats, treated: Bools, expected: Floats, chance: Floats, account: Ints) -> Estimate:
    """Mean of outcome - expected of the treated, less the same of untreated rows weighted to look like them.

    Parameters
    ----------
    outcome, expected
        What each row did, and what it would do without the treatment by a model of other accounts.
    chance
        Propensity of each row, below 1.
    account
        Code of the account: influence is summed by account, since rows of one account share their fate.
    """
    rest = outcome - expected
    weight = np.where(treated, 0.0, chance / (1 - chance))
    own, others = rest[treated].mean(), float(weight @ rest / weight.sum())
    influence = np.where(treated, (rest - own) / treated.sum(), -weight * (rest - others) / weight.sum())
    shares = np.asarray(np.bincount(account, influence), dtype=np.float64) ** 2
    variance, accounts = float(shares.sum()), max(int((np.bincount(account) > 0).sum()), 2)
    error = (variance * accounts / (accounts - 1)) ** 0.5
    return Estimate(float(own - others), error, _freedom(shares))


def _freedom(shares: Floats) -> float:
    """How many accounts carry the variance, at least one: departures are rare, and those of the treated carry most."""
    whole = float(shares.sum())
    return 1 / float(((shares / whole) ** 2).sum()) if whole > 0 else 1.0
