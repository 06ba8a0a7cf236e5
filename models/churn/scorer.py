"""The fitted churn model: how features become a margin, its parts and a probability.

This file is stored, as text, with every model (models-from-code): it may import libraries, and of this project only
`models.churn.tree_shap`, whose text is stored in place of the import, so that a model can be loaded years later and
elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from rind.models.churn.tree_shap import TreeTables, tables_of

SAFE_TYPES = (
    "collections.OrderedDict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)
"""What a saved classifier may hold beside the types that skops trusts by itself."""


CHUNK = 50_000
"""Rows that the logistic regressions and SHAP take at a time: what they need in between stays small."""

WORTH_TABLES = 100
"""Rows from which on the trees' SHAP values are looked up in tables, which take up to half a second to make."""


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
        One scikit-learn pipeline (ranks, gaps, scale, LogisticRegression) on the encoded matrix; or two, for rows
        whose ``regime`` is not and is 1: accounts leave at a term's end for other reasons than in between.
    regime
        The numeric feature that chooses between two logistics; "" with one.
    own
        A fitted classifier that takes the boosters' place: ``predict_proba`` on the encoded matrix.
    background
        Rows of its training matrix, shape (rows, encoded columns): SHAP compares with them.
    """

    numeric: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    boosters: tuple[lgb.Booster, ...]
    logistics: tuple[Any, ...]
    weight: float
    regime: str = ""
    slope: float = 1.0
    intercept: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)
    own: Any = None
    background: np.ndarray | None = None

    @property
    def features(self) -> list[str]:
        """The feature columns that the model reads."""
        return [*self.numeric, *self.levels]

    @property
    def encoded(self) -> list[str]:
        """The columns after the encoding; an indicator is ``feature=level``."""
        return [*self.numeric, *(f"{name}={level}" for name, of in self.levels.items() for level in of)]

    @property
    def has_boosting(self) -> bool:
        """Whether anything stands beside the logistic regressions."""
        return bool(self.boosters) or self.own is not None

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """Features to a float matrix: numbers as they are (NaN = unknown), texts as 0/1 indicators.

        A column that the frame does not have counts as unknown. float32 where all numbers are, else float64.
        """
        numbers = {name: frame[name] for name in self.numeric if name in frame}
        narrow = all(column.dtype == np.float32 for column in numbers.values())
        matrix = np.full((len(frame), len(self.encoded)), np.nan, dtype=np.float32 if narrow else np.float64)
        for place, name in enumerate(self.numeric):
            if name in numbers:
                matrix[:, place] = np.asarray(numbers[name], dtype=matrix.dtype)
        place = len(self.numeric)
        for name, levels in self.levels.items():
            values = np.asarray(frame[name].astype("object")) if name in frame else np.full(len(frame), None)
            for level in levels:
                matrix[:, place] = values == level
                place += 1
        return matrix

    def boosting_margin(self, matrix: np.ndarray) -> np.ndarray:
        """Mean raw score of the boosters, or of the classifier in their place, log-odds; shape (rows,)."""
        if self.own is not None:
            return self._own_margin(matrix)
        if not self.boosters:
            return np.zeros(len(matrix))
        return np.asarray(
            np.mean([np.asarray(b.predict(matrix, raw_score=True, num_threads=1)) for b in self.boosters], axis=0)
        )

    def logistic_margin(self, matrix: np.ndarray) -> np.ndarray:
        """Decision function of the logistic regression, log-odds; shape (rows,)."""
        margin = np.zeros(len(matrix))
        for start in range(0, len(matrix), CHUNK):
            part = np.asarray(matrix[start : start + CHUNK], dtype=np.float64)
            for rows, logistic in self._regimes(part):
                margin[start : start + CHUNK][rows] = logistic.decision_function(part[rows])
        return margin

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
        if frame.empty:
            return pd.DataFrame(columns=self.features, index=frame.index, dtype="float64"), self.intercept
        matrix = self.encode(frame)
        parts = [self._contributions(matrix[start : start + CHUNK]) for start in range(0, len(matrix), CHUNK)]
        values = np.concatenate([of_rows for of_rows, _ in parts])
        return pd.DataFrame(values, columns=self.features, index=frame.index), parts[0][1]

    def _contributions(self, encoded: np.ndarray) -> tuple[np.ndarray, float]:
        """The same of some rows, as an array."""
        matrix = np.asarray(encoded, dtype=np.float64)
        values, base = self._logistic_contributions(matrix)
        values, base = (1 - self.weight) * values, (1 - self.weight) * base
        if self.weight:
            trees = self._tree_contributions(matrix) if self.own is None else self._own_contributions(matrix)
            values, base = values + self.weight * trees[:, :-1], base + self.weight * float(trees[0, -1])
        sizes = [*(1 for _ in self.numeric), *(len(levels) for levels in self.levels.values())]
        ends = np.cumsum(sizes, dtype=np.intp)
        of_features = [values[:, end - size : end].sum(axis=1) for size, end in zip(sizes, ends, strict=True)]
        summed = np.column_stack(of_features) if sizes else values
        return summed * self.slope, self.intercept + self.slope * base

    def _own_margin(self, matrix: np.ndarray) -> np.ndarray:
        """A probability of 0 or 1 is as certain as one in a million."""
        if not len(matrix):
            return np.zeros(0)
        chance = self.own.predict_proba(np.asarray(matrix, dtype=np.float64))
        probability = np.clip(np.asarray(chance, dtype=np.float64)[:, 1], 1e-6, 1 - 1e-6)
        return np.asarray(np.log(probability / (1 - probability)))

    def _own_contributions(self, matrix: np.ndarray) -> np.ndarray:
        """As the trees' (values, then the base), by SHAP's permutations, which add up for any model."""
        import shap
        from threadpoolctl import threadpool_limits

        columns = matrix.shape[1]
        background = np.asarray(self.background, dtype=np.float64)
        masker = shap.maskers.Independent(background, max_samples=len(background))
        explainer = shap.PermutationExplainer(self._own_margin, masker, seed=0)
        with threadpool_limits(limits=1):  # many small predictions: threads would only wait for each other
            explained: Any = explainer(matrix, max_evals=2 * columns + 1, silent=True)
        return np.column_stack([explained.values, np.broadcast_to(explained.base_values, len(matrix))])

    def _tree_contributions(self, matrix: np.ndarray) -> np.ndarray:
        """TreeSHAP, mean over the bags: one column per encoded one, then the base value."""
        if len(matrix) >= WORTH_TABLES and self._tables is not None:
            return self._tables.contributions(matrix)
        parts = [np.asarray(b.predict(matrix, pred_contrib=True, num_threads=1)) for b in self.boosters]
        return np.asarray(np.mean(parts, axis=0))

    @cached_property
    def _tables(self) -> TreeTables | None:
        return tables_of(self.boosters)

    def _regimes(self, matrix: np.ndarray) -> list[tuple[np.ndarray, Any]]:
        """The rows of each logistic regression, and it; regimes without rows are absent."""
        if not self.regime:
            return [(np.ones(len(matrix), dtype=bool), self.logistics[0])] if len(matrix) else []
        inside = matrix[:, self.numeric.index(self.regime)] > 0
        return [(rows, self.logistics[n]) for n, rows in enumerate((~inside, inside)) if rows.any()]

    def _logistic_contributions(self, matrix: np.ndarray) -> tuple[np.ndarray, float]:
        """coef * (z - mean of z in training); a missing-value indicator counts to its feature.

        The base value is that of the first regression; what the second's lies above it is the regime's doing.
        """
        total = np.zeros(matrix.shape)
        base = float(self.logistics[0].steps[-1][1].intercept_[0])
        for rows, logistic in self._regimes(matrix):
            total[rows] = self._linear_parts(matrix[rows], logistic)
            if self.regime:
                column = self.numeric.index(self.regime)
                total[rows, column] += float(logistic.steps[-1][1].intercept_[0]) - base
        return total, base

    def _linear_parts(self, matrix: np.ndarray, logistic: Any) -> np.ndarray:
        """The last scaler of the pipeline centres every z, so the training mean of each is 0."""
        *steps, model = (step for _, step in logistic.steps)
        z, names = matrix, np.asarray(self.encoded, dtype=object)
        for step in steps:
            z, names = step.transform(z), step.get_feature_names_out(names)
        parts = np.asarray(z) * model.coef_[0]
        where = {name: i for i, name in enumerate(self.encoded)}
        total = np.zeros(matrix.shape)
        for column, name in enumerate(names):
            total[:, where[str(name).removeprefix("missingindicator_")]] += parts[:, column]
        return total

    def save(self, folder: Path) -> None:
        """Write the model as LightGBM's own text and JSON, a classifier of one's own by skops, into a new folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for n, booster in enumerate(self.boosters):
            booster.save_model(folder / f"booster_{n}.txt")
        for n, logistic in enumerate(self.logistics):
            (folder / f"logistic_{n}.json").write_text(json.dumps(_numbers_of(logistic)), encoding="utf-8")
        if self.own is not None:
            import skops.io

            skops.io.dump(self.own, folder / "own.skops")
        spec = {
            "own": self.own is not None,
            "background": None if self.background is None else self.background.tolist(),
            "numeric": self.numeric, "levels": self.levels, "boosters": len(self.boosters), "weight": self.weight,
            "slope": self.slope, "intercept": self.intercept, "notes": self.notes, "regime": self.regime,
            "logistics": len(self.logistics),
        }  # fmt: skip
        (folder / "scorer.json").write_text(json.dumps(spec, indent=2, default=str), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, trusted: Sequence[str] | None = ()) -> Scorer:
        """Read what `save` wrote: numbers and texts, from which nothing can run.

        Parameters
        ----------
        trusted
            Packages whose classes a classifier of one's own may consist of, beside scikit-learn's estimators. None
            trusts whatever its file names: for a file that this very process wrote.

        Raises
        ------
        ValueError
            The classifier holds classes of other packages.
        """
        spec = json.loads((folder / "scorer.json").read_text(encoding="utf-8"))
        boosters = tuple(lgb.Booster(model_file=folder / f"booster_{n}.txt") for n in range(spec.pop("boosters")))
        spec["numeric"] = tuple(spec["numeric"])
        spec["levels"] = {name: tuple(levels) for name, levels in spec["levels"].items()}
        paths = [folder / f"logistic_{n}.json" for n in range(spec.pop("logistics"))]
        logistics = tuple(logistic_of(json.loads(path.read_text(encoding="utf-8"))) for path in paths)
        background = spec.pop("background", None)
        rows = None if background is None else np.asarray(background, dtype=np.float64)
        own = _own_of(folder / "own.skops", trusted) if spec.pop("own", False) else None
        return cls(boosters=boosters, logistics=logistics, own=own, background=rows, **spec)


