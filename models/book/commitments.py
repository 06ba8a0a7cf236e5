"""What became of the accounts that CSMs had committed to, beside what the model expected of them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rind.common.facts.commitments import CATEGORIES, NONE, CommitmentRecord
from rind.models.book.forecast import ALL, MONTHS_A_YEAR


def commitment_record(
    commitments: pd.DataFrame, standing: pd.DataFrame, data_end: pd.Timestamp, grace_days: int
) -> list[CommitmentRecord]:
    """The commitments of every quarter that is over, against what came.

    Parameters
    ----------
    commitments
        account_id, quarter: datetime64, category, recorded_at: datetime64. Only what was recorded before its quarter
        began is judged; of several rows of an account and quarter the latest one.
    standing
        One row per (account_id, made_on, quarter) that pays on made_on: last_day, csm, mrr, mrr_leaving (under notice
        that ends by last_day), mrr_end, churn_probability as predicted on made_on (null: not predicted). Of each
        quarter its first made_on counts.
    data_end
        A quarter is over where it ended grace_days before it.

    Returns
    -------
    list[CommitmentRecord]
        Per quarter with a judged commitment, the latest first: of the company and of each CSM with one, the accounts of
        each category, and those without one.
    """
    judged = commitments[commitments["recorded_at"] < commitments["quarter"]]
    judged = judged.sort_values("recorded_at").drop_duplicates(["account_id", "quarter"], keep="last")
    over = standing[standing["last_day"] + pd.Timedelta(days=grace_days) <= data_end]
    over = over[over["made_on"] == over.groupby("quarter")["made_on"].transform("min")]
    both = over.merge(judged[["account_id", "quarter", "category"]], on=["account_id", "quarter"], how="left")
    both = both.assign(category=both["category"].fillna(NONE))
    return [
        record
        for quarter in sorted(both["quarter"].unique(), reverse=True)
        for record in _of_quarter(pd.Timestamp(quarter), both[both["quarter"] == quarter])
    ]


def _of_quarter(quarter: pd.Timestamp, accounts: pd.DataFrame) -> Iterator[CommitmentRecord]:
    committed = accounts[accounts["category"] != NONE]
    if committed.empty:
        return
    for csm in (ALL, *sorted(set(committed["csm"]) - {ALL, ""})):
        own = accounts if csm == ALL else accounts[accounts["csm"] == csm]
        for category in (*CATEGORIES, NONE):
            rows = own[own["category"] == category]
            if rows["mrr"].sum() > 0:
                yield _record(quarter, csm, category, rows)


def _record(quarter: pd.Timestamp, csm: str, category: str, rows: pd.DataFrame) -> CommitmentRecord:
    mrr, end = rows["mrr"], rows["mrr_end"]
    noticed = (rows["mrr_leaving"] / mrr).clip(upper=1.0)  # who has given notice is in no cohort, and leaves
    probability = rows["churn_probability"].fillna(noticed.where(noticed > 0))
    predicted = rows.assign(churn_probability=probability)[probability.notna()]
    paid = float(predicted["mrr"].sum())
    expected = float((predicted["mrr"] * (1 - predicted["churn_probability"])).sum())
    return CommitmentRecord(
        quarter=str(quarter.date()),
        csm=csm,
        category=category,
        accounts=len(rows),
        arr=float(mrr.sum()) * MONTHS_A_YEAR,
        arr_actual=float(end.sum()) * MONTHS_A_YEAR,
        kept=float(pd.concat([mrr, end], axis=1).min(axis=1).sum() / mrr.sum()),
        kept_by_model=expected / paid if paid > 0 else None,
    )
