"""POST /v1/score."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
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
        (b'{"accounts": [{"features": {}}], "more": 1}', 422), (b"\xff\xfe", 422), (b"[" * 100_000, 413),
        (b'{"accounts": [{"features": {"usage__events__28d": "many"}}]}', 422),
        (b'{"accounts": [{"features": {"usage__events__28d": 1e999}}]}', 422),
        (b'{"accounts": [{"features": {"usage__events__28d": NaN}}]}', 422),
        (b'{"accounts": [{"features": {"usage__events__28d": -Infinity}}]}', 422),
        (b'{"accounts": [{"features": ' + b'{"a": ' * 5_000 + b"1" + b"}" * 5_000 + b"}]}", 422),
    ],
)  # fmt: skip
def test_malformed_bodies_are_told_what_is_wrong(here: Site, body: bytes, status: int) -> None:
    answer = here.program("score").post("/v1/score", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_scores_come_back_in_order_with_reasons_and_the_model(program: Client) -> None:
    rows = [{"account_id": str(n), "features": {"usage__events__28d": n, "tickets__open__now": 4}} for n in (3, 0, -3)]
    body = program.post("/v1/score", json={"accounts": rows}).json()
    Scores.model_validate(body)
    assert body["model"] == "churn-90d version 1"
    assert [row["account_id"] for row in body["scores"]] == ["3", "0", "-3"]
    assert body["scores"][1]["churn_probability"] == 0.5
    assert body["scores"][0]["reasons"]
    quick = program.post("/v1/score", json={"accounts": rows, "reasons": False}).json()
    assert [row["reasons"] for row in quick["scores"]] == [[], [], []]


def test_no_reason_is_a_fact_without_a_direction_or_good_news_told_as_a_risk(program: Client) -> None:
    features = {"usage__events__28d": 3, "tickets__open__now": 4, "usage__events_change__28d": 0.4}
    fallen = features | {"usage__events_change__28d": -0.4}
    accounts = [{"features": features}, {"features": fallen}]
    rose, fell = (row["reasons"] for row in program.post("/v1/score", json={"accounts": accounts}).json()["scores"])
    assert (len(rose), len(fell)) == (1, 2)
    assert "ticket" in rose[0].lower()


def test_unknown_names_of_features_are_refused_by_name_with_the_count_of_the_rest(program: Client) -> None:
    features = {"usage__events__28d": 1, "usage__events__7d": 1, "a": 1, "b": 1, "c": 1, "d": 1}
    answer = program.post("/v1/score", json={"accounts": [{"features": {}}, {"features": features}]})
    assert answer.status_code == 422
    assert "4 features have names that the model does not know: 'a', 'b', 'c' and 1 more" in answer.json()["detail"]
    assert [error["where"] for error in answer.json()["errors"]] == [f"accounts.1.features.{name}" for name in "abcd"]
    one = program.post("/v1/score", json={"accounts": [{"features": {"usage__event__28d": 1}}] * 3})
    assert "1 feature has a name that the model does not know: 'usage__event__28d'. " in one.json()["detail"]


def test_no_more_than_two_requests_are_scored_at_a_time_and_a_long_line_is_refused(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, most = [0], [0]

    class Slow(TokenScorer):
        def score(self, features: pd.DataFrame, explain: bool) -> Any:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
            time.sleep(0.3)
            at_work[0] -= 1
            return super().score(features, explain)

    monkeypatch.setattr(here.app.state.serving, "scorer", lambda _: Slow())
    program = here.program("score")

    async def together() -> list[int]:
        requests = [program._http.post("/v1/score", json={"accounts": [{"features": {}}]}) for _ in range(25)]
        return sorted(answer.status_code for answer in await asyncio.gather(*requests))

    answers = here.loop.run(together())
    assert most == [2]
    assert (answers.count(200), answers.count(503)) == (18, 7)


def test_what_is_not_sent_as_json_is_refused(here: Site) -> None:
    content = b'{"accounts": [{"features": {}}]}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = here.program("score").post("/v1/score", content=content, headers={"content-type": kind})
        assert answer.status_code == 415, kind


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
        body = made.program("score").post("/v1/score", json={"accounts": [{"features": {"tickets__open__now": 3}}]})
        assert made.store.current().version != old
        assert body.json()["model"] == f"model of {old}"
        assert body.json()["scores"][0]["reasons"]
