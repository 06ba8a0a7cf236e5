"""The accounts in launch in words: the next step of each, and what moves its chance to stay."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rind.common.facts.adoption import MomentStatus, NextStep, ShapReason
from rind.reports.moment_text import counted
from rind.reports.wording import spoken_number, words_of

NO_MOMENT = "No early behaviour of this segment goes with staying yet"
RATE = "retention of the segment"
NOTHING = "Nothing that it has done so far sets it apart from others of its age"
REASONS = 3
UNKNOWN = "unknown"
"""Segment of an account that has none."""
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
    scored = accounts["landmark_days"].notna()
    sentences = [_sentences(own, by_model) for own, by_model in zip(reasons, scored, strict=True)]
    for n in range(REASONS):
        texts[f"reason_{n + 1}"] = pd.Series([own[n] for own in sentences], index, dtype="object")
    return accounts.assign(**texts)[COLUMNS]


def next_step_words(step: NextStep) -> str:
    """What an account should do next, or how it stands with its moment."""
    words = _moment_words(step)
    if step.target is None:
        return words
    more = counted(step.target.behaviour, step.target.missing, more=True)
    aim = f"Aim for {more} before {step.target.before.isoformat()}: accounts that stayed had done so at this age"
    return aim if step.progress is None else f"{words}. {aim}"


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
    """What an early behaviour means for the chance: "Accounts with 1 active user by day 30 stay less often; 4 are usual
    in small business"."""
    behaviour = reason.feature.split("__")[1]
    done = counted(behaviour, round(reason.count))
    often = "more" if reason.shap < 0 else "less"
    return f"Accounts with {done} by day {reason.landmark_days} stay {often} often; {_usual(reason)}"


def _sentences(reasons: Sequence[ShapReason], by_model: bool) -> list[str | None]:
    """`REASONS` cells; where the model scored an account that nothing sets apart, the first says so."""
    words: list[str | None] = [reason_words(reason) for reason in reasons]
    return [*(words or ([NOTHING] if by_model else [])), *[None] * REASONS][:REASONS]


def _usual(reason: ShapReason) -> str:
    number = spoken_number(reason.usual, "count") if reason.usual else "none"
    verb = "is" if number in ("none", "1") else "are"
    where = "" if reason.segment == UNKNOWN else f" in {words_of(reason.segment)}"
    return f"{number} {verb} usual{where}"


def _basis(landmark_days: float) -> str:
    return RATE if pd.isna(landmark_days) else f"model at day {landmark_days:.0f}"


def _progress(step: NextStep) -> str | None:
    return f"{step.progress.done} of {step.progress.count}" if step.progress else None


def _reached(step: NextStep) -> bool | None:
    return step.moment is MomentStatus.REACHED if step.progress else None
