"""What /metrics tells Prometheus: what the server counts, and the state of the week, the runs and the deliveries."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric

from rind.common.errors import RindError
from rind.common.last_run import read_last_run
from rind.serving.store.protocols import Store, Week

logger = logging.getLogger(__name__)
STATES = ("pending", "sending", "refused")
DAY_SECONDS = 86_400


class Metrics:
    """Durations of requests, logins, scored accounts, and whether the newest results are served."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "rind_request_seconds", "Seconds until the answer began, by kind of page and status.", ("route", "status"),
            registry=self.registry, buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )  # fmt: skip
        self.logins = Counter(
            "rind_logins_total", "Attempts to log in, by outcome.", ("outcome",), registry=self.registry
        )
        self.scored = Counter(
            "rind_scored_accounts_total", "Accounts scored by POST /v1/score.", registry=self.registry
        )
        self.newest_unreadable = Gauge(
            "rind_newest_results_unreadable",
            "1 while the newest results cannot be read: an older week is served, or none.",
            registry=self.registry,
        )

    def watch(self, store: Store, surroundings: Surroundings) -> None:
        """Tell the state of the week, of the last run and of the deliveries too, as it is when it is asked for."""
        self.registry.register(_State(store, surroundings))


@dataclass(frozen=True)
class Surroundings:
    """What lies beside the results that are served.

    Parameters
    ----------
    folder
        The folder of results; None where they come from a database: nothing is known of runs then.
    ledger
        The file of the ledger of deliveries; None, or no file: nothing is known of deliveries.
    """

    folder: Path | None = None
    ledger: Path | None = None


class _State:
    """Looks at week, run and ledger whenever Prometheus asks; what cannot be read is absent."""

    def __init__(self, store: Store, surroundings: Surroundings) -> None:
        self._store, self._surroundings = store, surroundings

    def describe(self) -> list[Metric]:
        """Nothing to say before the first look."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The gauges as they are now."""
        try:
            week = self._store.current()
        except RindError:  # nothing was published yet, or the database of results is away
            pass
        else:
            yield from _of_week(week)
        yield from _of_run(self._surroundings.folder)
        yield from _of_deliveries(self._surroundings.ledger)


def _of_week(week: Week) -> Iterator[Metric]:
    run = week.document("run") or {}
    age = (datetime.now(UTC) - datetime.combine(week.as_of, time(), UTC)).total_seconds() / DAY_SECONDS
    yield _gauge("rind_week_age_days", "Days since 00:00 UTC of the scoring date of the week that is served.", age)
    withheld = bool((run.get("facts") or {}).get("withheld"))
    yield _gauge("rind_list_withheld", "1 where a guard keeps the list of this week back.", withheld)
    fired = len((week.document("guards") or {}).get("fired") or ())
    yield _gauge("rind_guards_fired", "Guards that fired on this week.", fired)
    missing = len(run.get("parts_missing") or ())
    yield _gauge("rind_parts_missing", "Parts that are missing from this week.", missing)
    yield _gauge("rind_accounts", "Accounts on the list of this week.", len(week.risk_list))


def _of_run(folder: Path | None) -> Iterator[Metric]:
    record = None if folder is None else read_last_run(folder)
    if record is None:
        return
    yield _gauge("rind_last_run_exit_code", "Exit code of the last `rind run`; 0: done, 8: a part is missing.",
                 record["exit_code"])  # fmt: skip
    ended = datetime.fromisoformat(record["ended_at"]).timestamp()
    yield _gauge("rind_last_run_ended_timestamp_seconds", "When the last `rind run` ended: seconds since 1970.", ended)
    yield _gauge("rind_last_run_seconds", "How long the last `rind run` took.", record["seconds"])


def _of_deliveries(ledger: Path | None) -> Iterator[Metric]:
    """Items that are not sent, by state, of all companies of the ledger, and how old the oldest one that waits is."""
    if ledger is None or not ledger.is_file():
        return
    query = f"select state, count(*), min(queued_at) from deliveries where state in {STATES} group by 1"
    try:
        with closing(sqlite3.connect(f"{ledger.resolve().as_uri()}?mode=ro", uri=True, timeout=1)) as file:
            rows = {state: (count, oldest) for state, count, oldest in file.execute(query)}
    except sqlite3.Error as error:
        logger.warning("the ledger of deliveries cannot be read: %s", error)
        return
    queue = GaugeMetricFamily("rind_deliveries", "Deliveries that are not sent, by state.", labels=["state"])
    for state in STATES:
        queue.add_metric([state], rows.get(state, (0, ""))[0])
    yield queue
    waiting = [oldest for state, (_, oldest) in rows.items() if state != "refused"]
    age = (datetime.now(UTC) - datetime.fromisoformat(min(waiting))).total_seconds() if waiting else 0.0
    yield _gauge("rind_oldest_delivery_seconds", "How long the oldest delivery that is not sent has waited.", age)


def _gauge(name: str, text: str, value: Any) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))
