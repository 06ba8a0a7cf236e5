"""POST /v1/score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from served import Client, Site, TokenScorer, site, token

from benchmarks.made_results import make_results
from rind.serving.api.schemas import Scores
from rind.serving.store.protocols import Week


def test_a_session_scores_only_with_its_token_in_a_header(here: Site) -> None:
    browser = here.logged_in()
    body = {"accounts": [{"features": {}}]}
    assert browser.post("/v1/score", json=body).status_code == 403
    right = {"x-csrf-token": token(browser.get("/").text)}
    assert browser.post("/v1/score", json=body, headers=right).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422), (b"[]", 422), (b'{"accounts": []}', 422), (b'{"accounts": [{"features": {"a": [1]}}]}', 422),
        (b'{"accounts": [{"features": {}}], "more": 1}', 422), (b"\xff\xfe", 422), (b"[" * 100_000, 400),
        (b'{"accounts": [{"features": {"usage__events__28d": "many"}}]}', 422),
        (b'{"accounts": [{"features": {"usage__events__28d": 1e999}}]}', 422),
    ],
)  # fmt: skip
def test_malformed_bodies_are_told_what_is_wrong(here: Site, body: bytes, status: int) -> None:
    answer = here.program("score").post("/v1/score", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


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
