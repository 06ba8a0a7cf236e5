"""Scores of accounts whose features the client sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import pandas as pd
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rind.reports.sentences import reasons
from rind.serving.api.answers import PROBLEMS, described_problems, finite
from rind.serving.api.schemas import ScoreRequest, Scores
from rind.serving.problems import ProblemError
from rind.serving.request_context import RequestContext, Scorer, check_csrf, needs
from rind.serving.store.protocols import Week
from rind.serving.store.run_document import horizon_days

router = APIRouter(responses=PROBLEMS)
REFUSALS = described_problems({413: "The body is too large", 415: "Not JSON", 501: "No model is loaded here"})
MOST_ERRORS = 20
Scoring = Annotated[RequestContext, needs("score")]


@router.post("/v1/score", operation_id="scoreAccounts", response_model=Scores, responses=REFUSALS, tags=["accounts"])
async def score(request: Request, context: Scoring, body: ScoreRequest) -> Response:
    """Score accounts from their features: calibrated probability, reasons in words, model version.

    A browser's session must send its token as ``X-CSRF-Token``; a key needs none.
    """
    check_csrf(context, request.headers.get("x-csrf-token", ""))
    most = context.serving.settings.max_score_rows
    if len(body.accounts) > most:
        raise ProblemError(413, f"{len(body.accounts)} accounts in one request; send at most {most}.")
    if context.serving.scorer is None:
        raise ProblemError(501, "This server was started without a model to score with.")
    request.state.action = "score"
    members = await run_in_threadpool(_score, context, context.serving.scorer, body)
    context.serving.metrics.scored.inc(len(body.accounts))
    return Response(json.dumps(members, separators=(",", ":"), ensure_ascii=False), media_type="application/json")


def _score(context: RequestContext, load: Callable[[Week], Scorer], body: ScoreRequest) -> dict[str, Any]:
    scorer, frame = load(context.week), _frame(body)
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
    """Three sentences an account, as in the list."""
    features = (context.week.document("catalogue") or {}).get("features") or []
    if not features:
        return [[] for _ in range(len(frame))]
    count, names = len(frame), [str(name) for name in shap.columns]
    explanations = pd.DataFrame(
        {
            "account_id": np.repeat(frame.index.to_numpy(), len(names)),
            "feature": np.tile(np.asarray(names, dtype=object), count),
            "family": np.tile(np.asarray([n.split("__", 1)[0] for n in names], dtype=object), count),
            "shap_value": shap.to_numpy("float64").ravel(),
        }
    )
    sentences = reasons(pd.DataFrame(features), frame.rename_axis("account_id"), explanations)
    return [[text for text in row if text] for row in sentences.to_numpy(dtype=object).tolist()]
