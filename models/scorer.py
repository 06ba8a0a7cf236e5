"""The fitted churn model: how features become a margin, its parts and a probability.

This file is stored, as text, with every model (models-from-code): it may import libraries but nothing
of this project, so that a model can be loaded years later and elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Scorer:
    """A blend of boosted trees and logistic regressions on the log-odds scale, calibrated by a straight line.

    margin = intercept + slope * (weight * mean(boosters) + (1 - weight) * mean(logistics))

    Everything is a sum over features, so SHAP values add up to the margin exactly: TreeSHAP for the trees
    (Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9), coefficient times distance from the training mean
    for the logistic regressions.

    Parameters
    ----------
    numeric
        Numeric features used, in order.
    levels
        Text features used -> the levels that have an indicator of their own.
    boosters
        LightGBM models on the encoded matrix.
    logistics
        scikit-learn pipelines (transform..., LogisticRegression) on the encoded matrix, with their means.
    """

    numeric: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    boosters: tuple[lgb.Booster, ...]
    logistic: Any
    weight: float
    slope: float = 1.0
    intercept: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def features(self) -> list[str]:
        """The feature columns that the model reads."""
        return [*self.numeric, *self.levels]

    @property
    def encoded(self) -> list[str]:
        """The columns after the encoding; an indicator is ``feature=level``."""
        return [*self.numeric, *(f"{name}={level}" for name, of in self.levels.items() for level in of)]

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """Features to a float matrix: numbers as they are (NaN = unknown), texts as 0/1 indicators.

        A column that the frame does not have counts as unknown.
        """
        empty = pd.Series(np.nan, index=frame.index)
        parts = [np.asarray(frame.get(name, empty), dtype=np.float64) for name in self.numeric]
        for name, levels in self.levels.items():
            values = np.asarray(frame.get(name, empty).astype("object"))
            parts += [(values == level).astype(np.float64) for level in levels]
        return np.column_stack(parts) if parts else np.empty((len(frame), 0))

    def boosting_margin(self, matrix: np.ndarray) -> np.ndarray:
        """Mean raw score of the boosters, log-odds; shape (rows,)."""
        if not self.boosters:
            return np.zeros(len(matrix))
        return np.asarray(np.mean([np.asarray(b.predict(matrix, raw_score=True)) for b in self.boosters], axis=0))

    def logistic_margin(self, matrix: np.ndarray) -> np.ndarray:
        """Decision function of the logistic regression, log-odds; shape (rows,)."""
        return np.asarray(self.logistic.decision_function(matrix), dtype=np.float64)

    def margin(self, frame: pd.DataFrame) -> np.ndarray:
        """Calibrated log-odds of churn, shape (rows,)."""
        matrix = self.encode(frame)
        blend = (1 - self.weight) * self.logistic_margin(matrix)
        if self.weight:
            blend = blend + self.weight * self.boosting_margin(matrix)
        return np.asarray(self.intercept + self.slope * blend)

    def probability(self, frame: pd.DataFrame) -> np.ndarray:
        """Calibrated probability of churn within the horizon, shape (rows,)."""
        return np.asarray(1 / (1 + np.exp(-self.margin(frame))))

    def contributions(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, float]:
        """SHAP values of each feature, on the calibrated log-odds scale, and the base value.

        Returns
        -------
        tuple[pandas.DataFrame, float]
            One row per row of the frame and one column per feature; row sums plus the base value are the
            margin.
        """
        matrix = self.encode(frame)
        values, base = self._logistic_contributions(matrix)
        values, base = (1 - self.weight) * values, (1 - self.weight) * base
        if self.weight:
            trees = np.mean([np.asarray(b.predict(matrix, pred_contrib=True)) for b in self.boosters], axis=0)
            values, base = values + self.weight * trees[:, :-1], base + self.weight * float(trees[0, -1])
        owner = [name.split("=", 1)[0] for name in self.encoded]
        shap = pd.DataFrame(values * self.slope, columns=owner, index=frame.index)
        return shap.T.groupby(level=0, sort=False).sum().T[self.features], self.intercept + self.slope * base

    def _logistic_contributions(self, matrix: np.ndarray) -> tuple[np.ndarray, float]:
        """coef * (z - mean of z in training); a missing-value indicator counts to its feature.

        The last scaler of the pipeline centres every z, so the training mean of each is 0.
        """
        *steps, model = (step for _, step in self.logistic.steps)
        z = matrix
        names = np.asarray(self.encoded, dtype=object)
        for step in steps:
            z, names = step.transform(z), step.get_feature_names_out(names)
        parts = np.asarray(z) * model.coef_[0]
        where = {name: i for i, name in enumerate(self.encoded)}
        total = np.zeros(matrix.shape)
        for column, name in enumerate(names):
            total[:, where[str(name).removeprefix("missingindicator_")]] += parts[:, column]
        return total, float(model.intercept_[0])

    def save(self, folder: Path) -> None:
        """Write the model as LightGBM's own text, skops and JSON into a new folder."""
        import skops.io

        folder.mkdir(parents=True, exist_ok=True)
        for n, booster in enumerate(self.boosters):
            booster.save_model(folder / f"booster_{n}.txt")
        skops.io.dump(self.logistic, folder / "logistic.skops")
        spec = {
            "numeric": self.numeric, "levels": self.levels, "boosters": len(self.boosters), "weight": self.weight,
            "slope": self.slope, "intercept": self.intercept, "notes": self.notes,
        }  # fmt: skip
        (folder / "scorer.json").write_text(json.dumps(spec, indent=2, default=str), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Scorer:
        """Read what `save` wrote."""
        import skops.io

        spec = json.loads((folder / "scorer.json").read_text(encoding="utf-8"))
        boosters = tuple(lgb.Booster(model_file=folder / f"booster_{n}.txt") for n in range(spec.pop("boosters")))
        spec["numeric"] = tuple(spec["numeric"])
        spec["levels"] = {name: tuple(levels) for name, levels in spec["levels"].items()}
        return cls(
            boosters=boosters, logistic=skops.io.load(folder / "logistic.skops", trusted=["numpy.dtype"]), **spec
        )
