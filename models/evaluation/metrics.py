"""What the model is worth, out of sample, with intervals by account.

All metrics are computed over rows (account, as_of) with a known outcome, pooled over the dates; an interval is a
percentile bootstrap that draws accounts, since the rows of one account overlap in time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from rind.common.facts.figures import Figure
from rind.common.facts.run import Measured
from rind.models.common.resampling import Floats, account_draws, interval

TOP_SHARES = (0.05, 0.10, 0.20)
_CLIP = 1e-6
LOGIT_STEP = 0.01  # so fine that a slope fitted to the steps differs from one of the rows by less than 0.0001

Metric = Callable[["Drawn"], float]


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
        self.squared_error = (self.probability - self.churned) ** 2
        self.log_loss = np.logaddexp(0, self.logit) - self.churned * self.logit
        self.step = np.unique(np.floor(self.logit / LOGIT_STEP), return_inverse=True)[1]
        self.step_logit = np.bincount(self.step, self.logit) / np.maximum(np.bincount(self.step), 1)

    def by_tie(self, values: Floats) -> Floats:
        """Sums over rows of equal probability."""
        return np.asarray(np.bincount(self.tie, values), dtype=np.float64)

    def by_step(self, values: Floats) -> Floats:
        """Sums over rows whose logits lie within `LOGIT_STEP`; step_logit is their mean."""
        return np.asarray(np.bincount(self.step, values), dtype=np.float64)


class Drawn:
    """A ranking under the weights of one bootstrap draw: the sums that several metrics need, made once."""

    def __init__(self, ranking: Ranking, weights: Floats) -> None:
        """``weights``: one per row, in the order of the ranking."""
        self.ranking, self.weights = ranking, weights

    @cached_property
    def lost(self) -> Floats:
        """Weight of the churned rows, by tie."""
        return self.ranking.by_tie(self.weights * self.ranking.churned)

    @cached_property
    def rows(self) -> Floats:
        """Weight of all rows, by tie."""
        return self.ranking.by_tie(self.weights)

    @cached_property
    def rows_to_here(self) -> Floats:
        """Rows from the top of the list on; the last is the sum."""
        return np.cumsum(self.rows)

    @cached_property
    def lost_to_here(self) -> Floats:
        """Churned rows from the top of the list on."""
        return np.cumsum(self.lost)


def auc(drawn: Drawn) -> float:
    """Chance that a row that churned ranks above one that did not; ties count half."""
    here, lost = drawn.lost > 0, float(drawn.lost_to_here[-1])
    stayed = float(drawn.rows_to_here[-1]) - lost
    of_lost = drawn.lost[here]
    below = stayed - (drawn.rows_to_here[here] - drawn.lost_to_here[here]) + (drawn.rows[here] - of_lost) / 2
    return _divide(float(of_lost @ below), lost * stayed)


def average_precision(drawn: Drawn) -> float:
    """Mean precision over the churned rows, from the riskiest down."""
    here = drawn.lost > 0
    precision = drawn.lost_to_here[here] / drawn.rows_to_here[here]
    return _divide(float(drawn.lost[here] @ precision), float(drawn.lost_to_here[-1]))


def brier(drawn: Drawn) -> float:
    """Mean squared error of the probability."""
    return _divide(float(drawn.weights @ drawn.ranking.squared_error), float(drawn.rows_to_here[-1]))


def log_loss(drawn: Drawn) -> float:
    """Mean negative log-likelihood, nats."""
    return _divide(float(drawn.weights @ drawn.ranking.log_loss), float(drawn.rows_to_here[-1]))


def calibration_slope(drawn: Drawn) -> float:
    """Slope of churned on the logit of the probability: 1 is right, below 1 is overconfident (Cox 1958)."""
    ranking = drawn.ranking
    lost, rows = (ranking.by_step(values) for values in (drawn.weights * ranking.churned, drawn.weights))
    x, line = ranking.step_logit, np.array([0.0, 1.0])
    if min(float(lost.sum()), float((rows - lost).sum())) <= 1 or np.ptp(x) < _CLIP:
        return float("nan")
    for _ in range(12):
        p = 1 / (1 + np.exp(-np.clip(line[0] + line[1] * x, -30, 30)))
        r, v = lost - rows * p, rows * p * (1 - p)
        information = np.array([[v.sum(), v @ x], [v @ x, v @ x**2]]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(information, np.array([r.sum(), r @ x]))
        line = line + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-5:
            break
    return float(line[1])


def calibration_error(drawn: Drawn) -> float:
    """Mean distance of the churn rate from the mean probability over ten equal parts of the list."""
    ranking = drawn.ranking
    gap = np.bincount(ranking.bin, drawn.weights * (ranking.probability - ranking.churned), minlength=10)
    return _divide(float(np.abs(gap).sum()), float(drawn.rows_to_here[-1]))


def recall_at(share: float, by_mrr: bool = False) -> Metric:
    """Share of the churned rows (or of their MRR) that stands in the riskiest ``share`` of the list."""

    def recall(drawn: Drawn) -> float:
        lost = drawn.lost_to_here
        if by_mrr:
            ranking = drawn.ranking
            lost = np.cumsum(ranking.by_tie(drawn.weights * ranking.churned * ranking.mrr))
        return _divide(_top(drawn.rows_to_here, lost, share), float(lost[-1]))

    return recall


def lift_at(share: float) -> Metric:
    """Churn rate in the riskiest ``share`` of the list over the base rate."""
    recall = recall_at(share)
    return lambda drawn: recall(drawn) / share


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
        model -> metric -> {value, low, high}; and ``<first>_minus_<last>`` with the paired differences, where there are
        two. A figure that is undefined is None.
    """
    values, samples = {}, {}
    churned = history["churned"].to_numpy(dtype=np.float64)
    mrr = history["mrr"].fillna(0).to_numpy(dtype=np.float64)
    account, accounts = pd.factorize(history["account_id"])
    weights = account_draws(len(accounts), draws, seed)
    for name, column in probabilities.items():
        ranking = Ranking(churned, history[column].to_numpy(dtype=np.float64), mrr)
        of_row = account[ranking.order]
        values[name] = {m: f(Drawn(ranking, np.ones(len(churned)))) for m, f in metrics.items()}
        drawn = [[f(draw) for f in metrics.values()] for draw in (Drawn(ranking, w[of_row]) for w in weights)]
        samples[name] = dict(zip(metrics, np.array(drawn, dtype="float64").T, strict=True))
    names = list(probabilities)
    first, last = names[0], names[-1]
    if first != last:
        values[f"{first}_minus_{last}"] = {m: values[first][m] - values[last][m] for m in metrics}
        samples[f"{first}_minus_{last}"] = {m: samples[first][m] - samples[last][m] for m in metrics}
    return {name: {m: _with_interval(values[name][m], samples[name][m]) for m in metrics} for name in values}


def _top(rows: Floats, lost: Floats, share: float) -> float:
    """What is lost in the riskiest ``share`` of the weight; ties at the edge count in proportion.

    ``rows``, ``lost``: sums from the top of the list on.
    """
    wanted = share * rows[-1]
    at = int(np.searchsorted(rows, wanted))  # the first place that reaches it
    before, amount = (rows[at - 1], lost[at - 1]) if at else (0.0, 0.0)
    part = (wanted - before) / (rows[at] - before) if rows[at] > before else 1.0
    return float(amount + part * (lost[at] - amount))


def _with_interval(value: float, sample: Floats) -> Figure:
    bounds = interval(sample)
    low, high = (bounds["low"], bounds["high"]) if bounds else (None, None)
    return {"value": value if np.isfinite(value) else None, "low": low, "high": high}


def _divide(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")