def _own_of(path: Path, trusted: Sequence[str] | None) -> Any:
    import skops.io

    types = skops.io.get_untrusted_types(file=path)
    if trusted is not None:
        packages = {name.split(".")[0] for name in types if name not in SAFE_TYPES} - set(trusted)
        if packages:
            raise ValueError(f"the saved classifier holds classes of {', '.join(sorted(packages))}")
    return skops.io.load(path, trusted=types)


def _numbers_of(logistic: Pipeline) -> dict[str, list[Any]]:
    """All that a fitted pipeline (ranks, gaps, scale, logistic) knows; JSON keeps every bit of a float."""
    ranks, gaps, scale, model = (logistic.named_steps[name] for name in ("ranks", "gaps", "scale", "logistic"))
    return {
        "references": ranks.references_.tolist(),
        "quantiles": ranks.quantiles_.tolist(),
        "medians": gaps.statistics_.tolist(),
        "with_gaps": gaps.indicator_.features_.tolist() if gaps.add_indicator else [],
        "mean": scale.mean_.tolist(),
        "scale": scale.scale_.tolist(),
        "coefficients": model.coef_[0].tolist(),
        "intercept": model.intercept_.tolist(),
    }


def logistic_of(numbers: Mapping[str, Any]) -> Pipeline:
    """The pipeline of these numbers: what scikit-learn keeps under public names is set, the imputer fits two rows."""
    medians, with_gaps = np.asarray(numbers["medians"], dtype=np.float64), numbers["with_gaps"]
    ranks: Any = QuantileTransformer(n_quantiles=len(numbers["references"]))
    ranks.references_, ranks.quantiles_ = np.asarray(numbers["references"]), np.asarray(numbers["quantiles"])
    ranks.n_quantiles_, ranks.n_features_in_ = len(numbers["references"]), len(medians)
    gappy = np.vstack([medians, medians])
    gappy[1, with_gaps] = np.nan
    gaps = SimpleImputer(strategy="median", add_indicator=bool(with_gaps), keep_empty_features=True).fit(gappy)
    scale: Any = StandardScaler()
    scale.mean_, scale.scale_ = np.asarray(numbers["mean"]), np.asarray(numbers["scale"])
    scale.var_, scale.n_features_in_ = scale.scale_**2, len(scale.mean_)
    model: Any = LogisticRegression()
    model.coef_, model.intercept_ = np.asarray([numbers["coefficients"]]), np.asarray(numbers["intercept"])
    model.classes_, model.n_features_in_ = np.array([0, 1]), model.coef_.shape[1]
    return Pipeline([("ranks", ranks), ("gaps", gaps), ("scale", scale), ("logistic", model)])
