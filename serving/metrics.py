"""What /metrics counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


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
