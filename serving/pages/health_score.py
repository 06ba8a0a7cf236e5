"""The page of the health score: weights today, proposed and tried, and the bands of past weeks under each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from rind.common.families import FAMILIES
from rind.serving.pages.shared import page
from rind.serving.rendering.renderer import MenuEntry
from rind.serving.request_context import Reader, RequestContext
from rind.serving.views.filters import Text, blank_is_none
from rind.serving.views.run_facts import health_bands, health_params
from rind.serving.views.trial_weights import Bands, WeightQuestion, bands_under

router = APIRouter(include_in_schema=False)
MENU = MenuEntry("/health-score", "Health score")
Questions = dict[str, WeightQuestion]
TODAY, PROPOSED, YOURS = "Today", "Proposed", "Yours"

Share = Annotated[Annotated[int, Field(ge=0, le=100)] | None, BeforeValidator(blank_is_none)]
Limit = Annotated[Annotated[float, Field(ge=0, le=100)] | None, BeforeValidator(blank_is_none)]


class _TrialValues(BaseModel):
    """What a visitor tries: for which segment, weights of the families, and where the bands begin."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: Text = None
    usage: Share = None
    tickets: Share = None
    contacts: Share = None
    surveys: Share = None
    engagement: Share = None
    commercial: Share = None
    amber_from: Limit = None
    green_from: Limit = None


@router.get("/health-score")
async def health_score(context: Reader, trial: Annotated[_TrialValues, Query()]) -> HTMLResponse:
    """The bands on past weeks under today's weights, the proposed ones, and those that the visitor tries."""
    score, params = context.week.document("health_score") or {}, health_params(context.week)
    past = context.accounts.past
    segments = context.risk_list.segments if past and past.segments is not None else []
    only = trial.segment if trial.segment in segments else ""
    questions = _questions(score, params, health_bands(context.week), only or "")
    question = _trial_question(questions[TODAY], trial)
    if question.key not in {other.key for other in questions.values()}:
        questions[YOURS] = question
    answers = {name: await _bands(context, one) for name, one in questions.items()}
    return await page(
        context, "health.html.j2", "Health score", (question.key,),
        lambda: {"score": score, "question": question, "answers": answers, "questions": questions,
                 "families": FAMILIES, "bounds": params.get("bounds") or {}, "segments": segments,
                 "own": sorted(questions[TODAY].segments)},
    )  # fmt: skip


def _questions(
    score: Mapping[str, Any], params: Mapping[str, Any], limits: tuple[float, float], only: str
) -> Questions:
    """Today's weights and the proposed ones, each with the segments that have their own."""
    today = _all_families(score.get("current") or params.get("weights") or {})
    segments: Mapping[str, Any] = params.get("segments") or {}
    own = {name: _all_families(part["weights"]) for name, part in segments.items() if (part or {}).get("weights")}
    questions = {TODAY: WeightQuestion(today, *limits, own, only)}
    if score.get("proposed"):
        today_limits = zip(("amber_from", "green_from"), limits, strict=True)
        bands = (score.get("bands") or {}).get("proposed") or {}  # the limits that are proposed with the weights
        amber, green = (limit if bands.get(name) is None else float(bands[name]) for name, limit in today_limits)
        recommended = {
            name: _all_families(part["proposed"])
            for name, part in (score.get("segments") or {}).items()
            if part and part.get("recommend") and part.get("proposed")
        }
        proposed = _all_families(score["proposed"])
        questions[PROPOSED] = WeightQuestion(proposed, amber, green, own | recommended, only)
    return questions


def _trial_question(today: WeightQuestion, trial: _TrialValues) -> WeightQuestion:
    """Today's weights with what the visitor tries: for one segment, or for all that have no weights of their own."""
    now = today.of(today.only)
    weights = {name: now[name] if (own := getattr(trial, name)) is None else float(own) for name in FAMILIES}
    amber = today.amber_from if trial.amber_from is None else trial.amber_from
    green = today.green_from if trial.green_from is None else trial.green_from
    changed = replace(today, amber_from=amber, green_from=max(amber, green))
    if weights == now:
        return changed
    if today.only:
        return replace(changed, segments={**today.segments, today.only: weights})
    return replace(changed, weights=weights)


def _all_families(weights: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(weights.get(name) or 0) for name in FAMILIES}


async def _bands(context: RequestContext, question: WeightQuestion) -> Bands | None:
    """The bands under these weights, computed once a week."""
    cache, key = context.serving.renderer.cache, ("bands", context.week.version, question.key)
    cached: tuple[Bands | None] | None = cache.get(key)
    if cached is None:  # the cache holds no None, so the bands are wrapped
        cached = (await run_in_threadpool(bands_under, context.accounts.past, question),)
        cache.put(key, cached)
    return cached[0]
