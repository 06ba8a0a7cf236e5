"""One shift of the log-odds by which probabilities come to a total."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from rind.models.common.resampling import Floats

LEAST, MOST = 1e-6, 1 - 1e-6


def shift_to(probability: Floats, total: float) -> float:
    """What to add to the log-odds of every account so that their probabilities sum to the total.

    A total of none, or of all accounts, would need an endless shift: half an account less is aimed at.
    """
    margin = logit(np.clip(probability, LEAST, MOST))
    aim = min(max(total, 0.5), len(probability) - 0.5)
    return float(brentq(lambda by: float(expit(margin + by).sum()) - aim, -30, 30))


def shifted(probability: Floats, by: float) -> Floats:
    """The probabilities with the shift in their log-odds."""
    return np.asarray(expit(logit(np.clip(probability, LEAST, MOST)) + by), dtype="float64")
