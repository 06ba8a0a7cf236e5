"""What drove out-of-sample predictions, family by family: SHAP totals and the features that pushed most."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.models.churn.scorer import Scorer
from rind.models.common.calendar import CALENDAR
from rind.models.common.frames import KEYS

PUSHES = 3
CALENDAR_COLUMN = "shap_calendar"


def shap_column(family: str) -> str:
    """The name of a family's total."""
    return f"shap_{family}"


def explain(model: Scorer, rows: pd.DataFrame, fold: int, sampled: pd.Series | bool = True) -> pd.DataFrame:
    """SHAP totals of rows that the model did not learn from.

    Parameters
    ----------
    rows
        One row per (account_id, as_of): the features.
    sampled
        Whether the row was taken whatever became of it: only such rows show what the scores rest on.

    Returns
    -------
    pandas.DataFrame
        One row per row of ``rows``: account_id, as_of, fold, sampled; ``shap_<family>`` (log-odds; positive: more
        risk), the contract's calendar apart from the rest of commercial as ``shap_calendar``; with ``shap_base`` they
        add up to the margin. ``push_1..3``: the features, calendar left out, that raise the risk most, or "".
    """
    keys = rows[KEYS].assign(fold=fold, sampled=sampled).reset_index(drop=True)
    shap, base = model.contributions(rows.reset_index(drop=True))
    owner = [CALENDAR_COLUMN if f in CALENDAR else shap_column(f.split("__", 1)[0]) for f in shap.columns]
    of_families = {name: shap.loc[:, [one == name for one in owner]].sum(axis=1) for name in sorted(set(owner))}
    totals = pd.DataFrame(of_families, index=shap.index)
    causes = shap[[f for f in shap.columns if f not in CALENDAR]]
    return pd.concat([keys, totals.astype("float32"), _pushes(causes)], axis=1).assign(shap_base=np.float32(base))


def _pushes(causes: pd.DataFrame) -> pd.DataFrame:
    values, names = causes.to_numpy("float64"), np.append(np.asarray(causes.columns, dtype=object), "")
    order = np.argsort(-values, axis=1, kind="stable")[:, :PUSHES]
    raises = np.take_along_axis(values, order, axis=1) > 0
    order = np.where(raises, order, len(names) - 1)
    pushes = {f"push_{n + 1}": pd.array(names[order[:, n]], dtype="str") for n in range(order.shape[1])}
    return pd.DataFrame(pushes, index=causes.index)


def shares(explained: pd.DataFrame, families: tuple[str, ...]) -> dict[str, float]:
    """Family -> its share of what moves the scores: mean absolute total, over families (the calendar apart).

    Parameters
    ----------
    explained
        Of `explain`; families without a column have share 0. Empty: no family has one.
    """
    columns = {f: shap_column(f) for f in families if shap_column(f) in explained}
    push = {f: float(explained[c].abs().mean()) for f, c in columns.items()} if len(explained) else {}
    total = sum(push.values())
    return {f: push.get(f, 0.0) / total for f in families} if total > 0 else {}
