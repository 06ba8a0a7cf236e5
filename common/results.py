"""Every file that a run writes, declared once: where it lies, which stage makes it, what it holds, who may read it.

The workspace, the flow (`pipelines.flow`, and through it dvc.yaml), the manifest, the swap of `rind run`, serving and
docs/results.md derive from `RESULTS`. A new result is one entry here and its name among the reads of who reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rind.common.columns import Column, Kind

Served = Literal["", "table", "document", "curve", "columns", "series"]


@dataclass(frozen=True)
class Result:
    """One file, or folder, of a run.

    Parameters
    ----------
    path
        Below the folder of the run.
    made_by
        The stage that writes it.
    meaning
        What one row is, or what the document tells.
    public
        Whether `rind run` leaves it in its folder and the manifest vouches for it; the rest is for later stages.
    columns
        Parquet: columns that are always there. JSON: keys that are always there. Further ones may follow.
    served
        How serving reads it. "table": whole, as a table; "document": as JSON; "curve": the data of a plot;
        "columns": some columns of it, account by account; "series": some of its columns through time; "": not at all.
    needed
        Whether there is no week to serve without it.
    plot
        What `dvc plots show` draws of it: axes and template.
    metrics
        Whether `dvc metrics show` prints it.
    """

    path: str
    made_by: str
    meaning: str
    public: bool = False
    columns: tuple[Column, ...] = ()
    served: Served = ""
    needed: bool = False
    plot: Mapping[str, str] | None = None
    metrics: bool = False


ACCOUNT = Column("account_id", Kind.ID, "The account")
AS_OF = Column("as_of", Kind.DAY, "The date at whose 00:00 UTC we stand: only what happened before it is known")
KEYS = (ACCOUNT, AS_OF)

PLACE_AND_SCORE = (
    Column("rank", Kind.WHOLE, "1 is the account most likely to leave"),
    ACCOUNT,
    Column("name", Kind.TEXT, "The customer company", may_be_empty=True),
    Column("segment", Kind.TEXT, "Its segment", may_be_empty=True),
    Column("csm", Kind.TEXT, "Who looks after it", may_be_empty=True),
    Column("mrr", Kind.NUMBER, "What it pays a month"),
    Column("term_ends_on", Kind.DAY, "Day on which the present term ends", may_be_empty=True),
    Column("churn_probability", Kind.NUMBER, "Probability of leaving within the horizon after as_of, 0 to 1"),
    Column("risk_band", Kind.TEXT, "red, amber or green by the probability"),
    Column("mrr_at_risk", Kind.NUMBER, "mrr times churn_probability: the monthly loss to expect"),
    Column("health_score", Kind.NUMBER, "0 to 100, higher is healthier", may_be_empty=True),
    Column("health_band", Kind.TEXT, "red, amber, green by the health score, or unknown"),
    Column("watermelon", Kind.YES_NO, "Green by its health score, red by the model"),
)
"""What a list says of an account before it says why."""

REASONS = (
    Column("reason_1", Kind.TEXT, "The fact that moved the score most"),
    Column("reason_2", Kind.TEXT, "The next one, on another matter"),
    Column("reason_3", Kind.TEXT, "The third one"),
    Column("playbook", Kind.TEXT, "What to do next", may_be_empty=True),
    Column("rank_change", Kind.WHOLE, "Places moved up since the date before; empty for a new one", may_be_empty=True),
)

RESULTS: dict[str, Result] = {
    "demo": Result("demo/source", "demo", "the demo company's tables"),
    "truth": Result("demo/truth", "demo", "what truly drives the demo company; no later stage reads it"),
    "tables": Result("tables", "validate", "the source's sound rows in the types of the data contract"),
    "set_aside": Result(
        "set_aside",
        "validate",
        "a table that has such rows: each row that was set aside, as it came, with rule and account_set_aside",
        public=True,
    ),
    "validation": Result(
        "validation.json",
        "validate",
        "what the source is: rows, dates, absent tables, notes",
        public=True,
        columns=(
            Column("source", Kind.TEXT, "Where the tables lie, without passwords"),
            Column("data_end", Kind.DAY, "The last day that the source covers"),
            Column("as_of", Kind.DAY, "The scoring date"),
            Column("rows", None, "Table -> rows"),
            Column("absent", None, "Tables that the source does not have"),
            Column("notes", None, "What a reader should know of the source"),
            Column("rules", None, "Every broken rule: table, column, rule, count, share, limit, examples"),
            Column("accounts_set_aside", None, "count, of, share: accounts that are left out with all their rows"),
            Column("set_aside", None, "Table -> rows that lie in set_aside/"),
        ),
    ),
    "source_guards": Result("source_guards.json", "validate", "what the guards of the tables measured"),
    "snapshots": Result("snapshots.parquet", "snapshots", "account x as_of: which accounts are looked at when"),
    "dates": Result("dates.json", "snapshots", "data end, scoring date, and the date of the list before"),
    "own_families": Result(
        "own_families", "features_plugins", "one file a family that plugins.families names, and their catalogue"
    ),
    "features": Result(
        "features.parquet",
        "matrix",
        "account x as_of, all training dates and the scoring date; one column a feature, `family__what__window`",
        public=True,
        columns=KEYS,
        served="series",
    ),
    "catalogue": Result(
        "catalogue.json",
        "matrix",
        "what every feature means, and which families are left out and why",
        public=True,
        served="document",
        columns=(
            Column("features", None, "One object a feature: name, family, description, unit, direction, sentences"),
            Column("left_out", None, "Family -> why it took no part"),
        ),
    ),
    "labels": Result(
        "labels.parquet",
        "labels",
        "account x as_of: the outcome as the source tells it today",
        public=True,
        columns=(
            *KEYS,
            Column("churned", Kind.WHOLE, "1 left within the horizon, 0 stayed; empty: unknown", may_be_empty=True),
            Column("days_to_churn", Kind.WHOLE, "Days until it left; empty: not seen", may_be_empty=True),
        ),
    ),
    "known_labels": Result(
        "known_labels.parquet",
        "labels",
        "account x as_of x span of knowledge: what could be known of the outcome when",
        public=True,
        columns=(
            *KEYS,
            Column("churned", Kind.WHOLE, "As in labels.parquet", may_be_empty=True),
            Column("days_to_churn", Kind.WHOLE, "As in labels.parquet", may_be_empty=True),
            Column("known_from", Kind.TIME, "From when this was known"),
            Column("known_until", Kind.TIME, "Until when; empty: it still is", may_be_empty=True),
        ),
    ),
    "hyperparameters": Result(
        "hyperparameters.json", "search", "what was chosen, on which dates, and every trial", public=True,
        columns=(
            Column("chosen", None, "Parameter -> value"),
            Column("searched_at", None, "The training dates of the search's folds"),
            Column("trials", None, "What was tried, with its score"),
        ),
    ),
    "predictions": Result("predictions.parquet", "backtest", "account x as_of: every fold's out-of-sample predictions"),
    "family_shap": Result(
        "family_shap.parquet",
        "backtest",
        "account x as_of x fold: what drove out-of-sample predictions, family by family",
        public=True,
        columns=(*KEYS, Column("fold", Kind.WHOLE, "The fold that predicted the row")),
    ),
    "model": Result("model", "backtest", "the model of the scoring date, as text"),
    "health": Result("health.parquet", "health", "account x as_of: the health score as it stood on the day"),
    "health_score": Result(
        "health_score.json",
        "tune_health",
        "the weights of the health score today and the proposed ones, with their evidence",
        public=True,
        served="document",
        columns=(
            Column("current", None, "Family -> weight; whole numbers that sum to 100"),
            Column("proposed", None, "Family -> weight; whole numbers that sum to 100"),
            Column("evidence", None, "AUC and green-churn recall of both, out of sample; null: too little to judge"),
            Column("recommend", Kind.YES_NO, "Whether the proposal is better beyond noise"),
        ),
    ),
    "health_params": Result(
        "health_params.yaml", "tune_health", "the proposed weights, as parameters to adopt", public=True
    ),
    "health_page": Result("health_score.html", "tune_health", "the proposal as a page", public=True),
    "backtest": Result(
        "backtest.parquet",
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
    "watermelons": Result("watermelons.json", "watermelons", "what the watermelon flags were worth on history"),
    "metrics": Result(
        "metrics.json",
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
        ),
    ),
    "plot_reliability": Result(
        "plots/reliability.csv", "evaluate", "predicted against observed churn", public=True, served="curve",
        plot={"x": "predicted", "y": "observed"},
    ),
    "plot_gains": Result(
        "plots/gains.csv", "evaluate", "share of churn in the riskiest share of accounts", public=True, served="curve",
        plot={"x": "share_of_accounts", "y": "share_of_churn"},
    ),
    "plot_folds": Result(
        "plots/folds.csv", "evaluate", "AUC fold by fold", public=True, served="curve",
        plot={"x": "test_from", "y": "auc"},
    ),
    "plot_melon_recall": Result(
        "plots/melon_recall.csv", "evaluate", "green churn that was flagged before, by days ahead", public=True,
        plot={"x": "within_days", "y": "recall"},
    ),
    "plot_melon_lead": Result(
        "plots/melon_lead.csv", "evaluate", "how early the flags came", public=True,
        plot={"template": "bar_horizontal", "x": "accounts", "y": "days_ahead"},
    ),
    "plot_melon_trade_off": Result(
        "plots/melon_trade_off.csv", "evaluate", "what more flags would find, and cost", public=True,
        plot={"x": "recall", "y": "precision"},
    ),
    "registered": Result("registered.json", "register", "MLflow run, model version, the alias that it earned and why"),
    "scores": Result("scores.parquet", "score", "account x both dates: the scoring model's probabilities"),
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
    "early": Result("early.parquet", "early_behaviour", "what accounts did in their first days"),
    "cohorts": Result("cohorts.parquet", "early_behaviour", "young and past accounts with their outcome"),
    "past_cohorts": Result("past_cohorts.parquet", "early_behaviour", "what was known of those outcomes when"),
    "true_north": Result(
        "true_north.json",
        "true_north",
        "the moments after which accounts stay; empty when none could be shown",
        public=True,
        served="document",
        columns=(Column("moments", None, "One object a confirmed moment: segment, feature, count, within_days, ..."),),
    ),
    "moments": Result("moments.json", "true_north", "what a page draws of the moments", public=True, served="document"),
    "moments_tracked": Result("moments_tracked.json", "true_north", "the MLflow run of the moments"),
    "adoption": Result(
        "adoption.parquet",
        "adoption",
        "young account",
        public=True,
        served="table",
        columns=(
            *KEYS,
            Column("adoption_probability", Kind.NUMBER, "Of becoming a long-term customer, 0 to 1", may_be_empty=True),
            Column("next_step", Kind.TEXT, "What to do next with it"),
        ),
    ),
    "adoption_metrics": Result(
        "adoption_metrics.json", "adoption", "what the adoption model is worth", public=True, metrics=True
    ),
    "adoption_model": Result("adoption_model", "adoption", "the adoption model, as text"),
    "adoption_registered": Result("adoption_registered.json", "adoption", "as registered.json; {} without a model"),
    "true_north_page": Result(
        "true_north.html", "true_north_page", "each moment from start to end, and the young accounts", public=True
    ),
    "risk_list": Result(
        "risk_list.parquet",
        "risk_list",
        "account in the cohort of the scoring date, riskiest first",
        public=True,
        needed=True,
        served="table",
        columns=(*PLACE_AND_SCORE, *REASONS),
    ),
    "previous_list": Result(
        "previous_list.parquet",
        "risk_list",
        "the same of the date before by the same model, for who compares",
        public=True,
        served="table",
        columns=(AS_OF, *PLACE_AND_SCORE),
    ),
    "facts": Result("facts.json", "risk_list", "what the reports say of the run: dates, bands, model, notes"),
    "risk_list_csv": Result("risk_list.csv", "report", "risk_list.parquet for spreadsheets", public=True),
    "risk_list_xlsx": Result("risk_list.xlsx", "report", "the list as a workbook, also for leadership", public=True),
    "risk_list_html": Result("risk_list.html", "report", "the list as one page that needs nothing else", public=True),
    **{
        f"picture_{name}": Result(f"plots/{name}.png", "report", f"plots/{name}.csv, drawn", public=True)
        for name in ("reliability", "gains", "folds", "melon_recall", "melon_lead", "melon_trade_off")
    },
    "run": Result(
        "run.json",
        "manifest",
        "what was run, and the size and hash of every other result",
        public=True,
        needed=True,
        served="document",
        columns=(
            Column("data_end", Kind.DAY, "The last day that the source covers"),
            Column("as_of", Kind.DAY, "The scoring date"),
            Column("tables", None, "Table -> rows"),
            Column("parameters", None, "As in params.yaml, without what is done with the results afterwards"),
            Column("versions", None, "Package -> version"),
            Column("seconds", None, "Stage -> seconds"),
            Column("parts_missing", None, "Part that only adds to the list -> why it is missing this week"),
            Column("manifest", None, "Path -> bytes and sha256 of every other result"),
            Column("mlflow", None, "run_id, model name and version, alias and verdict of this training"),
            Column("scored_by", None, "Name and version of the model that made the list"),
        ),
    ),
    "promoted": Result("promoted.json", "promote", "the alias in the registry, once the list stands"),
}  # fmt: skip
"""Name in the workspace -> result."""

MANIFEST = "run.json"
"""Written last: it vouches for all the others."""


def public_paths() -> tuple[str, ...]:
    """What `rind run` leaves in its folder, by path, run.json last."""
    paths = [result.path for result in RESULTS.values() if result.public and result.path != MANIFEST]
    return (*paths, MANIFEST)


def served_paths(*kinds: Served) -> dict[str, str]:
    """Name -> path of what serving reads in one of these ways."""
    return {name: result.path for name, result in RESULTS.items() if result.served in kinds}


def result_at(path: str) -> Result | None:
    """The result that lies at a path below the folder of a run; None where none is declared."""
    return next((result for result in RESULTS.values() if result.path == path), None)


TOP_LEVEL = tuple(dict.fromkeys(path.split("/")[0] for path in public_paths()))
"""The files and folders that `rind run` leaves in its folder, run.json last."""
