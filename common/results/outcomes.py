"""What may become of an account beside churn: backtests, figures and scores of each outcome."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import BACKTEST, KEYS, METRICS, MODEL_VERSION, Result

OUTCOMES: dict[str, Result] = {
    "outcomes": Result(
        "outcomes",
        "outcomes",
        "a folder an outcome (`contraction`, `expansion`, `nonpayment`): what was known of it when, its backtest, and "
        "what its model is worth",
        public=True,
    ),
    "outcome_summary": Result(
        "outcome_summary.json", "outcomes", "how far each outcome can be foreseen", public=True, served="document",
        columns=(
            Column(
                "outcomes", None,
                "One object an outcome: name, when, share, state, happened_accounts, base_rate, mean_change, auc, "
                "model, words",
            ),
        ),
    ),
    "outcome_scores": Result(
        "outcome_scores.parquet", "outcomes", "account x outcome that can be foreseen", public=True,
        columns=(
            *KEYS,
            Column("outcome", Kind.TEXT, "Its name in params.yaml"),
            Column("probability", Kind.NUMBER, "Probability that it happens within the horizon after as_of, 0 to 1"),
            Column("usual", Kind.NUMBER, "The median probability of the accounts of the same segment"),
            Column("reason_1", Kind.TEXT, "The fact that makes it likelier than for comparable accounts"),
            Column("reason_2", Kind.TEXT, "The next one, on another matter"),
            Column("reason_3", Kind.TEXT, "The third one"),
        ),
    ),
    "outcomes_registered": Result(
        "outcomes_registered.json", "outcomes", "the model of each outcome that has one, as registered.json",
        columns=(Column("outcome", Kind.TEXT, "Its name in params.yaml"), *MODEL_VERSION),
    ),
}  # fmt: skip

OF_OUTCOME: dict[str, Result] = {
    BACKTEST: Result(
        BACKTEST, "outcomes", "account x as_of: a past date, scored by a model that knew nothing later",
        columns=(
            *KEYS,
            Column("fold", Kind.WHOLE, "Number of the fold"),
            Column("trained_as_of", Kind.DAY, "The fold's training date"),
            Column("happened", Kind.NUMBER, "1, 0; empty: unknown yet", may_be_empty=True),
            Column("probability", Kind.NUMBER, "That it happens within the horizon, 0 to 1"),
        ),
    ),
    METRICS: Result(
        METRICS, "outcomes", "what the model of the outcome is worth, as metrics.json for churn",
        columns=tuple(
            Column(name, None, meaning)
            for name, meaning in (
                ("model", "Metric -> value, low, high"),
                ("baseline", "The same of the logistic regression"),
                ("model_minus_baseline", "Paired differences"),
                ("rows", "How much was measured"),
            )
        ),
    ),
    "known.parquet": Result(
        "known.parquet", "outcomes", "account x as_of x span of knowledge: what could be known of it when",
        columns=(
            *KEYS,
            Column("happened", Kind.WHOLE, "1 or 0"),
            Column("mrr_change", Kind.NUMBER, "Share by which mrr moved; empty: it did not happen", may_be_empty=True),
            Column("known_from", Kind.TIME, "From when this was known"),
            Column("known_until", Kind.TIME, "Until when; empty: it still is", may_be_empty=True),
        ),
    ),
}  # fmt: skip
"""File in outcomes/<name>/ -> what it holds."""
