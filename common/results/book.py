"""The book of business: the numbers of customer success, and the forecast against what came."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import Result

DIMENSIONS = (
    Column("segment", Kind.TEXT, "Segment of the accounts as it stands today; all: summed over; empty text: none"),
    Column("csm", Kind.TEXT, "Who looks after them today; all: summed over; empty text: nobody"),
)

BOOK: dict[str, Result] = {
    "kpis": Result(
        "kpis.parquet",
        "kpis",
        "month x segment x csm x plan x metric: the numbers of customer success in whole months",
        public=True,
        served="table",
        columns=(
            Column("month", Kind.DAY, "Its first day"),
            *DIMENSIONS,
            Column("plan", Kind.TEXT, "Plan of the main term when the month began; all: summed over"),
            Column("metric", Kind.TEXT, "mrr_start, mrr_new, .. nrr, nps, clv: reports/kpi_text.py defines each"),
            Column("value", Kind.NUMBER, "The number: a sum, or numerator over denominator in the metric's unit"),
            Column("numerator", Kind.NUMBER, "What is divided, or the sum itself"),
            Column("denominator", Kind.NUMBER, "By what it is divided; empty: by nothing", may_be_empty=True),
        ),
    ),
    "kpi_notes": Result(
        "kpi_notes.json", "kpis", "what a reader of kpis.parquet must know, and churn by CSM against what was expected",
        public=True,
        served="document",
        columns=(
            Column("months", None, "The first days of the months, in order"),
            Column("partial_from", Kind.DAY, "The first month whose departures may still be taken back", True),
            Column("essential_from_nps", Kind.YES_NO, "Whether NPS stands for essential, nice to have, not needed"),
            Column("notes", None, "Sentences below the numbers"),
            Column("churn_by_csm", None, "One object a CSM: accounts, left, rate, expected, low, high, p_value, .."),
            Column("compared_until", Kind.DAY, "The latest date whose departures are compared there", True),
        ),
    ),
}  # fmt: skip
