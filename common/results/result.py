"""What a result is, and the columns that several results share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rind.common.columns import Column, Kind

MANIFEST = "run.json"
"""Written last: it vouches for all the others."""

BACKTEST, METRICS = "backtest.parquet", "metrics.json"
"""Of churn in the folder of a run, of each outcome in a folder of its own."""

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
        Parquet, CSV: columns that are always there. JSON: keys that are always there, of each object where the document
        is a list. Further ones may follow.
    may_be_void
        Whether the document is {} where nothing could be made.
    served
        How serving reads it. "table": whole, as a table; "document": as JSON; "curve": the data of a plot;
        "columns": some columns of it, account by account; "series": some of its columns through time; "": not at all.
    needed
        Whether there is no week to serve without it.
    plot
        What `dvc plots show` draws of it: axes and template.
    metrics
        Whether `dvc metrics show` prints it.
    remembers
        Whether its stage reads what it wrote before. DVC then leaves it where the stage runs again, and takes nothing
        in its place from the cache of earlier runs.
    """

    path: str
    made_by: str
    meaning: str
    public: bool = False
    columns: tuple[Column, ...] = ()
    may_be_void: bool = False
    served: Served = ""
    needed: bool = False
    plot: Mapping[str, str] | None = None
    metrics: bool = False
    remembers: bool = False


ACCOUNT = Column("account_id", Kind.ID, "The account")
AS_OF = Column("as_of", Kind.DAY, "The date at whose 00:00 UTC we stand: only what happened before it is known")
KEYS = (ACCOUNT, AS_OF)

MODEL_VERSION = (
    Column("name", Kind.TEXT, "The model's name in the MLflow registry"),
    Column("run_id", Kind.TEXT, "The MLflow run of the training"),
    Column("version", Kind.TEXT, "The model's version in the registry"),
    Column("alias", Kind.TEXT, "champion or challenger: what it earned"),
    Column("verdict", Kind.TEXT, "Why, in a sentence"),
    Column("judged_against", Kind.TEXT, "The version of the champion then; empty: there was none", may_be_empty=True),
)

LOW_HIGH = (
    Column("low", Kind.NUMBER, "Lower end of the 95 % interval", may_be_empty=True),
    Column("high", Kind.NUMBER, "Upper end of the 95 % interval", may_be_empty=True),
)

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
    Column("watermelon", Kind.YES_NO, "Green by its health score, at risk by the model"),
)
"""What a list says of an account before it says why."""

HORIZONS = (
    Column("probability_low", Kind.NUMBER, "Lower end of the 90 % interval of churn_probability", may_be_empty=True),
    Column("probability_high", Kind.NUMBER, "Upper end of it", may_be_empty=True),
    Column("probability_30d", Kind.NUMBER, "Probability of leaving within 30 days", may_be_empty=True),
    Column("probability_180d", Kind.NUMBER, "Probability of leaving within 180 days", may_be_empty=True),
    Column("probability_365d", Kind.NUMBER, "Probability of leaving within 365 days", may_be_empty=True),
    Column("renewal_probability", Kind.NUMBER, "Probability of staying past the end of the present term", True),
    Column("little_known", Kind.YES_NO, "The account is too young, or too little of it is known, to say much", True),
)
"""When an account leaves, and how sure that is."""

REASONS = (
    Column("reason_1", Kind.TEXT, "The fact that sets the account most apart from comparable ones"),
    Column("reason_2", Kind.TEXT, "The next one, on another matter"),
    Column("reason_3", Kind.TEXT, "The third one"),
    *(
        Column(f"reason_{n}_theme", Kind.TEXT, "Its theme: value, friction, people or money", may_be_empty=True)
        for n in (1, 2, 3)
    ),
    *(Column(f"reason_{n}_feature", Kind.TEXT, "The feature that it speaks of", may_be_empty=True) for n in (1, 2, 3)),
    Column("playbook", Kind.TEXT, "What to do next; none for green accounts", may_be_empty=True),
    Column(
        "moved_points",
        Kind.NUMBER,
        "Points by which the probability moved since the date before; empty for a new one",
        may_be_empty=True,
    ),
    Column("moved_by", Kind.TEXT, "What moved it, in words", may_be_empty=True),
    Column("rank_change", Kind.WHOLE, "Places moved up since the date before; empty for a new one", may_be_empty=True),
    Column("money_rank", Kind.WHOLE, "1 is the account with the most mrr_at_risk: save this much first"),
)

OUTCOMES = (
    *(
        Column(
            f"{name}_probability", Kind.NUMBER,
            f"Probability of {name} within the horizon, 0 to 1; empty where it cannot be foreseen", may_be_empty=True,
        )
        for name in ("contraction", "expansion")
    ),
    *(
        Column(f"{name}_reasons", Kind.TEXT, f"Up to three facts that make {name} likelier", may_be_empty=True)
        for name in ("contraction", "expansion")
    ),
    Column(
        "mrr_expected_loss", Kind.NUMBER,
        "mrr x (churn_probability + contraction_probability x the mean share lost by contractions so far)", True,
    ),
    Column("expected_value_saved", Kind.NUMBER, "Money that acting now is expected to keep, less its cost", True),
    Column("within_capacity", Kind.YES_NO, "Among the first capacity.per_csm accounts of its CSM"),
    Column("under_intervention", Kind.YES_NO, "Something that was begun with it is under way: reasons.under_way_days"),
)  # fmt: skip
"""What else may become of the account, what acting on it is worth, and whether somebody does."""
