"""What there is to tell of one account: its reasons in words, its past, its peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from rind.models.evaluation.similar_accounts import PeerGroup, Peers
from rind.reports.sentences import Speaker
from rind.reports.tables import records
from rind.serving.store.protocols import EXPLANATION, HISTORY, Week
from rind.serving.views.run_facts import health_params
from rind.serving.views.trial_weights import Past

PANELS = {
    "usage": ("usage__active_users__28d", "usage__events__28d"),
    "tickets": ("tickets__open__now", "tickets__opened__28d"),
    "contacts": ("contacts__active__now",),
    "surveys": ("surveys__nps_mean__364d", "surveys__csat_mean__364d"),
}
"""Panel -> the features that it may draw, the first that the source has."""
TITLES = {
    "usage__active_users__28d": "Active users in four weeks", "usage__events__28d": "Uses in four weeks",
    "tickets__open__now": "Open tickets", "tickets__opened__28d": "Tickets opened in four weeks",
    "contacts__active__now": "Active contacts", "surveys__nps_mean__364d": "Mean NPS of a year",
    "surveys__csat_mean__364d": "Mean satisfaction of a year",
}  # fmt: skip
TERM = "commercial__days_to_term_end__now"
WORTH_SAYING = 0.02
"""Log-odds below which a fact is not worth a sentence; as in `reports.sentences.reasons`."""
PEER_COLUMNS = ("account_id", "as_of", "churn_probability", "churned")
FAMILIES = ("usage", "tickets", "contacts", "surveys", "engagement", "commercial")


@dataclass(frozen=True)
class Push:
    """A feature's part in the score, in words."""

    feature: str
    family: str
    shap_value: float
    value: Any
    sentence: str


class Explained:
    """The explanation of one account; empty where the week has none."""

    def __init__(self, speaker: Speaker, told: Mapping[str, list[Any]]) -> None:
        self.features: list[str] = told["feature"]
        self.families: list[str] = told["family"]
        self.shap: list[float] = told["shap_value"]
        texts = told.get("value_text") or [None] * len(self.features)
        self.values = [n if t is None or t != t else t for n, t in zip(told["value"], texts, strict=True)]
        self.base: float | None = told["base_value"][0] if self.features else None
        self.margin: float | None = told["margin"][0] if self.features else None
        self._speaker = speaker.about({f: [v] for f, v in zip(self.features, self.values, strict=True)})

    @cached_property
    def totals(self) -> dict[str, float]:
        """Family -> the sum of its SHAP values, the strongest first."""
        sums: dict[str, float] = {}
        for family, value in zip(self.families, self.shap, strict=True):
            sums[family] = sums.get(family, 0.0) + value
        return dict(sorted(sums.items(), key=lambda item: -abs(item[1])))

    @cached_property
    def _order(self) -> list[int]:
        found: list[int] = np.argsort(-np.abs(np.asarray(self.shap, dtype="float64")), kind="stable").tolist()
        return found

    def strongest(self, count: int, family: str | None = None, at_least: float = 0.0) -> list[Push]:
        """The features that push most, up or down, each with its sentence; one sentence is told once."""
        found: list[Push] = []
        told: set[str] = set()
        for place in self._order:
            if len(found) == count or abs(self.shap[place]) < at_least:
                break
            if family is not None and self.families[place] != family:
                continue
            sentence = self._speaker.fact(0, self.features[place]).text
            if sentence not in told:
                told.add(sentence)
                value = self.values[place]
                kept = None if value is None or value != value else value
                found.append(Push(self.features[place], self.families[place], self.shap[place], kept, sentence))
        return found

    def parts(self) -> pd.DataFrame:
        """For `reports.account_charts.waterfall`: from the average account through the families to this one."""
        at = float(self.base or 0.0)
        bars = [("Average account", at, at, "total")]
        for family, by in self.totals.items():
            bars.append((family.capitalize(), at, at + by, "up" if by > 0 else "down"))
            at += by
        bars.append(("This account", at, at, "total"))
        return pd.DataFrame(bars, columns=["what", "start", "stop", "kind"])


