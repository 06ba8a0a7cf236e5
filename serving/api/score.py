"""Scores of accounts whose features the client sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import pandas as pd
from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from rind.common.themes import matter_of
from rind.reports.benchmarks import contradicts
from rind.reports.sentences import Fact, reasons
from rind.serving.api.answers import PROBLEMS, described_problems, finite
from rind.serving.api.schemas import ScoreRequest, Scores
from rind.serving.api.score_body import MOST_ERRORS, checked, parsed, refuse_unknown_names
from rind.serving.problems import ProblemError
from rind.serving.request_context import RequestContext, Scorer, check_csrf, needs
from rind.serving.store.protocols import Week
from rind.serving.store.run_document import horizon_days

router = APIRouter(responses=PROBLEMS)
REFUSALS = described_problems(
    {413: "The body is too large", 415: "Not JSON", 501: "No model is loaded here", 503: "Too many requests at once"}
)
BODY = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ScoreRequest"}}}}
SEGMENT = "commercial__segment__now"
MOST_ASKED = 18
"""Requests that are at work or wait for their turn; a further one is refused."""
Scoring = Annotated[RequestContext, needs("score")]


@router.post("/v1/score", operation_id="scoreAccounts", response_model=Scores, responses=REFUSALS, tags=["accounts"],
             openapi_extra={"requestBody": BODY})  # fmt: skip
async def score(request: Request, context: Scoring) -> Response:
    """Score accounts from their features: calibrated probability, reasons in words, model version.

    A browser's session must send its token as ``X-CSRF-Token``; a key needs none.
    """
    check_csrf(context, request.headers.get("x-csrf-token", ""))
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ProblemError(415)
    if context.serving.scorer is None:
        raise ProblemError(501, "This server was started without a model to score with.")
    body, turns = await request.body(), context.serving.score_turns
    if turns.waiting >= MOST_ASKED:
        raise ProblemError(503, "Too many requests want scores at once.", headers={"retry-after": "5"})
    request.state.action = "score"
    with turns.counted():
        answer, count = await to_thread.run_sync(_answer, context, context.serving.scorer, body, limiter=turns.limiter)
    context.serving.metrics.scored.inc(count)
    return Response(answer, media_type="application/json")


def _answer(context: RequestContext, load: Callable[[Week], Scorer], body: bytes) -> tuple[bytes, int]:
    """The JSON of the answer, and how many accounts were scored."""
    value = parsed(body, context.serving.settings.max_score_rows)
    scorer = load(context.week)
    catalogue = (context.week.document("catalogue") or {}).get("features") or []
    refuse_unknown_names(value["accounts"], scorer.features | {feature["name"] for feature in catalogue})
    request = checked(value)
    members = _score(context, scorer, request)
    text = json.dumps(members, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace"), len(request.accounts)


def _score(context: RequestContext, scorer: Scorer, body: ScoreRequest) -> dict[str, Any]:
    frame = _frame(body)
    _refuse_texts(frame, scorer)
    scored, shap = scorer.score(frame, body.reasons)
    sentences = _reasons(context, frame, shap) if shap is not None else [[] for _ in body.accounts]
    probability, margin = scored["churn_probability"].to_numpy(), scored["margin"].to_numpy()
    scores = [
        {"account_id": account.account_id, "churn_probability": float(p), "margin": float(m), "reasons": texts}
        for account, p, m, texts in zip(body.accounts, probability, margin, sentences, strict=True)
    ]
    horizon = horizon_days(context.week.document("run") or {})
    return {"model": scorer.version, "horizon_days": horizon, "scores": finite(scores)}


def _frame(body: ScoreRequest) -> pd.DataFrame:
    """One row per account of the request, one column per feature that any of them has; missing ones as None."""
    names = list(dict.fromkeys(name for account in body.accounts for name in account.features))
    columns = {name: [account.features.get(name) for account in body.accounts] for name in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(body.accounts)))


def _refuse_texts(frame: pd.DataFrame, scorer: Scorer) -> None:
    """Refuse a text where the model reads a number: it would count as unknown, and nobody would notice."""
    wrong = [
        {"where": f"features.{name}", "what": "a number is wanted here, not a text"}
        for name in frame.columns
        if name in scorer.numeric and any(isinstance(value, str) for value in frame[name])
    ]
    if wrong:
        raise ProblemError(422, errors=wrong[:MOST_ERRORS])


def _reasons(context: RequestContext, frame: pd.DataFrame, shap: pd.DataFrame) -> list[list[str]]:
    """Three sentences an account, each with what is usual: none of the calendar or of what nobody can change."""
    features = (context.week.document("catalogue") or {}).get("features") or []
    directions = {feature["name"]: int(feature.get("direction") or 0) for feature in features}
    actionable = [n for n in map(str, shap.columns) if directions.get(n) and matter_of(n).theme != "context"]
    if not actionable or frame.empty:
        return [[] for _ in range(len(frame))]
    shap, usual = shap[actionable].copy(), context.accounts.usual
    segments = frame[SEGMENT] if SEGMENT in frame else pd.Series(None, frame.index, dtype="object")
    for name in (name for name in actionable if name in frame):
        wrong = [contradicts(name, v, directions[name], p) for v, p in zip(frame[name], shap[name], strict=True)]
        better = usual.gaps(name, frame[name], segments) * shap[name] < 0
        shap.loc[better | pd.Series(wrong, frame.index), name] = 0.0

    def beside(fact: Fact) -> str:
        """What is usual in the segment of the account."""
        value = frame[fact.feature].iloc[fact.position] if fact.feature in frame else None
        return usual.words(fact.feature, value, segments.iloc[fact.position])

    count, names = len(frame), [str(name) for name in shap.columns]
    explanations = pd.DataFrame(
        {
            "account_id": np.repeat(frame.index.to_numpy(), len(names)),
            "feature": np.tile(np.asarray(names, dtype=object), count),
            "family": np.tile(np.asarray([n.split("__", 1)[0] for n in names], dtype=object), count),
            "shap_value": shap.to_numpy("float64").ravel(),
        }
    )
    sentences = reasons(pd.DataFrame(features), frame.rename_axis("account_id"), explanations, beside=beside)
    return [[text for text in row if text] for row in sentences.to_numpy(dtype=object).tolist()]
