"""The health score: what the outside looks like, from named features through curves a person can edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from rind.common.families import FAMILIES
from rind.models.common.frames import KEYS, SEGMENT, datetimes
from rind.models.health.spec import ANSWERS, Curve, HealthSpec, Override, check_weights

__all__ = [
    "Curve", "HealthSpec", "Override", "as_it_stood", "bands", "check_weights", "fit_answers",
    "score", "with_fit",
]  # fmt: skip

BANDS = ("red", "amber", "green")
UNKNOWN = "unknown"


def family_column(family: str) -> str:
    """The name of a family's own score in the result of `score`."""
    return f"health_{family}"


def score(features: pd.DataFrame, spec: HealthSpec, fit: pd.Series | None = None) -> pd.DataFrame:
    """The health of every snapshot, from features that were known before its as_of.

    Parameters
    ----------
    features
        One row per (account_id, as_of) with feature columns ``family__what__window``; those that
        no curve names are ignored, those that a curve names may be missing or empty. ``commercial__segment__now``
        chooses among the definitions of ``spec``, where it has several.
    spec
        Weights, curves and bands.
    fit
        Per row the CSM's answer to "does this use fit how they should be using it?" (yes, no, unsure, empty): it
        multiplies the weight of usage by ``spec.fit_usage_factor``. An answer whose factor is below 1 doubts the
        use and never raises the score.

    Returns
    -------
    pandas.DataFrame
        One row per row of ``features``, same order and index: account_id, as_of, health_score (0-100; NaN
        where no weighted family has data), health_band (red, amber, green, unknown), per weighted family
        ``health_<family>`` (0-100; NaN without data: its weight went to the others in proportion), and
        ``health_missing``: the weighted families without data, as a text.
    """
    families, weights = _parts(features.reset_index(drop=True), spec)
    families, weights = families.set_axis(features.index), weights.set_axis(features.index)
    result = features[KEYS].copy()
    result["health_score"] = with_fit(families, weights, spec.fit_usage_factor, fit)
    result["health_band"] = bands(result["health_score"], spec)
    return pd.concat([result, families.rename(columns=family_column), _missing(families, weights)], axis=1)


def weighted(families: pd.DataFrame, weights: Mapping[str, int] | pd.DataFrame) -> pd.Series:
    """The mean of the family scores (one column per family) by weight, over those that have data.

    ``weights``: one for each family, or a frame like ``families`` with one for each row too.
    """
    if not isinstance(weights, pd.DataFrame):
        weights = pd.DataFrame({f: float(weights[f]) for f in families.columns}, index=families.index)
    share = weights[families.columns].to_numpy("float64")
    points = families.to_numpy("float64")
    known = np.isfinite(points)
    total = (known * share).sum(axis=1)
    sums = (np.where(known, points, 0.0) * share).sum(axis=1)
    means = np.divide(sums, total, out=np.full(len(families), np.nan), where=total > 0)
    return pd.Series(means.clip(0.0, 100.0), index=families.index, name="health_score")


def bands(scores: pd.Series, spec: HealthSpec) -> pd.Series:
    """red < amber_from <= amber < green_from <= green; unknown where there is no score."""
    names = np.select(
        [scores.isna(), scores >= spec.green_from, scores >= spec.amber_from],
        [UNKNOWN, "green", "amber"],
        "red",
    )
    return pd.Series(names, index=scores.index, name="health_band", dtype="str")


