"""The accounts in launch in words: the next step of each, and what moves its chance to stay."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rind.common.facts.adoption import LANDMARK, MomentStatus, NextStep, ShapReason
from rind.reports.moment_text import counted

NO_MOMENT = "No early behaviour of this segment goes with staying yet"
RATE = "retention of the segment"
REASONS = 3
DAY_ZERO = {
    "segment": "the segment",
    "plan": "the plan of day 0",
    "seats": "the seats of day 0",
    "mrr": "the MRR of day 0",
    "term_days": "the days of the first term",
}
COLUMNS = [
    "account_id", "as_of", "adoption_probability", "next_step", "segment", "csm", "age_days", "basis",
    *(f"reason_{n}" for n in range(1, REASONS + 1)),
    "moment_status", "reached", "progress", "deadline", "days_left", "status",
]  # fmt: skip


def adoption_table(
    accounts: pd.DataFrame, steps: Sequence[NextStep], reasons: Sequence[Sequence[ShapReason]]
) -> pd.DataFrame:
    """The content of adoption.parquet.

    Parameters
    ----------
    accounts
        One row per young account: account_id, as_of, adoption_probability, segment, csm, age_days, landmark_days
        (empty: the chance is the retention of its segment).
    steps, reasons
        One entry per account, in the same order; reasons the strongest first.

    Returns
    -------
    pandas.DataFrame
        One row per account with `COLUMNS`: next_step, basis ("model at day 30" or `RATE`), reason_1..3 and progress
        ("5 of 7") are texts; deadline is a date, days_left and reached are null without a moment.
    """
    index = accounts.index
    texts = {
        "next_step": pd.Series([next_step_words(s) for s in steps], index, dtype="str"),
        "basis": pd.Series([_basis(day) for day in accounts["landmark_days"]], index, dtype="str"),
        "moment_status": pd.Series([s.moment.value for s in steps], index, dtype="str"),
        "status": pd.Series([s.status.value for s in steps], index, dtype="str"),
        "progress": pd.Series([_progress(s) for s in steps], index, dtype="str"),
        "reached": pd.Series([_reached(s) for s in steps], index, dtype="boolean"),
        "deadline": pd.Series([s.progress and s.progress.deadline for s in steps], index, dtype="datetime64[us]"),
        "days_left": pd.Series([s.days_left for s in steps], index, dtype="Int64"),
    }
    for n in range(REASONS):
        sentences = [reason_words(own[n]) if n < len(own) else None for own in reasons]
        texts[f"reason_{n + 1}"] = pd.Series(sentences, index, dtype="object")
    return accounts.assign(**texts)[COLUMNS]


def next_step_words(step: NextStep) -> str:
    """What an account should do next, or how it stands with its moment."""
    words = _moment_words(step)
    if step.target is None:
        return words
    more = counted(step.target.behaviour, step.target.missing, more=True)
    return f"{words}; like those that stayed: {more} before {step.target.before.isoformat()}"


def _moment_words(step: NextStep) -> str:
    progress = step.progress
    if progress is None:
        return NO_MOMENT
    done = counted(progress.behaviour, progress.done)
    if step.moment is MomentStatus.REACHED:
        return f"Moment reached: {done}, {progress.count} needed"
    if step.moment is MomentStatus.MISSED:
        return f"Moment missed: {done} in the first {progress.within_days} days, {progress.count} needed"
    return f"{counted(progress.behaviour, progress.missing, more=True)} before {progress.deadline.isoformat()}"


def reason_words(reason: ShapReason) -> str:
    """What one feature does to the chance to stay, its sign turned: "7 users on reports by day 30 raise it (+0.45)"."""
    family, name, _ = reason.feature.split("__")
    plural = False
    if reason.feature == LANDMARK:
        what = f"being {reason.landmark_days} days old"
    elif family == "early":
        what, plural = _behaviour(name, _count(reason.value), reason.landmark_days)
    else:
        what = f"{DAY_ZERO[name]}: {_value(reason.value)}"
    what += "," if family == "start" else ""
    verb = ("raise" if reason.shap < 0 else "lower") + ("" if plural else "s")
    return f"{what[0].upper()}{what[1:]} {verb} it ({-reason.shap:+.2f})"


def _behaviour(name: str, count: int | None, days: int) -> tuple[str, bool]:
    """What was done by a day, and whether it takes a verb in the plural."""
    if count is None:
        return f"{name.replace(':', ' on ').replace('_', ' ')} by day {days}: not known,", False
    return f"{counted(name, count)} by day {days}", count != 1


def _count(value: float | str | None) -> int | None:
    """A count; None where the table that it comes from said nothing."""
    return None if isinstance(value, str) or pd.isna(value) else int(value)


def _value(value: float | str | None) -> str:
    if isinstance(value, str):
        return value
    return "not known" if pd.isna(value) else f"{value:,.0f}"


def _basis(landmark_days: float) -> str:
    return RATE if pd.isna(landmark_days) else f"model at day {landmark_days:.0f}"


def _progress(step: NextStep) -> str | None:
    return f"{step.progress.done} of {step.progress.count}" if step.progress else None


def _reached(step: NextStep) -> bool | None:
    return step.moment is MomentStatus.REACHED if step.progress else None
