"""The OpenAPI document of all endpoints."""

from __future__ import annotations

import json
import re
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import Client


def _survives(program: Client, operation: Any) -> int:
    sent = 0

    @settings(max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        nonlocal sent
        made = case.as_transport_kwargs(base_url="http://localhost")
        parts = {name: value for name, value in made.items() if name in ("params", "json", "data", "content")}
        answer = program.request(case.method, case.formatted_path, **parts)
        response = schemathesis.Response.from_any(answer)
        case.validate_response(response, checks=[not_a_server_error, status_code_conformance, content_type_conformance,
                                             response_schema_conformance])  # fmt: skip
        sent += 1

    check()
    return sent


def test_the_document_is_good_enough_for_a_client(program: Client) -> None:
    document = program.get("/v1/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert len({op["operationId"] for op in operations}) == len(operations) == 11
    for op in operations:
        assert op["summary"]
        assert any("schema" in media for media in op["responses"]["200"]["content"].values())
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert document["paths"]["/healthz"]["get"]["security"] == []
    named = document["components"]["schemas"]
    for schema in named.values():
        Draft202012Validator.check_schema(schema)
    refs = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(document)))
    assert refs == set(named)  # every name is there, and no schema without use
    for path, item in document["paths"].items():
        for op in item.values():
            assert all(answer["description"] for answer in op["responses"].values())
            in_path = [parameter["name"] for parameter in op.get("parameters", []) if parameter["in"] == "path"]
            assert in_path == re.findall(r"{(\w+)}", path)
            failures = [answer for status, answer in op["responses"].items() if status >= "400" and "content" in answer]
            assert {json.dumps(answer["content"]) for answer in failures} == {
                '{"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}'
            }
            assert ("304" in op["responses"]) == ("ETag" in op["responses"]["200"].get("headers", {}))


def test_no_request_that_the_document_allows_breaks_the_api(program: Client) -> None:
    """schemathesis makes the requests and judges the answers; our client sends them within this process."""
    schema = schemathesis.openapi.from_dict(program.get("/v1/openapi.json").json())
    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert sum(_survives(program, operation) for operation in operations) > 50
