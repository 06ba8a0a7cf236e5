"""First days, moments, and the accounts in launch."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import ACCOUNT, KEYS, MODEL_VERSION, Result

OUTCOME = (
    ACCOUNT,
    Column("signed_on", Kind.DAY, "The first paid day, when customer life begins"),
    Column("left_on", Kind.DAY, "The day on which it left; empty: it has not", may_be_empty=True),
    Column("followed_days", Kind.WHOLE, "Days after signing up to which its outcome is known", may_be_empty=True),
)

ADOPTION: dict[str, Result] = {
    "early": Result(
        "early.parquet", "early_behaviour", "account x behaviour x window: what accounts did in their first days",
        columns=(
            ACCOUNT,
            Column("behaviour", Kind.TEXT, "What it did"),
            Column("within_days", Kind.WHOLE, "In so many days after signing"),
            Column("count", Kind.NUMBER, "How often, or by how many users", may_be_empty=True),
        ),
    ),
    "cohorts": Result(
        "cohorts.parquet", "early_behaviour", "young or past account with its outcome", columns=OUTCOME
    ),
    "past_cohorts": Result(
        "past_cohorts.parquet", "early_behaviour", "account x date: what was known of its outcome then",
        columns=(*OUTCOME, Column("known_at", Kind.DAY, "The date")),
    ),
    "true_north": Result(
        "true_north.json",
        "true_north",
        "the moments after which accounts stay; empty when none could be shown",
        public=True,
        served="document",
        columns=(
            Column("moments", None, "One object a confirmed moment: segment, feature, count, within_days, ..."),
            Column("rejected", None, "Candidates that later cohorts did not confirm, with the same keys"),
            Column("segments", None, "Segment -> how many accounts were searched, and what could have been found"),
            Column("freshness", None, "One object a moment of the last run: whether it still holds"),
            Column("words", Kind.TEXT, "The same in sentences"),
        ),
    ),
    "moments": Result(
        "moments.json", "true_north", "what a page draws of the moments, one object each",
        public=True, served="document",
        columns=(
            Column("segment", Kind.TEXT, "Of the accounts; all: every segment"),
            Column("feature", Kind.TEXT, "The behaviour"),
            Column("count", Kind.NUMBER, "At least so often, or by so many users"),
            Column("within_days", Kind.WHOLE, "In so many days after signing"),
            Column("confirmed", Kind.YES_NO, "On later cohorts that took no part in the search"),
            Column("surface", None, "Strength by count and window"),
            Column("curves", None, "Share of accounts still there, day by day, of who reached it and who did not"),
            Column("cohorts", None, "The same by the quarter of signing"),
        ),
    ),
    "moments_tracked": Result(
        "moments_tracked.json", "true_north", "the MLflow run of the moments",
        columns=(Column("run_id", Kind.TEXT, "The run"),),
    ),
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
        "adoption_metrics.json", "adoption",
        "what the adoption model is worth; its figures where some left and some stayed; {} without a model",
        public=True, metrics=True, may_be_void=True,
        columns=(
            Column("rows", Kind.WHOLE, "Rows that were measured, out of sample"),
            Column("accounts", Kind.WHOLE, "Accounts among them"),
            Column("not_adopted", Kind.WHOLE, "Accounts that left early"),
        ),
    ),
    "adoption_model": Result("adoption_model", "adoption", "the adoption model, as text"),
    "adoption_registered": Result(
        "adoption_registered.json", "adoption", "as registered.json; {} without a model", may_be_void=True,
        columns=MODEL_VERSION,
    ),
    "true_north_page": Result(
        "true_north.html", "true_north_page", "each moment from start to end, and the young accounts", public=True
    ),
}  # fmt: skip
