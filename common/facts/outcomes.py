"""What is written down of each outcome beside churn."""

from __future__ import annotations

from typing import TypedDict

from rind.common.facts.figures import Figure
from rind.common.facts.run import Measured


class OutcomeExtent(TypedDict):
    """How much was measured, as for churn: ``happened_accounts`` are the accounts to which it happened."""

    rows: int
    accounts: int
    happened_accounts: int
    dates: int
    base_rate: float | None


class OutcomeMetrics(TypedDict):
    """The content of outcomes/<name>/metrics.json."""

    model: Measured
    boosting: Measured
    baseline: Measured
    model_minus_baseline: Measured
    rows: OutcomeExtent


class OutcomeSummary(TypedDict):
    """One outcome in outcome_summary.json.

    Parameters
    ----------
    when, share
        Its definition, as in params.yaml.
    state
        ``shown``: its probabilities are in the list; ``no_skill``: the model ranks no better than chance;
        ``too_few``: too little has happened to learn from; ``no_table``: a table that it needs is missing.
    happened_accounts
        Accounts to which it happened, as known on the scoring date.
    base_rate
        Share of the accounts to which it happens within the horizon; None where nothing was measured.
    mean_change
        Mean share by which mrr moved when it happened; None where it moves no mrr, or has not happened.
    auc
        Out of sample, with its interval; None where nothing was measured.
    model
        Name and version in the registry; None without a model.
    words
        The state in a sentence.
    """

    name: str
    when: str
    share: float | None
    state: str
    happened_accounts: int
    base_rate: float | None
    mean_change: float | None
    auc: Figure | None
    model: str | None
    words: str
