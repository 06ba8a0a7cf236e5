"""Pages of lists."""

from __future__ import annotations

from served import Client


def test_a_page_beyond_the_last_is_empty(program: Client) -> None:
    body = program.get("/v1/risk-list?page=99").json()
    assert (body["accounts"], body["paging"]["next"]) == ([], None)