def _parts(features: pd.DataFrame, spec: HealthSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Family scores and weights, both one row per row of ``features`` and one column per family of any segment."""
    points, weights = [], []
    for local, rows in _by_segment(features, spec):
        points.append(_family_scores(rows, local))
        weights.append(pd.DataFrame(dict(local.weights), index=rows.index, dtype="float64"))
    names = [f for f in FAMILIES if any(f in part.columns for part in weights)]
    frames = [pd.concat(parts).reindex(columns=names).loc[features.index] for parts in (points, weights)]
    return frames[0], frames[1].fillna(0.0)


def _by_segment(features: pd.DataFrame, spec: HealthSpec) -> Iterator[tuple[HealthSpec, pd.DataFrame]]:
    """Each definition and its rows."""
    if not spec.segments or SEGMENT not in features:
        yield spec.of(None), features
        return
    segment = features[SEGMENT].astype("object").where(features[SEGMENT].isin(list(spec.segments)), None)
    yield spec.of(None), features[segment.isna()]
    for name in spec.segments:
        yield spec.of(name), features[segment == name]


def _family_scores(features: pd.DataFrame, spec: HealthSpec) -> pd.DataFrame:
    """One column per weighted family: the mean of the points of its features that are not empty."""
    columns, curves = {}, spec.curve_list
    for family in spec.weights:
        points = [curve_points(c, features[c.feature]) for c in curves if c.family == family and c.feature in features]
        empty = pd.Series(np.nan, index=features.index, dtype="float64")
        columns[family] = pd.concat(points, axis=1).mean(axis=1) if points else empty
    return pd.DataFrame(columns, index=features.index)


def curve_points(curve: Curve, values: pd.Series) -> pd.Series:
    """0-100 for every value; empty stays empty."""
    numbers = pd.to_numeric(values).astype("float64")
    return ((numbers - curve.bad) / (curve.good - curve.bad)).clip(0.0, 1.0) * 100.0


def with_fit(
    families: pd.DataFrame, weights: pd.DataFrame, factors: Mapping[str, float], fit: pd.Series | None
) -> pd.Series:
    """`weighted`, with the weight of usage multiplied by the factor of each row's answer; see `score`."""
    plain = weighted(families, weights)
    if fit is None or "usage" not in weights:
        return plain
    by_answer = {ANSWERS.get(word, word): factor for word, factor in factors.items()}  # earlier weeks have yes and no
    factor = fit.astype("object").map(by_answer).astype("float64").fillna(1.0)
    answered = weighted(families, weights.assign(usage=weights["usage"] * factor.to_numpy()))
    answered = answered.fillna(plain)  # usage is all there is, and counts for nothing: better than no score
    doubted = (factor < 1).to_numpy()
    return answered.where(~doubted, np.minimum(answered, plain)).rename("health_score")


def _missing(families: pd.DataFrame, weights: pd.DataFrame) -> pd.Series:
    """The families that should count and have no data."""
    lacking = families.isna() & (weights > 0)
    text = pd.Series("", index=families.index, dtype="object")
    for family in families.columns:
        longer = text.where(text == "", text + ", ") + family
        text = text.where(~lacking[family], longer)
    return text.astype("str").rename("health_missing")


def as_it_stood(scores: pd.DataFrame, own: pd.DataFrame | None, spec: HealthSpec, max_age_days: int) -> pd.DataFrame:
    """What the outside looked like on the day: the company's own score where it keeps one, else ours.

    Counts, per snapshot, the latest own score whose day lies in [as_of - max_age_days, as_of) and, where
    ``own`` has ``recorded_at``, that was recorded before as_of too. A score that was written or rewritten later
    never counts, so an account that has left cannot look red in hindsight.

    Parameters
    ----------
    scores
        The result of `score`, one row per (account_id, as_of).
    own
        ``account_id``, ``as_of`` (the day of the score), ``score`` 0-100, ``recorded_at``?; None: no table.
    spec
        Its bands hold for both scores.
    max_age_days
        Older own scores count as silence.

    Returns
    -------
    pandas.DataFrame
        ``scores`` with health_score and health_band replaced where an own score counts, ``health_rind``: our own
        score everywhere, and ``health_source``: "own" or "rind". The family columns stay ours.
    """
    result = scores.assign(health_rind=scores["health_score"])
    if own is None or not len(own):
        return result.assign(health_source="rind")
    latest = pd.to_numeric(_latest_before(scores, own, "score", max_age_days))
    theirs = latest.notna()
    result["health_score"] = latest.where(theirs, scores["health_score"])
    result["health_band"] = bands(result["health_score"], spec)
    return result.assign(health_source=np.where(theirs, "own", "rind"))


def fit_answers(snapshots: pd.DataFrame, own: pd.DataFrame | None, max_age_days: int) -> pd.Series:
    """The CSM's answer that was known on each day: yes, no, unsure, or empty.

    The latest one of [as_of - max_age_days, as_of), recorded before as_of; a later row without an answer leaves an
    earlier answer standing.

    Parameters
    ----------
    snapshots
        One row per (account_id, as_of).
    own
        Table ``health_scores``: account_id, as_of, fit?, recorded_at?; None: no table.
    """
    if own is None or not len(own) or "fit" not in own:
        return pd.Series(None, index=snapshots.index, dtype="object", name="health_fit")
    return _latest_before(snapshots, own, "fit", max_age_days).rename("health_fit")


def _latest_before(snapshots: pd.DataFrame, own: pd.DataFrame, column: str, max_age_days: int) -> pd.Series:
    """The value of ``own`` that counts for each row of ``snapshots``, empty where none does."""
    known = pd.DataFrame({"account_id": own["account_id"], "on": datetimes(own["as_of"]), "value": own[column]})
    recorded = datetimes(own["recorded_at"]) if "recorded_at" in own else known["on"]
    known["known_at"] = recorded.where(recorded > known["on"], known["on"])
    known = known.dropna(subset=["value"]).sort_values(["known_at", "on"], kind="stable")
    # A row that arrives late and speaks of an earlier day than one we have is no news.
    known = known[known["on"] >= known.groupby("account_id")["on"].cummax()]
    dates = pd.DataFrame({"account_id": snapshots["account_id"], "at": datetimes(snapshots["as_of"])})
    dates = dates.assign(row=np.arange(len(snapshots))).sort_values("at", kind="stable")
    latest = pd.merge_asof(
        dates, known, left_on="at", right_on="known_at", by="account_id", allow_exact_matches=False
    ).sort_values("row")
    fresh = (latest["at"] - latest["on"] <= pd.Timedelta(days=max_age_days)).to_numpy()
    values = latest["value"].astype("object").where(fresh, None)
    return pd.Series(values.to_numpy(), index=snapshots.index, dtype="object")
