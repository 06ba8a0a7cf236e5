"""Errors for people and for programs."""

from __future__ import annotations

import json

import pytest

from rind.serving.problems import ProblemError, invalid_fields, problem_response, wants_page


def test_a_problem_document_holds_what_the_rfc_asks_for() -> None:
    problem = ProblemError(422, errors=[{"where": "q", "what": "too long"}], headers={"x-a": "b"})
    response = problem_response(problem, "/v1/risk-list")
    assert (response.status_code, response.media_type, response.headers["x-a"]) == (
        422,
        "application/problem+json",
        "b",
    )
    assert json.loads(response.body) == {
        "type": "about:blank", "title": problem.title, "status": 422, "instance": "/v1/risk-list",
        "detail": "Something in the request is not as it should be.", "errors": [{"where": "q", "what": "too long"}],
    }  # fmt: skip
    assert "errors" not in ProblemError(404).body("/")


@pytest.mark.parametrize(("path", "accept", "page"), [
    ("/", "text/html,*/*", True), ("/", "*/*", False), ("/v1/x", "text/html", False), ("/metrics", "text/html", False),
])  # fmt: skip
def test_a_browser_gets_a_page_except_from_the_api(path: str, accept: str, page: bool) -> None:
    scope = {"type": "http", "path": path, "headers": [(b"accept", accept.encode())]}
    assert wants_page(scope) == page


def test_at_most_twenty_wrong_fields_are_named() -> None:
    fields = invalid_fields({"loc": ("body", "accounts", n), "msg": "wrong"} for n in range(30))
    assert len(fields) == 20
    assert fields[3] == {"where": "body.accounts.3", "what": "wrong"}
