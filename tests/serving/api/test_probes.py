"""What machines ask of a server."""

from __future__ import annotations

from served import Client


def test_prometheus_gets_its_measures(program: Client) -> None:
    program.get("/v1/risk-list")
    text = program.get("/metrics").text
    assert 'rind_request_seconds_count{route="/v1/risk-list",status="200"}' in text
    assert "rind_logins_total" in text
