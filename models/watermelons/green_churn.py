"""The post-mortem of green churn: what was known of each account that left while its health score was green."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rind.common.families import FAMILIES
from rind.models.churn.family_shap import PUSHES, shap_column
from rind.models.common.frames import KEYS
from rind.models.health.score import family_column


def post_mortem(flagged: pd.DataFrame, explained: pd.DataFrame, told_from: float) -> pd.DataFrame:
    """Every account that left and was green on its last date before.

    Parameters
    ----------
    flagged
        The backtest with its flags, one row per (account_id, as_of): churned, days_to_churn, health_score,
        health_band, ``health_<family>``, churn_probability, watermelon, watermelon_threshold, mrr.
    explained
        Of `models.churn.family_shap.explain`; may be empty.
    told_from
        Log-odds; a family that raised the risk by less gave no warning.

    Returns
    -------
    pandas.DataFrame
        One row per departure, latest first: account_id, left_on; of the last date: as_of, days_ahead, health_score,
        ``health_<family>``, churn_probability, watermelon_threshold, mrr, ``shap_<family>``, ``push_1..3``;
        ``caught`` (flagged on any date within the horizon), ``flagged_days_ahead`` (first flag; NaN when missed),
        ``highest_probability``; ``told_family``: the family that pushed its risk up most, "" where none did;
        ``nearest_flagged``: the account flagged on the last date that was most like it, "" where none was.
    """
    gone = flagged[(flagged["churned"] == 1).fillna(False) & flagged["days_to_churn"].notna()].sort_values("as_of")
    gone = gone.assign(left_on=gone["as_of"] + pd.to_timedelta(gone["days_to_churn"].astype("float64"), unit="D"))
    ahead = gone["days_to_churn"].astype("float64").where(gone["watermelon"])
    by = gone.assign(_ahead=ahead).groupby(["account_id", "left_on"])
    events = by.agg(highest_probability=("churn_probability", "max"), flagged_days_ahead=("_ahead", "max"))
    last = by.tail(1).merge(events.reset_index(), on=["account_id", "left_on"])
    last = last[last["health_band"] == "green"].rename(columns={"days_to_churn": "days_ahead"})
    last = last.assign(caught=last["flagged_days_ahead"].notna(), nearest_flagged=_nearest(last, flagged))
    kept = [c for c in _columns(last) if c in last]
    departures = last[kept].merge(_pushed_most(explained, told_from), on=KEYS, how="left")
    texts = ["told_family", *(f"push_{n + 1}" for n in range(PUSHES))]
    departures = departures.assign(**{name: departures[name].fillna("").astype("str") for name in texts})
    return departures.sort_values(["left_on", "account_id"], ascending=[False, True]).reset_index(drop=True)


def _columns(last: pd.DataFrame) -> list[str]:
    return [
        "account_id", "left_on", "as_of", "days_ahead", "caught", "flagged_days_ahead", "health_score",
        *(c for c in map(family_column, FAMILIES) if c in last), "churn_probability", "highest_probability",
        "watermelon_threshold", "mrr", "nearest_flagged",
    ]  # fmt: skip


def _pushed_most(explained: pd.DataFrame, told_from: float) -> pd.DataFrame:
    totals = [shap_column(f) for f in FAMILIES]
    pushes = [f"push_{n + 1}" for n in range(PUSHES)]
    if not len(explained):
        return pd.DataFrame(columns=["account_id", "as_of", *pushes, "told_family"])
    shap = explained.reindex(columns=totals).fillna(0.0).set_axis(list(FAMILIES), axis=1)
    strongest = shap.idxmax(axis=1).where(shap.max(axis=1) >= told_from, "")
    kept = explained.reindex(columns=["account_id", "as_of", *(c for c in totals if c in explained), *pushes])
    return kept.assign(told_family=strongest)


def _nearest(last: pd.DataFrame, flagged: pd.DataFrame) -> pd.Series:
    """Nearest in the family scores and the log-odds, each in units of its spread over the history."""
    columns = [c for c in map(family_column, FAMILIES) if c in flagged]
    points = flagged[columns].astype("float64")
    odds = np.log(
        flagged["churn_probability"].clip(1e-6, 1 - 1e-6) / (1 - flagged["churn_probability"].clip(0, 1 - 1e-6))
    )
    place = points.assign(_odds=odds)
    place = ((place - place.mean()) / place.std().replace(0.0, 1.0)).fillna(0.0)
    looked_up = flagged["watermelon"] | (flagged["churned"] == 1).fillna(False)  # few of all: an index of all is large
    keyed = place[looked_up].set_axis(pd.MultiIndex.from_frame(flagged.loc[looked_up, KEYS]))
    flagged_rows = flagged[flagged["watermelon"]]
    by_date = {day: rows["account_id"].tolist() for day, rows in flagged_rows.groupby("as_of")}
    nearest = []
    for account, day in zip(last["account_id"], last["as_of"], strict=True):
        others = [a for a in by_date.get(day, []) if a != account]
        if not others:
            nearest.append("")
            continue
        there = keyed.loc[[(a, day) for a in others]].to_numpy()
        distance = ((there - keyed.loc[(account, day)].to_numpy()) ** 2).sum(axis=1)
        nearest.append(str(others[int(np.argmin(distance))]))
    return pd.Series(nearest, index=last.index, dtype="str")
