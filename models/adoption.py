"""Adoption: will a young account become a long-term customer, and what is its next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.health import days
from models.moment_search import ALL
from models.moment_words import behaviour_of
from models.moments import KNOWN, said
from models.resampling import Floats, outcome

FEWEST = 50  # of either outcome: below, the retention of the segment says as much as a model
PENALTIES = (0.001, 0.01, 0.1, 1.0)
NOT_INPUTS = (*KNOWN, "stayed", "age_days")
RATE = "retention of the segment"
NO_MOMENT = "No moment stands for this segment yet"


def predict(
    early: pd.DataFrame,
    accounts: pd.DataFrame,
    as_of: Any,
    moments: Sequence[Mapping[str, Any]] = (),
    *,
    launch_days: int = 90,
    retention_days: int = 365,
    grace_days: int = 30,
    seed: int = 0,
) -> pd.DataFrame:
    """Every account in launch at as_of, with its chance to stay and its next step.

    A logistic regression per landmark (the windows of ``early``), on the accounts that were still customers at
    that age; an account is scored at the latest landmark that it has passed. Where too few outcomes are known,
    and before the first landmark, the retention of the segment stands in.

    Parameters
    ----------
    early, accounts
        As for `models.true_north.find`. ``early`` counts what was known at as_of, so that the window that is
        still open holds the count so far.
    as_of
        The scoring date. Learned from are only accounts whose outcome was complete by then
        (signed_on + retention_days + grace_days < as_of).
    moments
        The moments of `models.true_north.find`.
    launch_days, retention_days, grace_days, seed
        Age at which launch ends; what ``stayed`` is about; of the folds that choose the penalty.

    Returns
    -------
    pandas.DataFrame
        One row per account with 0 < age < launch_days that has not left by as_of, the least likely first:
        account_id, as_of, adoption_probability (NaN where no outcome is known at all), next_step; and segment,
        age_days, basis ("model at day 30" or "retention of the segment"), moment_status (reached, open, missed,
        none), days_left (to the moment's deadline; null unless open).
    """
    now = pd.Timestamp(as_of)
    accounts = accounts.assign(segment=accounts["segment"].astype("str").fillna("unknown"))
    signed, left = days(accounts["signed_on"]), days(accounts["left_on"])
    age = (now - signed).dt.days
    young = accounts.assign(age_days=age)[(age > 0) & (age < launch_days) & ~(left <= now)]
    complete = (age > retention_days + grace_days) & np.isfinite(outcome(accounts["stayed"]))
    past = accounts[complete]
    scored = _probabilities(early, past, young, seed)
    result = pd.concat([scored, _steps(early, young, moments, now)], axis=1).assign(as_of=now)
    first = ["account_id", "as_of", "adoption_probability", "next_step", "segment", "age_days"]
    result = result[[*first, "basis", "moment_status", "days_left"]]
    return result.sort_values(["adoption_probability", "account_id"], ignore_index=True)


def _probabilities(early: pd.DataFrame, past: pd.DataFrame, young: pd.DataFrame, seed: int) -> pd.DataFrame:
    """``young`` with adoption_probability and basis."""
    overall = past["stayed"].astype("float64")
    rate = overall.groupby(past["segment"]).mean()
    usual = young["segment"].map(rate).astype("float64").fillna(overall.mean())
    result = young.assign(adoption_probability=usual, basis=RATE)
    windows = np.array(sorted(int(d) for d in early["within_days"].unique()))
    passed = np.searchsorted(windows, young["age_days"], side="right") - 1
    for position, within in enumerate(windows):
        here = passed == position
        if not here.any():
            continue
        chances = _at_landmark(early[early["within_days"] == within], past, young[here], int(within), seed)
        if chances is not None:
            result.loc[here, "adoption_probability"] = chances
            result.loc[here, "basis"] = f"model at day {within}"
    return result


def _at_landmark(early: pd.DataFrame, past: pd.DataFrame, young: pd.DataFrame, within: int, seed: int) -> Floats | None:
    """The young accounts' chances by a model of one landmark; None where too few outcomes are known."""
    lived = (days(past["left_on"]) - days(past["signed_on"])).dt.days
    past = past[~(lived < within)]
    stayed = outcome(past["stayed"])
    if min(stayed.sum(), (1 - stayed).sum()) < FEWEST:
        return None
    behaviours = sorted(early["behaviour"].unique())
    segments = sorted(past["segment"].unique())
    model = _model(seed).fit(_inputs(early, past, behaviours, segments), stayed)
    return np.asarray(model.predict_proba(_inputs(early, young, behaviours, segments))[:, 1], dtype="float64")


def _model(seed: int) -> GridSearchCV:
    logistic: Pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)  # one row an account: no row knows another
    return GridSearchCV(logistic, {"logisticregression__C": PENALTIES}, scoring="neg_log_loss", cv=folds)


