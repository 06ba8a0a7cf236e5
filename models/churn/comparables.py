"""What sets an account apart from comparable ones: those with the same calendar and of the same segment.

The score of an account says how likely it leaves; much of that is when its term ends, which no CSM can change. Its
SHAP values compare it with the average account of the training data. Here each is compared with accounts of the same
date that decide at about the same time, in terms of about one length, and are of its segment: what is left is what
the account itself brings, and nothing of the calendar.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rind.models.common.calendar import DAYS_TO_TERM_END, TERM_DAYS

SEGMENT = "commercial__segment__now"
DAYS_LEFT = (31, 61, 92, 183)
"""A term's end within a month, two, a quarter, half a year; later."""

TERM_LENGTH_DAYS = (135,)
"""Terms of up to a quarter; longer ones."""


def apart(contributions: pd.DataFrame, rows: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """How much more each feature adds to a row's margin than it adds on average for the comparable rows.

    For a model that is a sum over features this is interventional SHAP with the comparable rows as its background
    (Janzing, Minorics and Bloebaum 2020, arXiv:1910.13413); row sums are the margin less the comparable rows' mean.

    Parameters
    ----------
    contributions
        One row per row of ``rows`` (same index), one column per feature: SHAP values, log-odds.
    rows
        One row per (account_id, as_of): as_of, and what is known of the calendar and the segment.
    fewest
        Rows that are compared with, at least. Where there are fewer, the segment may differ; then the calendar; then
        only the date is the same.
    """
    when, who = _calendar(rows), pd.factorize(rows[SEGMENT])[0] if SEGMENT in rows else np.zeros(len(rows), np.int64)
    date = pd.factorize(rows["as_of"])[0]
    usual = np.full(contributions.shape, np.nan)
    missing = np.ones(len(rows), dtype=bool)
    for keys in ([date, when, who], [date, when], [date, who], [date]):
        cells = contributions.groupby(_codes(keys))
        enough = missing & ((cells.transform("size").to_numpy() >= fewest) | (len(keys) == 1))
        usual[enough] = cells.transform("mean").to_numpy()[enough]
        missing &= ~enough
    return contributions - usual


def _calendar(rows: pd.DataFrame) -> np.ndarray:
    left, length = (_numbers(rows, name) for name in (DAYS_TO_TERM_END, TERM_DAYS))
    near = np.where(np.isnan(left), -1, np.digitize(np.nan_to_num(left), DAYS_LEFT))
    return np.asarray(near * 10 + np.where(np.isnan(length), -1, np.digitize(np.nan_to_num(length), TERM_LENGTH_DAYS)))


def _numbers(rows: pd.DataFrame, name: str) -> np.ndarray:
    return np.asarray(rows[name] if name in rows else np.full(len(rows), np.nan), dtype=np.float64)


def _codes(keys: Sequence[np.ndarray]) -> np.ndarray:
    """Each row's number of its cell."""
    return np.asarray(np.unique(np.column_stack(keys), axis=0, return_inverse=True)[1]).ravel()
