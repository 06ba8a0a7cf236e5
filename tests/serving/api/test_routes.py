from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import Client, Site, TokenScorer, site

from benchmarks.made_results import make_results
from rind.serving.api.schemas import AccountDetail, HealthScore, RiskList, Scores, TrueNorth, Watermelons
from rind.serving.store.protocols import Week


@pytest.fixture(scope="module")
def here(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(results, tmp_path_factory.mktemp("access") / "access.sqlite") as made:
        yield made


@pytest.fixture(scope="module")
def program(here: Site) -> Client:
    return here.program("read", "export", "score", "metrics")


def test_all_pages_together_are_the_whole_list(program: Client, listing: pd.DataFrame) -> None:
    found: list[dict[str, Any]] = []
    path: str | None = "/v1/risk-list?page_size=50"
    while path:
        body = program.get(path).json()
        found += body["accounts"]
        path = body["paging"]["next"]
    assert [row["account_id"] for row in found] == list(listing["account_id"])
    assert [row["churn_probability"] for row in found] == list(listing["churn_probability"])
    assert [row["term_ends_on"] for row in found] == [str(day) for day in listing["term_ends_on"]]
    assert body["paging"] | {"next": None} == {"page": 3, "page_size": 50, "pages": 3, "total": 130, "next": None}


def test_a_page_beyond_the_last_is_empty(program: Client) -> None:
    body = program.get("/v1/risk-list?page=99").json()
    assert (body["accounts"], body["paging"]["next"]) == ([], None)


def test_the_account_adds_up(program: Client, listing: pd.DataFrame, results: Path) -> None:
    account = listing["account_id"].iloc[5]
    body = program.get(f"/v1/accounts/{account}?reasons=500").json()
    explained = pd.read_parquet(results / "explanations.parquet")
    explained = explained[explained["account_id"] == account]
    assert body["margin"] == pytest.approx(body["base_value"] + sum(body["families"].values()))
    assert sum(body["families"].values()) == pytest.approx(explained["shap_value"].sum())
    assert body["reasons"][0]["shap_value"] == pytest.approx(
        explained["shap_value"].iloc[explained["shap_value"].abs().argmax()]
    )
    assert all("__" not in reason["sentence"] for reason in body["reasons"])
    history = pd.read_parquet(results / "backtest.parquet").query("account_id == @account")
    assert [row["churn_probability"] for row in body["history"]] == list(history["churn_probability"])
    assert len(program.get(f"/v1/accounts/{account}?history=3&reasons=2").json()["history"]) == 3


@pytest.mark.parametrize(
    ("path", "schema"),
    [("risk-list", RiskList), ("accounts/A00001", AccountDetail), ("watermelons", Watermelons),
     ("true-north", TrueNorth), ("health-score", HealthScore)],
)  # fmt: skip
def test_an_answer_says_all_that_its_schema_promises(program: Client, path: str, schema: type[BaseModel]) -> None:
    body = program.get(f"/v1/{path}").json()
    promised = {name for name, field in schema.model_fields.items() if field.is_required()}
    assert promised <= set(body)
    assert schema.model_validate(body).model_dump(mode="json", exclude_unset=True).keys() == body.keys()


@pytest.mark.parametrize("path", ["/v1/risk-list?band=red", "/v1/accounts/A00001", "/v1/watermelons", "/v1/true-north",
                                  "/v1/health-score"])  # fmt: skip
def test_what_the_client_has_already_costs_nothing(program: Client, path: str) -> None:
    first = program.get(path)
    assert first.headers["cache-control"] == "private, no-cache"
    for known in (first.headers["etag"], f'"x", W/{first.headers["etag"]}'):
        again = program.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
    assert program.get(path, headers={"if-none-match": '"old"'}).status_code == 200


def test_scores_come_back_in_order_with_reasons_and_the_model(program: Client) -> None:
    rows = [{"account_id": str(n), "features": {"usage__events__28d": n, "unheard_of": 1}} for n in (3, 0, -3)]
    body = program.post("/v1/score", json={"accounts": rows}).json()
    Scores.model_validate(body)
    assert body["model"] == "churn-90d version 1"
    assert [row["account_id"] for row in body["scores"]] == ["3", "0", "-3"]
    assert body["scores"][1]["churn_probability"] == 0.5
    assert body["scores"][0]["reasons"]
    quick = program.post("/v1/score", json={"accounts": rows, "reasons": False}).json()
    assert [row["reasons"] for row in quick["scores"]] == [[], [], []]


def test_without_a_model_scoring_says_so(results: Path, tmp_path: Path) -> None:
    with site(results, tmp_path / "access.sqlite") as made:
        made.app.state.serving.scorer = None
        answer = made.program("score").post("/v1/score", json={"accounts": [{"features": {}}]})
        assert (answer.status_code, answer.json()["status"]) == (501, 501)


def test_an_answer_is_of_one_week_though_another_one_comes_while_the_model_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_results(tmp_path, accounts=12, weeks=20)

    class Slow(TokenScorer):
        def __init__(self, week: Week) -> None:
            self.version = f"model of {week.version}"

    def load(week: Week) -> Slow:
        make_results(tmp_path, accounts=12, weeks=20, seed=9)
        (tmp_path / "catalogue.json").write_text(json.dumps({"features": []}))  # of the next week: no sentences
        monkeypatch.setattr(made.store, "_check", lambda *_: None)
        assert made.store.refresh()
        return Slow(week)

    with site(tmp_path, tmp_path / "access.sqlite", load) as made:
        old = made.store.current().version
        body = made.program("score").post("/v1/score", json={"accounts": [{"features": {"usage__events__28d": 3}}]})
        assert made.store.current().version != old
        assert body.json()["model"] == f"model of {old}"
        assert body.json()["scores"][0]["reasons"]


def test_errors_are_problems(program: Client) -> None:
    for path, status in (("/v1/accounts/none", 404), ("/v1/nowhere", 404), ("/v1/risk-list?page=0", 422)):
        answer = program.get(path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code == status
        assert answer.json()["instance"] == path.partition("?")[0]
    assert program.post("/v1/risk-list").status_code == 405


def test_prometheus_gets_its_measures(program: Client) -> None:
    program.get("/v1/risk-list")
    text = program.get("/metrics").text
    assert 'rind_request_seconds_count{route="/v1/risk-list",status="200"}' in text
    assert "rind_logins_total" in text


def test_the_document_is_good_enough_for_a_client(program: Client) -> None:
    document = program.get("/v1/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert len({op["operationId"] for op in operations}) == len(operations) == 9
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
            told = [parameter["name"] for parameter in op.get("parameters", []) if parameter["in"] == "path"]
            assert told == re.findall(r"{(\w+)}", path)
            failures = [answer for status, answer in op["responses"].items() if status >= "400" and "content" in answer]
            assert {json.dumps(answer["content"]) for answer in failures} == {
                '{"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}'
            }
            assert ("304" in op["responses"]) == ("ETag" in op["responses"]["200"].get("headers", {}))


def test_no_request_that_the_document_allows_breaks_the_api(program: Client) -> None:
    """schemathesis makes the requests and judges the answers; our client sends them within this process."""
    schema = schemathesis.openapi.from_dict(program.get("/v1/openapi.json").json())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert sum(_survives(program, operation) for operation in operations) > 50


def _survives(program: Client, operation: Any) -> int:
    sent = 0

    @settings(max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        nonlocal sent
        made = case.as_transport_kwargs(base_url="http://localhost")
        parts = {name: value for name, value in made.items() if name in ("params", "json", "data", "content")}
        answer = program.request(case.method, case.formatted_path, **parts)
        told = schemathesis.Response.from_any(answer)
        case.validate_response(told, checks=[not_a_server_error, status_code_conformance, content_type_conformance,
                                             response_schema_conformance])  # fmt: skip
        sent += 1

    check()
    return sent
