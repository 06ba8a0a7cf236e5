"""ETags and problems."""

from __future__ import annotations

import pytest
from served import Client


@pytest.mark.parametrize("path", ["/v1/risk-list?band=red", "/v1/accounts/A00001", "/v1/watermelons", "/v1/true-north",
                                  "/v1/health-score"])  # fmt: skip
def test_what_the_client_has_already_costs_nothing(program: Client, path: str) -> None:
    first = program.get(path)
    assert first.headers["cache-control"] == "private, no-cache"
    for known in (first.headers["etag"], f'"x", W/{first.headers["etag"]}'):
        again = program.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
    assert program.get(path, headers={"if-none-match": '"old"'}).status_code == 200


def test_errors_are_problems(program: Client) -> None:
    for path, status in (("/v1/accounts/none", 404), ("/v1/nowhere", 404), ("/v1/risk-list?page=0", 422)):
        answer = program.get(path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code == status
        assert answer.json()["instance"] == path.partition("?")[0]
    assert program.post("/v1/risk-list").status_code == 405
