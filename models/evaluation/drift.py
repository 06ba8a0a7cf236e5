"""How far the present lies from the past: the population stability index."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

BINS = 10
FLOOR = 1e-4
MODERATE, LARGE = 0.1, 0.25
"""The usual reading: below 0.1 stable, from 0.25 on another population."""


def psi(reference: npt.NDArray[np.float64], current: npt.NDArray[np.float64], bins: int = BINS) -> float:
    """Population stability index: sum over bins of (p - q) ln(p / q), with empty values as a bin of their own.

    Parameters
    ----------
    reference, current
        Shape (rows,); the bins are equal parts of the reference (fewer where values repeat).

    Returns
    -------
    float
        >= 0; 0 for equal shares. Shares below 0.0001 count as that, so that an empty bin is finite.
    """
    known = reference[np.isfinite(reference)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if len(known) else np.empty(0)
    p, q = (_shares(values, edges) for values in (reference, current))
    return float(np.sum((p - q) * np.log(p / q)))


def psi_of_features(reference: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """The index of every column, the largest first: feature, psi.

    A small current cohort has a chance index of about (bins - 1) x (1 / rows now + 1 / rows before); read it so.
    """
    indices = [
        (name, psi(reference[name].to_numpy("float64"), current[name].to_numpy("float64"))) for name in reference
    ]
    table = pd.DataFrame(indices, columns=["feature", "psi"])
    return table.sort_values(["psi", "feature"], ascending=[False, True], ignore_index=True)


def _shares(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    known = values[np.isfinite(values)]
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    counts = np.append(counts, len(values) - len(known))
    return np.asarray(np.maximum(counts / max(len(values), 1), FLOOR))
