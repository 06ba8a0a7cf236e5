"""The API, continued: one account, True North, the health score, and scoring what a client brings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import pandas as pd
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rind.reports.sentences import reasons
from rind.serving.api.routes import (
    A_PROBLEM,
    NOT_CHANGED,
    PROBLEMS,
    Paged,
    answer,
    cut,
    head,
    horizon,
    missing,
    plain,
    row_of,
)
from rind.serving.api.schemas import AccountDetail, HealthScore, ScoreRequest, Scores, TrueNorth
from rind.serving.problems import ProblemError
from rind.serving.request_context import AccountId, Asked, Reader, Scorer, check_csrf, needs
from rind.serving.store.protocols import Week

router = APIRouter(responses=PROBLEMS)
TOO_MUCH: dict[int | str, dict[str, Any]] = {
    status: {"description": what, "content": A_PROBLEM}
    for status, what in {413: "The body is too large", 415: "Not JSON", 501: "No model is loaded here"}.items()
}
Scoring = Annotated[Asked, needs("score")]


class _Detail(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reasons: int = Field(10, ge=0, le=500, description="How many features, the strongest first")
    history: int = Field(520, ge=0, le=5000, description="How many past weeks, the latest ones")


@router.get(
    "/v1/accounts/{account_id:path}", operation_id="getAccount", response_model=AccountDetail, responses=NOT_CHANGED,
    tags=["accounts"],
)  # fmt: skip
async def account(given: Reader, account_id: AccountId, asked: Annotated[_Detail, Query()]) -> Response:
    """An account: its score, what drives it, its past scores; of one that is not on the list any more, its past."""
    row = given.board.visible(account_id, given.view)
    former = None if row is not None else await given.former(account_id)

    def make() -> dict[str, Any]:
        """The account, made only where the caller has no fresh copy."""
        explained = given.told.explained(account_id)
        return head(given.week) | {
            "account": None if row is None else row_of(row),
            "former": None if former is None else _former(account_id, former["before"]),
            "base_value": explained.base,
            "margin": explained.margin,
            "families": explained.totals,
            "reasons": [vars(push) for push in explained.strongest(asked.reasons)],
            "history": _past(given.told.lists("history", account_id, _PAST), asked.history),
        }

    return await answer(given, ("account", account_id, asked), make)


@router.get(
    "/v1/true-north", operation_id="getTrueNorth", response_model=TrueNorth, responses=NOT_CHANGED, tags=["list"]
)
async def true_north(request: Request, given: Reader, asked: Annotated[Paged, Query()]) -> Response:
    """The moments after which accounts stay, and the accounts in launch with their next step."""
    found = given.week.document("true_north")
    if found is None:
        raise missing("true_north.json")

    def make() -> dict[str, Any]:
        """Moments and young accounts, made only where the caller has no fresh copy."""
        adoption = given.week.table("adoption")
        listed_as_young: list[str] = [] if adoption is None else adoption["account_id"].tolist()
        seen = [a for a in listed_as_young if given.board.visible(a, given.view)]
        shown, paging = cut(request, seen, asked)
        accounts = []
        for account_id in shown:
            listed = given.board.records[given.board.place[account_id]]
            accounts.append((given.told.young(account_id) or {}) | {"name": listed["name"], "csm": listed["csm"]})
        said = {"moments": found.get("moments") or [], "words": found.get("words")}
        return head(given.week) | said | {"paging": paging, "accounts": accounts}

    return await answer(given, ("true-north", asked), make)


@router.get(
    "/v1/health-score", operation_id="getHealthScore", response_model=HealthScore, responses=NOT_CHANGED, tags=["list"]
)
async def health_score(given: Reader) -> Response:
    """The weights of the health score today and proposed, with the evidence."""
    found = given.week.document("health_score")
    if found is None:
        raise missing("health_score.json")
    names = ("current", "proposed", "evidence", "recommend", "words")
    told = {name: found.get(name) for name in names}
    return await answer(given, ("health-score",), lambda: head(given.week) | told)


@router.post("/v1/score", operation_id="scoreAccounts", response_model=Scores, responses=TOO_MUCH, tags=["accounts"])
async def score(request: Request, given: Scoring, body: ScoreRequest) -> Response:
    """Score accounts from their features: calibrated probability, reasons in words, model version.

    A browser's session must send its token as ``X-CSRF-Token``; a key needs none.
    """
    check_csrf(given, request.headers.get("x-csrf-token", ""))
    most = given.serving.settings.max_score_rows
    if len(body.accounts) > most:
        raise ProblemError(413, f"{len(body.accounts)} accounts in one request; send at most {most}.")
    if given.serving.scorer is None:
        raise ProblemError(501, "This server was started without a model to score with.")
    request.state.action = "score"
    told = await run_in_threadpool(_score, given, given.serving.scorer, body)
    given.serving.measures.scored.inc(len(body.accounts))
    return Response(json.dumps(told, separators=(",", ":"), ensure_ascii=False), media_type="application/json")


def _score(given: Asked, load: Callable[[Week], Scorer], body: ScoreRequest) -> dict[str, Any]:
    scorer = load(given.week)
    names = list(dict.fromkeys(name for one in body.accounts for name in one.features))
    columns = {name: [one.features.get(name) for one in body.accounts] for name in names}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(body.accounts)))
    _refuse_texts(frame, scorer)
    scored, shap = scorer.score(frame, body.reasons)
    said = _reasons(given, frame, shap) if shap is not None else [[] for _ in body.accounts]
    probability, margin = scored["churn_probability"].to_numpy(), scored["margin"].to_numpy()
    scores = [
        {"account_id": one.account_id, "churn_probability": float(p), "margin": float(m), "reasons": why}
        for one, p, m, why in zip(body.accounts, probability, margin, said, strict=True)
    ]
    return {"model": scorer.version, "horizon_days": horizon(given.week), "scores": plain(scores)}


def _refuse_texts(frame: pd.DataFrame, scorer: Scorer) -> None:
    """A text where the model wants a number would be read as unknown: say so instead."""
    wrong = [
        {"where": f"features.{name}", "what": "a number is wanted here, not a text"}
        for name in frame.columns
        if name in scorer.numeric and any(isinstance(value, str) for value in frame[name])
    ]
    if wrong:
        raise ProblemError(422, errors=wrong[:20])


def _reasons(given: Asked, frame: pd.DataFrame, shap: pd.DataFrame) -> list[list[str]]:
    """Three sentences an account, as in the list."""
    features = (given.week.document("catalogue") or {}).get("features") or []
    if not features:
        return [[] for _ in range(len(frame))]
    count, names = len(frame), [str(name) for name in shap.columns]
    long = pd.DataFrame(
        {
            "account_id": np.repeat(frame.index.to_numpy(), len(names)),
            "feature": np.tile(np.asarray(names, dtype=object), count),
            "family": np.tile(np.asarray([n.split("__", 1)[0] for n in names], dtype=object), count),
            "shap_value": shap.to_numpy("float64").ravel(),
        }
    )
    said = reasons(pd.DataFrame(features), frame.rename_axis("account_id"), long)
    return [[text for text in row if text] for row in said.to_numpy(dtype=object).tolist()]


def _former(account_id: str, before: dict[str, Any]) -> dict[str, Any]:
    return {"account_id": account_id} | {name: before.get(name) for name in ("name", "segment", "csm")}


def _past(history: dict[str, list[Any]], most: int) -> list[dict[str, Any]]:
    told = {name: values[-most:] if most else [] for name, values in history.items()}
    for flag in ("churned", "watermelon"):
        if flag in told:
            told[flag] = [None if value is None or value != value else bool(value) for value in told[flag]]
    return [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]


_PAST = ("as_of", "churn_probability", "health_score", "health_band", "watermelon", "churned")
