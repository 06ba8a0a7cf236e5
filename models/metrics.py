"""What the model is worth, out of sample, with intervals by account.

All metrics are computed over rows (account, as_of) with a known outcome, pooled over the dates; an interval is a
percentile bootstrap that draws accounts, since the rows of one account overlap in time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from models.resampling import Floats, account_draws, interval, ratio

TOP_SHARES = (0.05, 0.10, 0.20)
_CLIP = 1e-6

Metric = Callable[["Ranking", Floats], float]
Measured = dict[str, dict[str, float | None]]


class Ranking:
    """Rows sorted from the highest probability to the lowest, with ties marked, so that reweighting is cheap."""

    def __init__(self, churned: Floats, probability: Floats, mrr: Floats) -> None:
        self.order = np.argsort(-probability, kind="stable")
        self.churned = churned[self.order]
        self.probability = probability[self.order]
        self.mrr = mrr[self.order]
        self.logit = np.log(np.clip(self.probability, _CLIP, 1 - _CLIP) / np.clip(1 - self.probability, _CLIP, 1))
        self.tie = np.concatenate([[0], np.cumsum(np.diff(self.probability) != 0)])
        self.bin = (np.arange(len(churned)) * 10) // max(len(churned), 1)

    def by_tie(self, values: Floats) -> Floats:
        """Sums over rows of equal probability."""
        return np.asarray(np.bincount(self.tie, values), dtype=np.float64)


def auc(ranking: Ranking, weights: Floats) -> float:
    """Chance that a row that churned ranks above one that did not; ties count half."""
    lost = ranking.by_tie(weights * ranking.churned)
    stayed = ranking.by_tie(weights * (1 - ranking.churned))
    below = stayed.sum() - np.cumsum(stayed) + stayed / 2
    return _divide(float(lost @ below), float(lost.sum() * stayed.sum()))


def average_precision(ranking: Ranking, weights: Floats) -> float:
    """Mean precision over the churned rows, from the riskiest down."""
    lost, rows = ranking.by_tie(weights * ranking.churned), ranking.by_tie(weights)
    precision = ratio(np.cumsum(lost), np.cumsum(rows))
    return _divide(float(np.nansum(lost * precision)), float(lost.sum()))


def brier(ranking: Ranking, weights: Floats) -> float:
    """Mean squared error of the probability."""
    return _divide(float(weights @ (ranking.probability - ranking.churned) ** 2), float(weights.sum()))


def log_loss(ranking: Ranking, weights: Floats) -> float:
    """Mean negative log-likelihood, nats."""
    loss = np.logaddexp(0, ranking.logit) - ranking.churned * ranking.logit
    return _divide(float(weights @ loss), float(weights.sum()))


def calibration_slope(ranking: Ranking, weights: Floats) -> float:
    """Slope of churned on the logit of the probability: 1 is right, below 1 is overconfident (Cox 1958)."""
    x, y, line = ranking.logit, ranking.churned, np.array([0.0, 1.0])
    if min(float(weights @ y), float(weights @ (1 - y))) <= 1 or np.ptp(x) < _CLIP:
        return float("nan")
    for _ in range(12):
        p = 1 / (1 + np.exp(-np.clip(line[0] + line[1] * x, -30, 30)))
        r, v = weights * (y - p), weights * p * (1 - p)
        information = np.array([[v.sum(), v @ x], [v @ x, v @ x**2]]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(information, np.array([r.sum(), r @ x]))
        line = line + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-5:
            break
    return float(line[1])


def calibration_error(ranking: Ranking, weights: Floats) -> float:
    """Mean distance of the churn rate from the mean probability over ten equal parts of the list."""
    gap = np.bincount(ranking.bin, weights * (ranking.probability - ranking.churned), minlength=10)
    return _divide(float(np.abs(gap).sum()), float(weights.sum()))


def recall_at(share: float, by_mrr: bool = False) -> Metric:
    """Share of the churned rows (or of their MRR) that stands in the riskiest ``share`` of the list."""

    def recall(ranking: Ranking, weights: Floats) -> float:
        lost = weights * ranking.churned * (ranking.mrr if by_mrr else 1.0)
        return _divide(_top(ranking, weights, lost, share), float(lost.sum()))

    return recall


def lift_at(share: float) -> Metric:
    """Churn rate in the riskiest ``share`` of the list over the base rate."""
    recall = recall_at(share)
    return lambda ranking, weights: recall(ranking, weights) / share


METRICS: dict[str, Metric] = {
    "auc": auc,
    "average_precision": average_precision,
    "brier": brier,
    "log_loss": log_loss,
    "calibration_slope": calibration_slope,
    "calibration_error": calibration_error,
    **{f"lift_at_{share:.0%}".replace("%", "pct"): lift_at(share) for share in TOP_SHARES},
    **{f"recall_at_{share:.0%}".replace("%", "pct"): recall_at(share) for share in TOP_SHARES},
    "mrr_recall_at_10pct": recall_at(0.10, by_mrr=True),
}


def measure(
    history: pd.DataFrame,
    probabilities: Mapping[str, str],
    draws: int,
    seed: int,
    metrics: Mapping[str, Metric] = METRICS,
) -> dict[str, Measured]:
    """Every metric of every model with its interval, on the same draws, and differences to the last model.

    Parameters
    ----------
    history
        One row per (account_id, as_of) with a known ``churned`` 0/1, ``mrr`` and the probability columns.
    probabilities
        Name of a model -> its probability column; the last is the baseline.

    Returns
    -------
    dict
        model -> metric -> {value, low, high}; and ``<first>_minus_<last>`` with the paired differences. A figure that
        is undefined is None.
    """
    values, samples = {}, {}
    churned = history["churned"].to_numpy(dtype=np.float64)
    mrr = history["mrr"].fillna(0).to_numpy(dtype=np.float64)
    account, accounts = pd.factorize(history["account_id"])
    weights = account_draws(len(accounts), draws, seed)
    for name, column in probabilities.items():
        ranking = Ranking(churned, history[column].to_numpy(dtype=np.float64), mrr)
        of_row = account[ranking.order]
        values[name] = {m: f(ranking, np.ones(len(churned))) for m, f in metrics.items()}
        samples[name] = {m: np.array([f(ranking, w[of_row]) for w in weights]) for m, f in metrics.items()}
    first, *_, last = probabilities
    values[f"{first}_minus_{last}"] = {m: values[first][m] - values[last][m] for m in metrics}
    samples[f"{first}_minus_{last}"] = {m: samples[first][m] - samples[last][m] for m in metrics}
    return {name: {m: _with_interval(values[name][m], samples[name][m]) for m in metrics} for name in values}


def _top(ranking: Ranking, weights: Floats, what: Floats, share: float) -> float:
    """Sum of ``what`` over the riskiest ``share`` of the weight; ties at the edge count in proportion."""
    rows, amount = np.cumsum(ranking.by_tie(weights)), np.cumsum(ranking.by_tie(what))
    return float(np.interp(share * rows[-1], np.append(0.0, rows), np.append(0.0, amount)))


def _with_interval(value: float, sample: Floats) -> dict[str, float | None]:
    bounds: Mapping[str, float | None] = interval(sample) or {"low": None, "high": None}
    return {"value": value if np.isfinite(value) else None, **bounds}


def _divide(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")
