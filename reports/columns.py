"""The columns of the risk list as people read them: title, meaning, how a cell is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from rind.reports.formats import MONTHS_A_YEAR

Kind = Literal["text", "long", "count", "change", "money", "date", "percent", "score", "band", "flag"]


@dataclass(frozen=True)
class Column:
    """A column of the risk list: its name in the contract, its title for people, what it means, how it looks."""

    name: str
    title: str
    meaning: str
    kind: Kind
    width: float

    @property
    def is_number(self) -> bool:
        """Whether its cells stand to the right."""
        return self.kind in ("count", "change", "money", "percent", "score")


COLUMNS = (
    Column("rank", "Rank", "1 is the account most likely to leave", "count", 6),
    Column("account_id", "Account", "The account's id in the source", "text", 10),
    Column("name", "Name", "The customer company", "text", 22),
    Column("segment", "Segment", "The account's segment", "text", 12),
    Column("csm", "CSM", "Who looks after the account", "text", 13),
    Column("mrr", "MRR", "What it pays a month now", "money", 10),
    Column("term_ends_on", "Renewal", "Day on which the present term ends", "date", 11),
    Column(
        "churn_probability",
        "Churn risk",
        "Probability that the account leaves within the horizon, counted from the as-of date",
        "percent",
        8,
    ),
    Column("risk_band", "Band", "Red, amber or green by the churn risk", "band", 8),
    Column("mrr_at_risk", "MRR at risk", "MRR times churn risk: the monthly loss to expect", "money", 10),
    Column("health_score", "Health", "Health score from 0 to 100, higher is healthier", "score", 8),
    Column("health_band", "Health band", "Red, amber or green by the health score", "band", 8),
    Column(
        "watermelon",
        "Watermelon",
        "Green by its health score, at risk by the model: looks well and may leave",
        "flag",
        11.5,
    ),
    Column("reason_1", "First reason", "The fact that sets the account most apart from comparable ones", "long", 28),
    Column("reason_2", "Second reason", "The next one, on another matter", "long", 28),
    Column("reason_3", "Third reason", "The third one", "long", 28),
    Column("playbook", "What to do next", "From the playbook, by reason, segment and band", "long", 26),
    Column(
        "rank_change",
        "Moved",
        "Places moved up the list since the date before (minus: down); empty for a new account",
        "change",
        8,
    ),
)

YEARLY = {
    "mrr": Column("arr", "ARR", "What it pays a year at today's rate: 12 times the MRR of the files", "money", 10),
    "mrr_at_risk": Column("arr_at_risk", "ARR at risk", "ARR times churn risk: the yearly loss to expect", "money", 10),
}
"""Column of money a month -> the one of a year, which people read in its place."""

HORIZONS = (
    Column("probability_low", "Risk, at least", "Lower end of the 90 % interval of the churn risk", "percent", 8),
    Column("probability_high", "Risk, at most", "Upper end of the 90 % interval of the churn risk", "percent", 8),
    Column("probability_30d", "30 days", "Probability that the account leaves within 30 days", "percent", 8),
    Column("probability_180d", "180 days", "Probability that the account leaves within 180 days", "percent", 8),
    Column("renewal_probability", "Renews", "Probability that it stays past the end of the present term", "percent", 8),
)
"""When an account may leave, and how sure that is: at the far right of the workbook's list, not printed."""

OUTCOMES = (
    Column(
        "contraction_probability",
        "Shrinks",
        "Probability that its ARR falls within the horizon and it stays; empty without proven skill",
        "percent",
        8,
    ),
    Column(
        "expansion_probability",
        "Grows",
        "Probability that its ARR rises within the horizon; empty without proven skill",
        "percent",
        8,
    ),
)
"""What else may become of an account: beside `HORIZONS`."""

PRINTED = tuple(
    shown for column in COLUMNS for shown in ((column, YEARLY[column.name]) if column.name in YEARLY else (column,))
)
"""The columns of the workbook's list on paper: the money of a year stands beside the money of a month."""

UNDER_WAY = (
    Column("under_intervention", "Under way", "Something that was begun with the account has not ended yet", "flag", 9),
)
"""What is done about it, whichever its band: beside `OUTCOMES`."""

FURTHER = (*HORIZONS, *OUTCOMES, *UNDER_WAY)

SHEET = (*PRINTED, *FURTHER)
"""All columns of the workbook's list."""


def with_yearly(risk_list: pd.DataFrame) -> pd.DataFrame:
    """The list (as many rows) with all columns of `SHEET`; empty where it does not have them."""
    yearly = risk_list.assign(**{year.name: MONTHS_A_YEAR * risk_list[month] for month, year in YEARLY.items()})
    absent = {column.name: None for column in FURTHER if column.name not in yearly}
    return yearly.assign(**absent)
