"""What is made of the source before anything is learned: tables, snapshots, features, labels."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import ACCOUNT, KEYS, Result

DATA: dict[str, Result] = {
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
        served="document",
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
    "source_guards": Result(
        "source_guards.json", "validate", "what the guards of the tables measured, one object a guard",
        columns=(
            Column("guard", Kind.TEXT, "Its name, as in params.yaml"),
            Column("kind", Kind.TEXT, "too good, too late or too odd"),
            Column("answer", Kind.TEXT, "stamp, withhold or refuse: what it does where it fires"),
            Column("fired", Kind.YES_NO, "Whether the figure is beyond the threshold"),
            Column("evidence", Kind.TEXT, "The figures in a sentence"),
            Column("check", Kind.TEXT, "What to look at"),
            Column("measured", None, "The figures, by name"),
        ),
    ),
    "commitments": Result(
        "commitments.parquet", "validate",
        "account x quarter: what its CSM committed to, as the feedback was exported; empty without feedback",
        public=True,
        columns=(
            ACCOUNT,
            Column("quarter", Kind.DAY, "Its first day"),
            Column("category", Kind.TEXT, "commit, best_case or at_risk"),
            Column("recorded_at", Kind.TIME, "When it was written down, UTC"),
        ),
    ),
    "snapshots": Result(
        "snapshots.parquet", "snapshots", "account x as_of: which accounts are looked at when", columns=KEYS
    ),
    "dates": Result(
        "dates.json", "snapshots", "data end, scoring date, and the date of the list before",
        columns=(
            Column("data_end", Kind.DAY, "The last day that the source covers"),
            Column("as_of", Kind.DAY, "The scoring date"),
            Column("previous", Kind.DAY, "The date of the list before"),
        ),
    ),
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
    "account_weeks": Result(
        "account_weeks.parquet", "account_weeks",
        "account x week in which it paid or did anything, in the cohort or not: for `rind experiment` and effects.json",
        public=True,
        columns=(
            ACCOUNT,
            Column("week", Kind.DAY, "Its Monday"),
            Column("mrr", Kind.NUMBER, "Revenue a month of the terms that run on the Monday, by the latest rates"),
            Column("active_days", Kind.NUMBER, "Days on which anybody used the product, 0 to 7"),
            Column("tickets", Kind.NUMBER, "Support cases that were opened"),
            Column("nps_balance", Kind.NUMBER, "Promoters less detractors among the NPS answers"),
            Column("nps_answers", Kind.NUMBER, "NPS answers"),
            Column("ces_sum", Kind.NUMBER, "Sum of the CES answers"),
            Column("ces_answers", Kind.NUMBER, "CES answers"),
        ),
    ),
    "under_intervention": Result(
        "under_intervention.parquet",
        "labels",
        "account x as_of whose outcome an intervention may have turned: one ran on the day or began within the horizon",
        public=True,
        columns=(*KEYS, Column("known_from", Kind.TIME, "From when it was known")),
    ),
}  # fmt: skip
