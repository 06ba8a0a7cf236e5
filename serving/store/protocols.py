"""Where published results are read from: the two protocols that pages, API and deliveries know.

A `Week` is one published run, complete and unchanging; a `Store` says which one is the latest. Two stores
exist: a folder of results (`serving.store.folder`, the default) and PostgreSQL (`serving.store.postgres_store`).
A request asks its store for the week once and reads everything from that object: it can never see half of one week and
half of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import pandas as pd

from rind.common.errors import RindError
from rind.common.results import served_paths

DOCUMENTS = served_paths("document")
"""JSON results: name -> path; ``run`` is always there, the others may be absent."""

CURVES = {name.removeprefix("plot_"): path for name, path in served_paths("curve").items()}
TABLES = {name: path for name, path in served_paths("table").items() if name != "risk_list"} | CURVES
"""Small tables: name -> path; each may be absent.

``previous_list``: the list of the date before (previous_list.parquet: account_id, name, segment, csm, mrr, rank,
churn_probability, risk_band, mrr_at_risk, watermelon ...). ``reliability``, ``gains``, ``folds``: plots/<name>.csv.
"""

HISTORY = ("as_of", "churn_probability", "health_score", "health_band", "watermelon", "churned", "days_to_churn")
EXPLANATION = ("feature", "family", "value", "value_text", "shap_value", "base_value", "margin")


TIMELINE = ("happened_on", "kind", "detail", "number", "ended_on")


class NoResultsError(RindError):
    """There is no complete week to show: nothing was published yet, or what lies there is half of something."""


class Week(Protocol):
    """One published week. Everything is read only; frames are shared between requests and must not be changed.

    What a source of results does not have is None, or an empty frame with the columns named here; pages say so.
    """

    @property
    def version(self) -> str:
        """A short text that changes whenever anything in the week does; part of every ETag."""

    @property
    def far(self) -> bool:
        """Whether the rows of one account come over a network: read them in a thread then."""

    @property
    def as_of(self) -> date:
        """The scoring date."""

    @property
    def risk_list(self) -> pd.DataFrame:
        """risk_list.parquet: one row per account, by rank; account_id is a str, dates are datetime64."""

    def document(self, name: str) -> Mapping[str, Any] | None:
        """One of `DOCUMENTS`."""

    def table(self, name: str) -> pd.DataFrame | None:
        """One of `TABLES`."""

    def history(self, account_id: str) -> pd.DataFrame:
        """The backtest of one account: one row per past as_of (datetime64), in order, at least `HISTORY`."""

    def explanation(self, account_id: str) -> pd.DataFrame:
        """explanations.parquet of one account: one row per feature, at least `EXPLANATION`."""

    def timeline(self, account_id: str) -> pd.DataFrame:
        """timeline.parquet of one account: one row per event, in order, at least `TIMELINE`; empty for an older run."""

    def series(self, account_id: str, features: Sequence[str]) -> pd.DataFrame:
        """features.parquet of one account: one row per as_of, in order, those of ``features`` that are there.

        Without the features of past dates (PostgreSQL): an empty frame with the column as_of.
        """

    def backtest(self, columns: Sequence[str]) -> pd.DataFrame:
        """The whole backtest: one row per account and past as_of, those of ``columns`` that are there."""

    def drift(self) -> pd.DataFrame:
        """How far the features of the scoring date lie from the year before: feature, psi; may be empty."""


class Store(Protocol):
    """A place of published weeks."""

    def current(self) -> Week:
        """The latest complete week. Cheap: called at every request, by several threads at once.

        Raises
        ------
        NoResultsError
            There is none yet.
        """

    def problem(self) -> RindError | None:
        """Why `current` is not the newest that was published: what is newer cannot be read. None while all is well."""

    def close(self) -> None:
        """Give back connections and threads."""