class Told:
    """What a week tells of its accounts; made once a week, since the search for peers wants an index."""

    def __init__(self, week: Week) -> None:
        self.week = week
        features = (week.document("catalogue") or {}).get("features") or []
        self.speaker = Speaker(pd.DataFrame(features, columns=None if features else ["name"]), pd.DataFrame())
        alike = (*PEER_COLUMNS, *(f"health_{family}" for family in FAMILIES))
        history = week.backtest((*alike, "segment", "health_fit"))
        whole = set(PEER_COLUMNS) <= set(history.columns)
        self.peers = Peers(history[[name for name in alike if name in history]]) if whole else None
        self.past = Past(history, health_params(week).get("fit_usage_factor")) if whole else None
        adoption = week.table("adoption")
        young = [] if adoption is None else adoption.astype("object").to_dict("records")
        before = week.table("previous_list")
        gone = None if before is None else before[~before["account_id"].isin(week.risk_list["account_id"])]
        self._gone = {} if gone is None else {row["account_id"]: row for row in records(gone)}
        self._young = {str(row["account_id"]): row for row in young}

    def lists(
        self, table: Literal["history", "explanation"], account_id: str, names: Sequence[str]
    ) -> dict[str, list[Any]]:
        """An account's rows of a table as plain lists, days as dates; a week in memory has a quick way to them."""
        quick = getattr(self.week, f"{table}_lists", None)
        if quick is not None:
            made: dict[str, list[Any]] = quick(account_id, names)
            return made
        frame = self.week.history(account_id) if table == "history" else self.week.explanation(account_id)
        days = {"as_of": frame["as_of"].dt.date} if "as_of" in frame and len(frame) else {}
        told = frame.assign(**days)
        return {name: told[name].tolist() for name in names if name in told}

    def explained(self, account_id: str) -> Explained:
        """Why the account has its score."""
        return Explained(self.speaker, self.lists("explanation", account_id, EXPLANATION))

    def like(self, row: Mapping[str, Any]) -> PeerGroup | None:
        """Accounts like this one in the past."""
        return self.peers.like(row["account_id"], row) if self.peers else None

    def young(self, account_id: str) -> dict[str, Any] | None:
        """Its row of adoption.parquet, while it is in launch."""
        row = self._young.get(account_id)
        return None if row is None else {str(k): None if v is pd.NA or v != v else v for k, v in row.items()}

    def former(self, account_id: str, only: str) -> dict[str, Any] | None:
        """An account that is not on the list any more: its row of the list before and its past scores as lists.

        None where nothing is known of it; to whom sees ``only`` one CSM's accounts, also where it was not one of them.
        """
        before, past = self._gone.get(account_id, {}), self.lists("history", account_id, HISTORY)
        if only not in ("", before.get("csm")) or not (before or past.get("as_of")):
            return None
        return {"before": before, "past": past}

    def renewals(self, account_id: str) -> pd.DataFrame:
        """The ends of its terms inside the history, as they were agreed at the time: term_ends_on."""
        series = self.week.series(account_id, (TERM,))
        if TERM not in series or series.empty:
            return pd.DataFrame({"term_ends_on": pd.Series(dtype="datetime64[us]")})
        ends = (series["as_of"] + pd.to_timedelta(series[TERM], unit="D")).dropna().dt.normalize().unique()
        shown = [end for end in ends if end <= pd.Timestamp(self.week.as_of)]
        return pd.DataFrame({"term_ends_on": pd.to_datetime(pd.Series(shown, dtype="datetime64[us]"))})

    @cached_property
    def panels(self) -> dict[str, tuple[str, str]]:
        """Panel -> its feature and title, as far as this week's source has such features."""
        some = self.week.risk_list["account_id"].head(1).tolist()
        wanted = [feature for features in PANELS.values() for feature in features]
        there = set(self.week.series(some[0], wanted).columns) if some else set()
        found = {name: next((f for f in features if f in there), None) for name, features in PANELS.items()}
        return {name: (feature, TITLES[feature]) for name, feature in found.items() if feature}

    def points(self, account_id: str, feature: str) -> pd.DataFrame:
        """A feature of the account through time: as_of, value; perhaps no rows."""
        series = self.week.series(account_id, (feature,))
        return pd.DataFrame({"as_of": series["as_of"], "value": series[feature].astype("float64")}).dropna()
