"""Holm's correction of p-values that are judged together (Holm 1979)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rind.models.common.resampling import Floats


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """The p-values corrected for their number, in their order: below alpha, so is the chance of any false claim."""
    values = np.asarray(p_values, dtype="float64")
    order = np.argsort(values, kind="stable")
    raised = values[order] * np.arange(len(values), 0, -1)
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return corrected
