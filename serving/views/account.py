"""What a week knows of single accounts: explanation, past scores, similar accounts, features through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, Literal, NamedTuple

import pandas as pd

from rind.common.families import FAMILIES
from rind.models.evaluation.similar_accounts import PeerGroup, Peers
from rind.reports.formats import HOUSE
from rind.reports.sentences import Speaker
from rind.reports.tables import records
from rind.reports.usual import Usual
from rind.serving.store.protocols import EXPLANATION, HISTORY, Week
from rind.serving.views.explanation import Explanation
from rind.serving.views.risk_list import Row
from rind.serving.views.run_facts import health_params
from rind.serving.views.trial_weights import PastHealth
from rind.serving.views.visibility import Visibility
from rind.serving.views.week_summary import ledger_of

PANELS = {
    "usage": ("usage__active_users__28d", "usage__events__28d"),
    "tickets": ("tickets__open__now", "tickets__opened__28d"),
    "contacts": ("contacts__active__now",),
    "surveys": ("surveys__nps_mean__364d", "surveys__csat_mean__364d"),
}
"""Panel -> the features that it may draw; it draws the first that the source has."""
TITLES = {
    "usage__active_users__28d": "Active users in four weeks", "usage__events__28d": "Uses in four weeks",
    "tickets__open__now": "Open tickets", "tickets__opened__28d": "Tickets opened in four weeks",
    "contacts__active__now": "Active contacts", "surveys__nps_mean__364d": "Mean NPS of a year",
    "surveys__csat_mean__364d": "Mean satisfaction of a year",
}  # fmt: skip
TERM = "commercial__days_to_term_end__now"
PEER_COLUMNS = ("account_id", "as_of", "churn_probability", "churned")
Columns = dict[str, list[Any]]
"""The rows of one account as one list per column."""


class FormerAccount(NamedTuple):
    """An account that is not on the list any more.

    Parameters
    ----------
    last_row
        Its row of the list before; empty where it was not on that one either.
    history
        Its past scores.
    """

    last_row: Row
    history: Columns


class PastRisk(NamedTuple):
    """A risk on a past day."""

    day: date
    risk: float


class AccountViews:
    """The accounts of one week; made once a week, since the search for similar accounts builds an index."""

    def __init__(self, week: Week) -> None:
        self.week = week
        features = (week.document("catalogue") or {}).get("features") or []
        self.speaker = Speaker(pd.DataFrame(features, columns=None if features else ["name"]), pd.DataFrame())
        self.usual = Usual(features, week.document("usual"))
        self._directions = {f["name"]: int(f.get("direction") or 0) for f in features}
        peer_columns = (*PEER_COLUMNS, *(f"health_{family}" for family in FAMILIES))
        history = week.backtest((*peer_columns, "segment", "health_fit"))
        complete = set(PEER_COLUMNS) <= set(history.columns)
        self.peers = Peers(history[[name for name in peer_columns if name in history]]) if complete else None
        self.past = PastHealth(history, health_params(week).get("fit_usage_factor")) if complete else None
        self._adoption = _by_account(week.table("adoption"))
        before = week.table("previous_list")
        self._looked_back = _column(before, "churn_probability")
        self._published = _column(before, "published_probability")
        former = None if before is None else before[~before["account_id"].isin(week.risk_list["account_id"])]
        record = ledger_of(week)
        self.happened = {line["account_id"]: line for line in record["save_or_close"]}
        self.happened |= {line["account_id"]: line for line in record["lines"] if line["kind"] == "left"}
        listed = set(week.risk_list["account_id"])
        self._former: dict[str, Row] = {a: _who(line) for a, line in self.happened.items() if a not in listed}
        if former is not None:
            self._former |= {row["account_id"]: row for row in records(former)}

    def lists(self, table: Literal["history", "explanation"], account_id: str, names: Sequence[str]) -> Columns:
        """An account's rows of a table as plain lists, days as dates; a week in memory has a quick way to them."""
        quick = getattr(self.week, f"{table}_lists", None)
        if quick is not None:
            columns: Columns = quick(account_id, names)
            return columns
        frame = self.week.history(account_id) if table == "history" else self.week.explanation(account_id)
        days = {"as_of": frame["as_of"].dt.date} if "as_of" in frame and len(frame) else {}
        frame = frame.assign(**days)
        return {name: frame[name].tolist() for name in names if name in frame}

    def explanation(self, account_id: str, segment: str | None = None) -> Explanation:
        """Why the account has its score; ``segment``: whose usual values stand beside its own."""
        columns = self.lists("explanation", account_id, EXPLANATION)
        return Explanation(
            self.speaker, columns, self._directions, lambda name, value: self.usual.words(name, value, segment)
        )

    def looked_back(self, account_id: str) -> PastRisk | None:
        """The risk on the week before as today's model sees it; None where the account's history says the same.

        The list compares two weeks by one model; the history keeps what could be said at the time.
        """
        risk, run = self._looked_back.get(account_id), self.week.document("run") or {}
        if risk is None or risk != risk or not run.get("previous_as_of"):
            return None
        day = date.fromisoformat(str(run["previous_as_of"]))
        past = self.lists("history", account_id, ("as_of", "churn_probability"))
        then = dict(zip(past.get("as_of", []), past.get("churn_probability", []), strict=True)).get(day)
        if then is None or then != then or HOUSE.percent(then) == HOUSE.percent(risk):
            return None
        return PastRisk(day, float(risk))

    def published(self, account_id: str) -> PastRisk | None:
        """The risk that the list before named when it was published; None where it named none."""
        risk, run = self._published.get(account_id), self.week.document("run") or {}
        if risk is None or risk != risk or not run.get("previous_as_of"):
            return None
        return PastRisk(date.fromisoformat(str(run["previous_as_of"])), float(risk))

    def similar(self, row: Mapping[str, Any]) -> PeerGroup | None:
        """Accounts like this one in the past."""
        return self.peers.like(row["account_id"], row) if self.peers else None

    def adoption(self, account_id: str) -> Row | None:
        """Its row of adoption.parquet; None where it is not in launch."""
        row = self._adoption.get(account_id)
        return None if row is None else {str(k): None if v is pd.NA or v != v else v for k, v in row.items()}

    def former(self, account_id: str, visibility: Visibility) -> FormerAccount | None:
        """An account that left the list; None where nothing is known of it, or the reader may not see it."""
        last_row, history = self._former.get(account_id, {}), self.lists("history", account_id, HISTORY)
        if not visibility.shows(account_id, last_row.get("csm")) or not (last_row or history.get("as_of")):
            return None
        return FormerAccount(last_row, history)

    def renewals(self, account_id: str) -> pd.DataFrame:
        """The ends of its terms inside the history, as they were agreed at the time: term_ends_on."""
        series = self.week.series(account_id, (TERM,))
        if TERM not in series or series.empty:
            return pd.DataFrame({"term_ends_on": pd.Series(dtype="datetime64[us]")})
        ends = (series["as_of"] + pd.to_timedelta(series[TERM], unit="D")).dropna().dt.normalize().unique()
        past = [end for end in ends if end <= pd.Timestamp(self.week.as_of)]
        return pd.DataFrame({"term_ends_on": pd.to_datetime(pd.Series(past, dtype="datetime64[us]"))})

    @cached_property
    def panels(self) -> dict[str, tuple[str, str]]:
        """Panel -> its feature and title, as far as this week's source has such features."""
        first = self.week.risk_list["account_id"].head(1).tolist()
        wanted = [feature for features in PANELS.values() for feature in features]
        present = set(self.week.series(first[0], wanted).columns) if first else set()
        drawn = {name: next((f for f in features if f in present), None) for name, features in PANELS.items()}
        return {name: (feature, TITLES[feature]) for name, feature in drawn.items() if feature}

    def points(self, account_id: str, feature: str) -> pd.DataFrame:
        """A feature of the account through time: as_of, value; perhaps no rows."""
        series = self.week.series(account_id, (feature,))
        return pd.DataFrame({"as_of": series["as_of"], "value": series[feature].astype("float64")}).dropna()


def _who(line: Mapping[str, Any]) -> Row:
    return {name: line[name] for name in ("account_id", "name", "segment", "csm")}


def _by_account(adoption: pd.DataFrame | None) -> dict[str, dict[Any, Any]]:
    rows = [] if adoption is None else adoption.astype("object").to_dict("records")
    return {str(row["account_id"]): row for row in rows}


def _column(table: pd.DataFrame | None, name: str) -> dict[str, Any]:
    """A column by account; empty where an older run has no such table or column."""
    if table is None or name not in table:
        return {}
    return dict(zip(table["account_id"].astype(str), table[name], strict=True))
