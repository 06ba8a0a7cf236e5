"""First days, moments, and the accounts in launch."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import KEYS, Result

ADOPTION: dict[str, Result] = {
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
}  # fmt: skip
