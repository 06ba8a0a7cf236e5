"""The health score: weights today and proposed, and what others would have caught, before anyone adopts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from rind.serving.pages.shared import page
from rind.serving.request_context import Asked, Reader
from rind.serving.views.account import FAMILIES
from rind.serving.views.risk_lists import Text, blank_is_none
from rind.serving.views.run_facts import health_bands, health_params
from rind.serving.views.trial_weights import Bands, WeightQuestion, bands_under

router = APIRouter(include_in_schema=False)
Questions = dict[str, WeightQuestion]
TODAY, PROPOSED, YOURS = "Today", "Proposed", "Yours"


Share = Annotated[Annotated[int, Field(ge=0, le=100)] | None, BeforeValidator(blank_is_none)]
Limit = Annotated[Annotated[float, Field(ge=0, le=100)] | None, BeforeValidator(blank_is_none)]


class _Tried(BaseModel):
    """What a visitor tries: for whom, weights of the families, and where the bands begin."""

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
async def health_score(given: Reader, tried: Annotated[_Tried, Query()]) -> HTMLResponse:
    """Weights today and proposed; what other ones would have caught on the backtest."""
    score = given.week.document("health_score") or {}
    params = health_params(given.week)
    segments = given.board.segments if given.told.past and given.told.past.segments is not None else []
    only = tried.segment if tried.segment in segments else ""
    questions = _known(score, params, health_bands(given.week), only or "")
    asked = _asked(questions[TODAY], tried)
    if asked.key not in {question.key for question in questions.values()}:
        questions[YOURS] = asked
    answers = {name: await _bands(given, question) for name, question in questions.items()}
    return await page(
        given, "health.html.j2", "Health score", (asked.key,),
        lambda: {"score": score, "asked": asked, "answers": answers, "questions": questions, "families": FAMILIES,
                 "bounds": params.get("bounds") or {}, "segments": segments,
                 "own": sorted(questions[TODAY].segments)},
    )  # fmt: skip


def _known(score: Mapping[str, Any], params: Mapping[str, Any], limits: tuple[float, float], only: str) -> Questions:
    """The weights that hold today, and those that are proposed, each segment's own among them."""
    today = _whole(score.get("current") or params.get("weights") or {})
    given: Mapping[str, Any] = params.get("segments") or {}
    own = {name: _whole(of["weights"]) for name, of in given.items() if of.get("weights")}
    found = {TODAY: WeightQuestion(today, *limits, own, only)}
    advised = {name: of for name, of in (score.get("segments") or {}).items() if of.get("recommend")}
    if score.get("proposed"):
        bands = (score.get("bands") or {}).get("proposed") or {}  # the limits that are proposed with the weights
        begin = (float(bands.get("amber_from", limits[0])), float(bands.get("green_from", limits[1])))
        theirs = own | {name: _whole(of["proposed"]) for name, of in advised.items()}
        found[PROPOSED] = WeightQuestion(_whole(score["proposed"]), *begin, theirs, only)
    return found


def _asked(today: WeightQuestion, tried: _Tried) -> WeightQuestion:
    """Today's with what the visitor tries: the weights of one segment, or of all that have none of their own."""
    now = today.of(today.only)
    weights = {name: now[name] if (own := getattr(tried, name)) is None else float(own) for name in FAMILIES}
    amber = today.amber_from if tried.amber_from is None else tried.amber_from
    green = today.green_from if tried.green_from is None else tried.green_from
    changed = replace(today, amber_from=amber, green_from=max(amber, green))
    if weights == now:
        return changed
    if today.only:
        return replace(changed, segments={**today.segments, today.only: weights})
    return replace(changed, weights=weights)


def _whole(weights: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(weights.get(name, 0)) for name in FAMILIES}


async def _bands(given: Asked, question: WeightQuestion) -> Bands | None:
    key = ("bands", given.week.version, question.key)
    kept = given.serving.pages.kept.get(key)
    if kept is None:
        kept = (await run_in_threadpool(bands_under, given.told.past, question),)
        given.serving.pages.kept.put(key, kept)
    found: Bands | None = kept[0]
    return found
