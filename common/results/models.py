"""The models, what they are worth on the past, the health score, and the scores of the date."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import BACKTEST, HORIZONS, KEYS, LOW_HIGH, METRICS, MODEL_VERSION, Result

MODELS: dict[str, Result] = {
    "hyperparameters": Result(
        "hyperparameters.json", "search", "what was chosen, on which dates, and every trial", public=True,
        columns=(
            Column("chosen", None, "Parameter -> value"),
            Column("searched_at", None, "The training dates of the search's folds"),
            Column("trials", None, "What was tried, with its score"),
        ),
    ),
    "predictions": Result(
        "predictions.parquet", "backtest", "account x as_of: every fold's out-of-sample predictions",
        columns=(
            *KEYS,
            Column("fold", Kind.WHOLE, "Number of the fold"),
            Column("trained_as_of", Kind.DAY, "The fold's training date: it knew nothing later"),
            Column("churn_probability", Kind.NUMBER, "0 to 1, within the horizon after as_of"),
            Column("boosting_probability", Kind.NUMBER, "The same by LightGBM alone"),
            Column("logistic_probability", Kind.NUMBER, "The same by the logistic regression alone"),
            Column("churned", Kind.NUMBER, "1, 0; empty: unknown yet", may_be_empty=True),
            Column("reported", Kind.YES_NO, "Whether backtest.parquet holds the row; earlier rows only set thresholds"),
        ),
    ),
    "family_shap": Result(
        "family_shap.parquet",
        "backtest",
        "account x as_of x fold: what drove out-of-sample predictions, family by family",
        public=True,
        columns=(*KEYS, Column("fold", Kind.WHOLE, "The fold that predicted the row")),
    ),
    "model": Result("model", "backtest", "the model of the scoring date, as text"),
    "health": Result(
        "health.parquet", "health", "account x as_of: the health score as it stood on the day",
        columns=(
            *KEYS,
            Column("health_score", Kind.NUMBER, "0 to 100, higher is healthier", may_be_empty=True),
            Column("health_band", Kind.TEXT, "red, amber, green or unknown"),
        ),
    ),
    "health_score": Result(
        "health_score.json",
        "tune_health",
        "the weights of the health score today and the proposed ones, with their evidence",
        public=True,
        served="document",
        columns=(
            Column("current", None, "Family -> weight; whole numbers that sum to 100"),
            Column("proposed", None, "Family -> weight; whole numbers that sum to 100"),
            Column("evidence", None, "AUC, green-churn recall of both, out of sample; null: too little to judge", True),
            Column("recommend", Kind.YES_NO, "Whether the proposal is better beyond noise"),
        ),
    ),
    "health_params": Result(
        "health_params.yaml", "tune_health", "the proposed weights, as parameters to adopt", public=True
    ),
    "health_page": Result("health_score.html", "tune_health", "the proposal as a page", public=True),
    "backtest": Result(
        BACKTEST,
        "watermelons",
        "account x as_of: a past date, scored by a model that knew nothing later than its training date",
        public=True,
        needed=True,
        served="columns",
        columns=(
            *KEYS,
            Column("fold", Kind.WHOLE, "Number of the fold"),
            Column("trained_as_of", Kind.DAY, "The fold's training date: it knew nothing later"),
            Column("churn_probability", Kind.NUMBER, "0 to 1, within the horizon after as_of"),
            Column("health_score", Kind.NUMBER, "As it stood on the day, 0 to 100", may_be_empty=True),
            Column("health_band", Kind.TEXT, "red, amber, green or unknown"),
            Column("watermelon", Kind.YES_NO, "Flagged on the day"),
            Column("churned", Kind.NUMBER, "1, 0; empty: unknown yet", may_be_empty=True),
        ),
    ),
    "green_churn": Result(
        "green_churn.parquet",
        "watermelons",
        "account that left while its health score was green: what was known of it",
        public=True,
        columns=(
            *KEYS,
            Column("left_on", Kind.DAY, "The day on which it left"),
            Column("caught", Kind.YES_NO, "Whether it was flagged before"),
        ),
    ),
    "watermelons": Result(
        "watermelons.json", "watermelons", "what the watermelon flags were worth on history",
        columns=(
            Column("precision", Kind.NUMBER, "Share of the flagged accounts that left", may_be_empty=True),
            Column("recall", Kind.NUMBER, "Of the green accounts that left, the share that was flagged", True),
            Column("base_rate", Kind.NUMBER, "Share of all green accounts that left", may_be_empty=True),
            Column("skill", Kind.YES_NO, "Whether the flags found more than the renewal calendar does"),
            Column("words", Kind.TEXT, "The same in sentences"),
        ),
    ),
    "metrics": Result(
        METRICS,
        "evaluate",
        "what the model is worth out of sample, each figure with its 95 % interval",
        public=True,
        served="document",
        metrics=True,
        columns=(
            Column("model", None, "Figure -> value, low, high"),
            Column("baseline", None, "The same of the logistic regression"),
            Column("segments", None, "Segment -> the same of its accounts"),
            Column("renewals", None, "The same of accounts whose term ends inside the horizon"),
            Column("rows", None, "How many rows, accounts, departures and dates were measured; the base rate"),
            Column("watermelons", None, "precision, recall, base_rate of the flags, beside simple rules"),
            Column("under_intervention", None, "Rows that an intervention may have turned: share, AUC, that of others"),
            Column("calibration", None, "Departures expected and seen: of all, on the latest date, by segment"),
        ),
    ),
    "plot_reliability": Result(
        "plots/reliability.csv", "evaluate", "predicted against observed churn", public=True, served="curve",
        columns=(
            Column("model", Kind.TEXT, "model, boosting or baseline"),
            Column("predicted", Kind.NUMBER, "Mean probability of a tenth of the rows"),
            Column("observed", Kind.NUMBER, "Share of them that left"),
            *LOW_HIGH,
        ),
        plot={"x": "predicted", "y": "observed"},
    ),
    "plot_gains": Result(
        "plots/gains.csv", "evaluate", "share of churn in the riskiest share of accounts", public=True, served="curve",
        columns=(
            Column("model", Kind.TEXT, "model, boosting or baseline"),
            Column("share_of_accounts", Kind.NUMBER, "The riskiest share of the accounts"),
            Column("share_of_churn", Kind.NUMBER, "Share of all that left among them"),
        ),
        plot={"x": "share_of_accounts", "y": "share_of_churn"},
    ),
    "plot_folds": Result(
        "plots/folds.csv", "evaluate", "AUC fold by fold", public=True, served="curve",
        columns=(
            Column("model", Kind.TEXT, "model, boosting or baseline"),
            Column("fold", Kind.WHOLE, "Number of the fold"),
            Column("test_from", Kind.DAY, "The first date that it predicts"),
            Column("auc", Kind.NUMBER, "AUC on its dates", may_be_empty=True),
            *LOW_HIGH,
        ),
        plot={"x": "test_from", "y": "auc"},
    ),
    "plot_melon_recall": Result(
        "plots/melon_recall.csv", "evaluate", "green churn that was flagged before, by days ahead", public=True,
        columns=(
            Column("rule", Kind.TEXT, "The watermelon flag, or a simple rule beside it"),
            Column("within_days", Kind.NUMBER, "Days before the account left"),
            Column("recall", Kind.NUMBER, "Share that was flagged so many days before or fewer", may_be_empty=True),
            *LOW_HIGH,
        ),
        plot={"x": "within_days", "y": "recall"},
    ),
    "plot_melon_lead": Result(
        "plots/melon_lead.csv", "evaluate", "how early the flags came", public=True,
        columns=(
            Column("days_ahead", Kind.TEXT, "How early the first flag came"),
            Column("accounts", Kind.WHOLE, "Accounts that left from green"),
        ),
        plot={"template": "bar_horizontal", "x": "accounts", "y": "days_ahead"},
    ),
    "plot_melon_trade_off": Result(
        "plots/melon_trade_off.csv", "evaluate", "what more flags would find, and cost", public=True,
        columns=(
            Column("rule", Kind.TEXT, "By what the accounts are ranked"),
            Column("share", Kind.NUMBER, "Share of the green accounts that is flagged"),
            Column("recall", Kind.NUMBER, "Share of those that left which would be flagged", may_be_empty=True),
            Column("precision", Kind.NUMBER, "Share of the flagged that leave", may_be_empty=True),
            *LOW_HIGH,
        ),
        plot={"x": "recall", "y": "precision"},
    ),
    "registered": Result(
        "registered.json", "register", "MLflow run, model version, the alias that it earned and why",
        columns=(*MODEL_VERSION, Column("versions", None, "The latest versions: trained, figures, verdict")),
    ),
    "scores": Result(
        "scores.parquet", "score", "account x both dates: the scoring model's probabilities",
        columns=(
            *KEYS,
            Column("churn_probability", Kind.NUMBER, "0 to 1, within the horizon after as_of"),
            Column("model_version", Kind.TEXT, "The version of the model that scored"),
        ),
    ),
    "horizons": Result(
        "horizons.parquet", "horizons", "account of the scoring date: other horizons, the renewal, the interval",
        columns=(*KEYS, *HORIZONS),
    ),
    "curves": Result(
        "curves.parquet", "horizons",
        "account x as_of of the reported past and of the scoring date: the curve of leaving",
        columns=(
            *KEYS,
            Column("left_by_30d", Kind.NUMBER, "Probability to have left by then; a column every 30 days", True),
            Column("left_by_390d", Kind.NUMBER, "The last of them", may_be_empty=True),
        ),
    ),
    "horizon_figures": Result(
        "horizons.json", "horizons", "what the probabilities of other horizons were worth on the past", public=True,
        served="document",
        columns=(
            Column("horizons", None, "One object a horizon: days, rows, counted, figures of it and of the score"),
            Column("renewal", None, "The same of the chance not to renew"),
            Column("interval_level", Kind.NUMBER, "Level of the interval of each account's probability"),
        ),
    ),
    "monitor": Result(
        "monitor.json", "monitor", "is the model still good: one answer with its reasons and figures", public=True,
        served="document",
        columns=(
            Column("answer", Kind.TEXT, "hold, look or retrain"),
            Column("why", None, "The reasons as sentences, the weightiest first"),
            Column("drift", None, "Family -> psi, moved, features, share_of_shap"),
            Column("rules", None, "Whether other facts go with leaving than before: p_value, weight of each family"),
            Column("scores_psi", Kind.NUMBER, "Population stability index of the scores", may_be_empty=True),
            Column("expected_auc", None, "Of today's cohort if its probabilities are right: value, low, high"),
            Column("seen_auc", None, "Seen on the latest dates with known outcomes: value, low, high"),
        ),
    ),
    "explanations": Result(
        "explanations.parquet",
        "score",
        "account x feature: SHAP values in log-odds; with the base value they sum to the margin",
        public=True,
        needed=True,
        served="columns",
        columns=(
            *KEYS,
            Column("feature", Kind.TEXT, "The feature"),
            Column("family", Kind.TEXT, "Its family"),
            Column("value", Kind.NUMBER, "Its value, where it is a number", may_be_empty=True),
            Column("value_text", Kind.TEXT, "Its value, where it is a text", may_be_empty=True),
            Column("shap_value", Kind.NUMBER, "What it adds to the log-odds of leaving"),
            Column("apart", Kind.NUMBER, "How much more that is than for comparable accounts: calendar, segment"),
            Column("moved_points", Kind.NUMBER, "Points of probability that it moved the score since the date before; "
                   "they sum to the move", may_be_empty=True),
            Column("base_value", Kind.NUMBER, "The log-odds before any feature"),
            Column("margin", Kind.NUMBER, "The log-odds of leaving"),
        ),
    ),
    "guards": Result(
        "guards.json",
        "guards",
        "whether the tables or the results are too good, too late or too odd to act on",
        public=True,
        served="document",
        columns=(
            Column("answer", Kind.TEXT, "The strongest answer of those that fired: stamp, withhold, refuse", True),
            Column("fired", None, "One object a guard that fired: guard, kind, answer, evidence, check, measured"),
            Column("measured", None, "Guard -> the figures that it measured, whether it fired or not"),
        ),
    ),
}  # fmt: skip
