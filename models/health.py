"""The health score: what the outside looks like, from named features through curves a person can edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from common.errors import ParamsError

FAMILIES = ("usage", "tickets", "contacts", "surveys", "engagement", "commercial")
KEYS = ["account_id", "as_of"]
BANDS = ("red", "amber", "green")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Curve:
    """How one feature becomes 0-100 points: 0 at ``bad``, 100 at ``good``, a line between, flat outside.

    ``bad`` may lie above or below ``good``; which of them is larger says the direction.
    The family is the part of ``feature`` before the first double underscore.
    """

    feature: str
    bad: float
    good: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.bad) and np.isfinite(self.good)) or self.bad == self.good:
            raise ParamsError(
                f"the curve of {self.feature} runs from bad = {self.bad:g} to good = {self.good:g}",
                "give two different finite numbers",
            )

    @property
    def family(self) -> str:
        return self.feature.split("__", 1)[0]

    def points(self, values: pd.Series) -> pd.Series:
        """0-100 for every value; empty stays empty."""
        numbers = pd.to_numeric(values).astype("float64")
        return ((numbers - self.bad) / (self.good - self.bad)).clip(0.0, 1.0) * 100.0


@dataclass(frozen=True)
class HealthSpec:
    """The whole definition of the score, as ``params.yaml`` gives it.

    Parameters
    ----------
    weights
        Family -> whole number; they add up to 100.
    curves
        The named features; each belongs to the family of its name's prefix.
    amber_from, green_from
        The lowest score (0-100) that is amber, and that is green.
    """

    weights: Mapping[str, int]
    curves: tuple[Curve, ...]
    amber_from: float = 40.0
    green_from: float = 70.0

    def __post_init__(self) -> None:
        check_weights(self.weights)
        strangers = sorted({c.family for c in self.curves} - set(self.weights))
        if strangers:
            raise ParamsError(
                f"health curves of families without a weight: {', '.join(strangers)}",
                f"give each a weight (0 is one), or take its curves out; weighted: {', '.join(self.weights)}",
            )
        if not 0 <= self.amber_from <= self.green_from <= 100:
            raise ParamsError(
                f"health bands: amber from {self.amber_from:g}, green from {self.green_from:g}",
                "give 0 <= amber_from <= green_from <= 100",
            )


def check_weights(weights: Mapping[str, int]) -> None:
    """Refuse weights that are not whole numbers >= 0 of known families adding up to 100."""
    unknown = sorted(set(weights) - set(FAMILIES))
    if unknown:
        raise ParamsError(
            f"health weights of unknown families: {', '.join(unknown)}",
            f"the families are {', '.join(FAMILIES)}",
        )
    if any(w < 0 or w != int(w) for w in weights.values()) or sum(weights.values()) != 100:
        raise ParamsError(
            f"the health weights {dict(weights)} add up to {sum(weights.values()):g}",
            "give whole numbers >= 0 that add up to 100",
        )


def family_column(family: str) -> str:
    """The name of a family's own score in the result of `score`."""
    return f"health_{family}"


def score(features: pd.DataFrame, spec: HealthSpec) -> pd.DataFrame:
    """The health of every snapshot, from features that were known before its as_of.

    Parameters
    ----------
    features
        One row per (account_id, as_of) with feature columns ``family__what__window``; those that
        no curve names are ignored, those that a curve names may be missing or empty.
    spec
        Weights, curves and bands.

    Returns
    -------
    pandas.DataFrame
        One row per row of ``features``, same order and index: account_id, as_of, health_score (0-100; NaN
        where no weighted family has data), health_band (red, amber, green, unknown) and, per weighted family,
        ``health_<family>`` (0-100; NaN without data: its weight went to the others in proportion).
    """
    families = _family_scores(features, spec)
    result = features[KEYS].copy()
    result["health_score"] = weighted(families, spec.weights)
    result["health_band"] = bands(result["health_score"], spec)
    return pd.concat([result, families.rename(columns=family_column)], axis=1)


def weighted(families: pd.DataFrame, weights: Mapping[str, int]) -> pd.Series:
    """The mean of the family scores (one column per family) by weight, over those that have data."""
    share = pd.Series({f: float(weights[f]) for f in families.columns}, dtype="float64")
    total = families.notna().mul(share, axis=1).sum(axis=1)
    points = families.fillna(0.0).mul(share, axis=1).sum(axis=1)
    return (points / total.where(total > 0)).clip(0.0, 100.0).rename("health_score")


def bands(scores: pd.Series, spec: HealthSpec) -> pd.Series:
    """red < amber_from <= amber < green_from <= green; unknown where there is no score."""
    names = np.select(
        [scores.isna(), scores >= spec.green_from, scores >= spec.amber_from],
        [UNKNOWN, "green", "amber"],
        "red",
    )
    return pd.Series(names, index=scores.index, name="health_band", dtype="str")


def _family_scores(features: pd.DataFrame, spec: HealthSpec) -> pd.DataFrame:
    """One column per weighted family: the mean of the points of its features that are not empty."""
    columns = {}
    for family in spec.weights:
        points = [c.points(features[c.feature]) for c in spec.curves if c.family == family and c.feature in features]
        empty = pd.Series(np.nan, index=features.index)
        columns[family] = pd.concat(points, axis=1).mean(axis=1) if points else empty
    return pd.DataFrame(columns, index=features.index)


def as_it_stood(
    scores: pd.DataFrame, own: pd.DataFrame | None, spec: HealthSpec, max_age_days: int = 35
) -> pd.DataFrame:
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
        ``scores`` with health_score and health_band replaced where an own score counts, and
        ``health_source``: "own" or "rind". The family columns stay ours.
    """
    result = scores.copy()
    latest = _latest_before(scores, own, max_age_days) if own is not None and len(own) else None
    if latest is None:
        return result.assign(health_source="rind")
    theirs = latest.notna()
    result["health_score"] = latest.where(theirs, scores["health_score"])
    result["health_band"] = bands(result["health_score"], spec)
    return result.assign(health_source=np.where(theirs, "own", "rind"))


def days(values: pd.Series) -> pd.Series:
    """Dates in one resolution, whichever way they were handed over; times of day are kept."""
    return pd.to_datetime(values).astype("datetime64[us]")


def _latest_before(scores: pd.DataFrame, own: pd.DataFrame, max_age_days: int) -> pd.Series:
    """The own score that counts for each row of ``scores``, NaN where none does."""
    known = pd.DataFrame({"account_id": own["account_id"], "on": days(own["as_of"]), "score": own["score"]})
    recorded = days(own["recorded_at"]) if "recorded_at" in own else known["on"]
    known["known_at"] = recorded.where(recorded > known["on"], known["on"])
    known = known.dropna(subset=["score"]).sort_values(["known_at", "on"], kind="stable")
    # A row that arrives late and speaks of an earlier day than one we have is no news.
    known = known[known["on"] >= known.groupby("account_id")["on"].cummax()]
    asked = pd.DataFrame({"account_id": scores["account_id"], "at": days(scores["as_of"])})
    asked = asked.assign(row=np.arange(len(scores))).sort_values("at", kind="stable")
    found = pd.merge_asof(
        asked, known, left_on="at", right_on="known_at", by="account_id", allow_exact_matches=False
    ).sort_values("row")
    fresh = found["at"] - found["on"] <= pd.Timedelta(days=max_age_days)
    return pd.Series(found["score"].where(fresh).to_numpy("float64"), index=scores.index)
