"""What playbooks did to use and to revenue: the same comparison, with a change in the place of leaving."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from rind.common.facts.effects import ChangeRecord, EffectRecord, Reason
from rind.models.common.holm import holm
from rind.models.effects.changes import ACTIVE_DAYS, MRR, WEEK_DAYS, WeekPanel
from rind.models.effects.doubly_robust import effect_on_treated

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

JUDGED = (ACTIVE_DAYS, MRR)
PREFIX = "changed_"
"""Of the columns that hold the changes: no feature, so that nobody is made comparable by what came later."""


def with_changes(rows: pd.DataFrame, panel: WeekPanel, every_days: int, weeks: int) -> pd.DataFrame:
    """The rows with the change of use and of revenue (`changes.OUTCOMES`); NaN where it is not known.

    Parameters
    ----------
    rows
        Of `comparison.comparison_rows`: a start lies in the ``every_days`` days from as_of on.
    panel
        The weeks of all accounts.
    weeks
        Whole weeks compared: those over at as_of, and those from the first Monday on that lies after every start.
    """
    row, before = panel.rows_of(rows["account_id"]), panel.places_of(rows["as_of"])
    first = rows["as_of"] + pd.to_timedelta(every_days + WEEK_DAYS - 1, unit="D")
    after = panel.places_of(first)
    return rows.assign(**{PREFIX + o.name: o.change(panel, row, after, before, weeks) for o in JUDGED})


def change_records(
    changes: dict[str, tuple[Floats, Floats]], kept: Bools, own: Bools, chance: Floats, account: Ints, fewest: int
) -> list[ChangeRecord]:
    """The effect on each change, before anything is said of it.

    Parameters
    ----------
    changes
        Outcome -> the change of each row (NaN: not known), and what it would be without a playbook.
    kept, own, chance, account
        As in `judge`: rows that are compared, those that got the playbook, how likely that was, codes of accounts.
    fewest
        Accounts needed on both sides.
    """
    return [_record(name, *values, kept, own, chance, account, fewest) for name, values in changes.items()]


def nothing_measured(reason: Reason) -> list[ChangeRecord]:
    """One record an outcome, with the reason why nothing is known of it."""
    return [_empty(outcome.name, reason) for outcome in JUDGED]


def _empty(outcome: str, reason: Reason) -> ChangeRecord:
    return ChangeRecord(
        outcome=outcome, accounts=0, comparable=0, effect=None, low=None, high=None, p_value=None,
        direction="cannot_tell", reason=reason,
    )  # fmt: skip


def _record(
    outcome: str, change: Floats, expected: Floats, kept: Bools, own: Bools, chance: Floats, account: Ints, fewest: int
) -> ChangeRecord:
    known = kept & np.isfinite(change) & np.isfinite(expected)
    accounts, comparable = (len(np.unique(account[known & part])) for part in (own, ~own))
    if min(accounts, comparable) < fewest:
        return _empty(outcome, "too_few")
    estimate = effect_on_treated(change[known], own[known], expected[known], chance[known], account[known])
    low, high = estimate.interval()
    return ChangeRecord(
        outcome=outcome, accounts=accounts, comparable=comparable, effect=estimate.effect, low=low, high=high,
        p_value=estimate.p_value, direction="none_shown", reason="",
    )  # fmt: skip


def corrected_changes(records: Sequence[EffectRecord], error_rate: float) -> None:
    """Say of each change of each playbook what is shown; nothing of a playbook whose comparison does not hold."""
    for record in records:
        for change in record["changes"]:
            if record["reason"]:
                change["reason"], change["direction"] = record["reason"], "cannot_tell"
    measured = [change for record in records for change in record["changes"] if change["p_value"] is not None]
    for change, p_value in zip(measured, holm([change["p_value"] or 0.0 for change in measured]), strict=True):
        change["p_value"] = float(p_value)
        if not change["reason"] and p_value <= error_rate:
            change["direction"] = "up" if (change["effect"] or 0.0) > 0 else "down"
