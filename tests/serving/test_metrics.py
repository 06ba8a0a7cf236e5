"""What /metrics counts."""

from __future__ import annotations

from rind.serving.metrics import Metrics


def test_two_servers_in_one_process_count_each_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.scored.inc(3)
    one.logins.labels("good").inc()
    assert one.registry.get_sample_value("rind_scored_accounts_total") == 3
    assert other.registry.get_sample_value("rind_scored_accounts_total") == 0
