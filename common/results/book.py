"""The book of business: the numbers of customer success, and the forecast against what came."""

from __future__ import annotations

from rind.common.columns import Column, Kind
from rind.common.results.result import Result

DIMENSIONS = (
    Column("segment", Kind.TEXT, "Segment of the accounts as it stands today; all: summed over; empty text: none"),
    Column("csm", Kind.TEXT, "Who looks after them today; all: summed over; empty text: nobody"),
)

MADE_ON = Column("made_on", Kind.DAY, "The day of the forecast: only what was known before it counts")

FORECAST = (
    Column("accounts", Kind.NUMBER, "Accounts that pay on made_on"),
    Column("arr", Kind.NUMBER, "What they pay a year then"),
    Column("arr_up_for_renewal", Kind.NUMBER, "The part whose agreed end lies after made_on and by then"),
    Column("expected_to_renew", Kind.NUMBER, "The part of that which is expected to stay"),
    Column(
        "expected_to_contract",
        Kind.NUMBER,
        "ARR of those that stay and are expected to pay less, by the share of "
        "the outcome mrr_falls or more; empty: too few ever did, or there is no such outcome",
        True,
    ),
    Column("expected_to_expand", Kind.NUMBER, "The same of those that are expected to pay more", True),
    Column("arr_leaving", Kind.NUMBER, "The part that is expected to leave by then"),
    Column("arr_contraction", Kind.NUMBER, "What those that stay are expected to pay less"),
    Column("arr_expansion", Kind.NUMBER, "What they are expected to pay more"),
    Column("arr_at_risk", Kind.NUMBER, "What is expected to be lost: arr_leaving + arr_contraction"),
    Column("arr_expected", Kind.NUMBER, "Expected to be there at the end, of arr: arr - arr_at_risk + arr_expansion"),
    Column("low", Kind.NUMBER, "Lower end of its 80 % interval"),
    Column("high", Kind.NUMBER, "Upper end of its 80 % interval"),
    Column("grr", Kind.NUMBER, "Gross revenue retention expected: 1 - arr_at_risk / arr"),
    Column("nrr", Kind.NUMBER, "Net revenue retention expected: arr_expected / arr"),
    Column("arr_naive", Kind.NUMBER, "The same by last year's rate of the segment; empty: none is known", True),
    Column("arr_actual", Kind.NUMBER, "What was there; empty: not known yet", may_be_empty=True),
)
"""What a forecast says of one period and group; money a year."""

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
    "effects": Result(
        "effects.json", "effects", "what each playbook did, against comparable accounts that got none",
        public=True,
        served="document",
        columns=(
            Column(
                "effects", None,
                "One object a playbook: playbook, accounts, comparable, effect (difference in the probability of "
                "leaving; below 0: it helped), low, high (95 %), placebo_p, verdict (helps, harms, none_shown, "
                "cannot_tell), mrr_saved, cost, raw (raw comparison), changes (of use and mrr), ..",
            ),
            Column("horizon_days", Kind.WHOLE, "Days from the last snapshot before a start"),
            Column("started_from", Kind.DAY, "The first start that is judged", True),
            Column("started_until", Kind.DAY, "The last one", True),
            Column("not_judged", Kind.WHOLE, "Starts too early, too recent, or without a comparable snapshot"),
            Column("words", None, "The findings in sentences"),
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
            Column("bands_and_departures", None, "departures, share from_green, and per health band accounts and left"),
        ),
    ),
    "forecast": Result(
        "forecast.parquet",
        "forecast",
        "day of the forecast x quarter x segment x csm: revenue a year still there at the quarter's end, and what came",
        public=True,
        served="table",
        columns=(MADE_ON, Column("quarter", Kind.DAY, "The first day of the quarter"), *DIMENSIONS, *FORECAST),
    ),
    "forecast_months": Result(
        "forecast_months.parquet",
        "forecast",
        "day of the forecast x month x segment x csm: the same by the end of each month; all is counted from the day "
        "of the forecast on, so a row holds what the months before it hold",
        public=True,
        served="table",
        columns=(MADE_ON, Column("month", Kind.DAY, "The first day of the month"), *DIMENSIONS, *FORECAST),
    ),
    "forecast_record": Result(
        "forecast_record.json", "forecast", "what the past forecasts were worth, beside last year's rates", public=True,
        served="document",
        columns=(
            Column("quarters", Kind.WHOLE, "Quarters that were forecast and are over"),
            Column("error", Kind.NUMBER, "Mean size of expected less actual, as a share of the ARR", True),
            Column("bias", Kind.NUMBER, "Mean of expected less actual, as a share of the ARR", may_be_empty=True),
            Column("covered", Kind.WHOLE, "Quarters whose actual lies in the 80 % interval"),
            Column("naive_error", Kind.NUMBER, "Mean size of the naive forecast's error where both are known", True),
            Column("better", Kind.TEXT, "model, naive or cannot_tell"),
            Column("months", Kind.WHOLE, "Months that were forecast and are over"),
            Column("months_error", Kind.NUMBER, "Mean size of their error, as a share of the ARR", True),
            Column("months_covered", Kind.WHOLE, "Months whose actual lies in the 80 % interval"),
            Column("by_quarter", None, "made_on, quarter, error, naive_error, inside, one object a quarter"),
            Column(
                "commitments", None,
                "What CSMs committed to in quarters that are over: quarter, csm, category, accounts, arr, arr_actual, "
                "kept, kept_by_model, one object each",
            ),
            Column("words", None, "The same in sentences"),
            Column("notes", None, "What the forecast counts, in sentences"),
        ),
    ),
}  # fmt: skip