def _inputs(early: pd.DataFrame, accounts: pd.DataFrame, behaviours: list[str], segments: list[str]) -> Floats:
    """(accounts, columns): log counts, log day-0 numbers, segments as 0/1."""
    wide = early.pivot_table(index="account_id", columns="behaviour", values="count", aggfunc="sum")
    counts = wide.reindex(index=accounts["account_id"], columns=behaviours).fillna(0.0).to_numpy("float64")
    numeric = accounts.drop(columns=list(NOT_INPUTS), errors="ignore").select_dtypes("number")
    numbers = numeric.astype("float64").fillna(0.0).clip(lower=0.0).to_numpy("float64")
    belongs = accounts["segment"].to_numpy()[:, None] == np.array(segments, dtype=object)[None, :]
    return np.column_stack([np.log1p(counts), np.log1p(numbers), belongs.astype("float64")])


def _steps(
    early: pd.DataFrame, young: pd.DataFrame, moments: Sequence[Mapping[str, Any]], now: pd.Timestamp
) -> pd.DataFrame:
    """next_step, moment_status and days_left of each young account."""
    so_far = early[early["account_id"].isin(young["account_id"])]
    keys = zip(so_far["account_id"], so_far["behaviour"], so_far["within_days"], strict=True)
    done: dict[tuple[Any, str, int], int] = dict(zip(keys, so_far["count"].astype("int64"), strict=True))
    rows = []
    for account, segment, signed in zip(young["account_id"], young["segment"], days(young["signed_on"]), strict=True):
        own = [m for m in moments if m["segment"] == segment] or [m for m in moments if m["segment"] == ALL]
        steps = [_step(m, done.get((account, behaviour_of(m), m["within_days"]), 0), signed, now) for m in own]
        rows.append(min(steps, key=lambda s: s[0])[1] if steps else _said(NO_MOMENT, "none"))
    columns = ["next_step", "moment_status", "days_left"]
    return pd.DataFrame(rows, index=young.index, columns=columns).astype({"days_left": "Int64"})


def _said(step: str, status: str, days_left: int | None = None) -> dict[str, Any]:
    return {"next_step": step, "moment_status": status, "days_left": days_left}


def _step(
    moment: Mapping[str, Any], done: int, signed: pd.Timestamp, now: pd.Timestamp
) -> tuple[tuple[int, int], dict[str, Any]]:
    """How near an account is to one moment (to sort by), and what to say about it."""
    deadline = signed + pd.Timedelta(days=moment["within_days"])
    feature, count = behaviour_of(moment), moment["count"]
    missing = count - done
    if missing <= 0:
        return (1, 0), _said(f"Moment reached: {said(feature, done)}, {count} needed", "reached")
    if deadline <= now:
        late = f"Moment missed: {said(feature, done)} in the first {moment['within_days']} days, {count} needed"
        return (2, missing), _said(late, "missed")
    step = f"{said(feature, missing, more=True)} before {deadline.date().isoformat()}"
    return (0, missing), _said(step, "open", (deadline - now).days)
