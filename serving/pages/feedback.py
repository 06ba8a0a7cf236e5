"""The forms by which readers answer to the list, and their part of the page of an account and of each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from rind.reports.commitment_text import MEANINGS
from rind.reports.commitment_text import TITLES as CATEGORIES
from rind.reports.playbooks import advice_of
from rind.reports.timeline_text import TITLES
from rind.serving.addresses import account_segment
from rind.serving.feedback.acts import VERDICTS, NewAct
from rind.serving.feedback.rules import SCOPE, entry_of, may_write
from rind.serving.pages.addresses import own_path
from rind.serving.problems import ProblemError, invalid_fields
from rind.serving.quarters import quarter_in_view, quarter_name, quarters_ahead
from rind.serving.request_context import AccountId, Reader, RequestContext, check_csrf
from rind.serving.views.feedback import reasons_of
from rind.serving.views.risk_list import Row
from rind.serving.views.timeline import MOST_SHOWN, Event, timeline_of

router = APIRouter(include_in_schema=False)
MENU = None
MOST_FIELDS = 20
SNOOZE_WEEKS = (1, 2, 4, 8)
FRESH_DAYS = 14
"""An intervention is offered to begin today while the list is at most so old; else on the date of the list."""
ADAPTER: TypeAdapter[NewAct] = TypeAdapter(NewAct)
FIELDS = {
    "reason": ("reason", "verdict"),
    "snooze": ("until",),
    "assign": ("csm",),
    "note": ("note", "supersedes"),
    "intervention": ("playbook", "started_on", "ended_on", "cost", "supersedes"),
    "commitment": ("category", "quarter"),
    "withdraw": ("supersedes",),
}
"""Kind -> the fields of a form that belong to it."""


@router.post("/accounts/{account_id:path}/feedback")
async def answer(request: Request, context: Reader, account_id: AccountId) -> Response:
    """Write an act down and go back to where the form stood."""
    context.require(SCOPE)
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    check_csrf(context, fields.get("csrf", ""))
    entry = entry_of(act_of(fields), context.principal, await context.subject(account_id))
    request.state.action, request.state.detail = SCOPE, entry.summary
    await run_in_threadpool(context.serving.feedback.add, entry, context.address)
    request.state.written_down = True
    return RedirectResponse(own_path(fields.get("back", "/")), 303)


def act_of(fields: Mapping[str, str]) -> NewAct:
    """The act that a form names: by ``kind``, or by ``judge``, such as "2 useful" for the second reason.

    One form holds the fields of several kinds; those of the others are passed over.

    Raises
    ------
    ProblemError
        422, with each wrong field.
    """
    sent = dict(fields)
    if "judge" in sent:
        place, _, verdict = sent["judge"].partition(" ")
        sent |= {"kind": "reason", "reason": place, "verdict": verdict}
    kept = ("kind", *FIELDS.get(sent.get("kind", ""), ()))
    try:
        return ADAPTER.validate_python({name: sent[name] for name in kept if name in sent})
    except ValidationError as error:
        raise ProblemError(422, errors=invalid_fields(error.errors())) from None


def row_filler(context: RequestContext) -> Callable[[str, str], str]:
    """What stands in the slots of a list: the answers to each account, and the form for the next one."""
    book, fmt = context.feedback, context.format
    template = context.serving.renderer.environment.get_template("row_feedback.html.j2")
    url = context.request.url
    common = {
        "fmt": fmt, "csrf": context.principal.csrf, "verdicts": VERDICTS, "week": book.week,
        "back": f"{url.path}{f'?{url.query}' if url.query else ''}#list", "snoozes": _snoozes(book.week),
    }  # fmt: skip

    def fill(name: str, account_id: str) -> str:
        """The text of one slot of an account's row: ``name`` is "snoozed" or "answers"; "" for any other."""
        if name == "snoozed":
            snooze = book.snoozed.get(account_id)
            return f' <span class="mark">snoozed until {fmt.day(snooze.until)}</span>' if snooze else ""
        row = context.risk_list.row(account_id, context.visibility)
        if name != "answers" or row is None:
            return ""
        return template.render(
            row=row,
            reasons=reasons_of(row)[:2],
            state=context.serving.feedback.of(account_id),
            assigned=book.assigned.get(account_id),
            may_write=may_write(context.principal, row["csm"], book.assigned.get(account_id)),
            **common,
        )

    return fill


def account_events(context: RequestContext, account_id: str) -> list[Event]:
    """The timeline of an account."""
    return timeline_of(context.week, account_id, context.serving.feedback.of(account_id), context.format)


def account_filler(
    context: RequestContext, row: Row, account_id: str, events: Sequence[Event]
) -> Callable[[str, str], str]:
    """What stands in the slots of an account's page: its answers, the forms and the timeline.

    Parameters
    ----------
    row
        Of the list; of a former account its last one.
    """
    render = context.serving.renderer.render

    def fill(name: str, _: str) -> str:
        """The text of one slot of the page: ``name`` is "timeline" or "feedback"; "" for any other."""
        if name == "timeline":
            shown = {"events": events, "shown": MOST_SHOWN, "titles": TITLES}
            return render("timeline.html.j2", fmt=context.format, week=context.week.as_of, **shown)
        if name != "feedback":
            return ""
        return render("feedback.html.j2", **_values(context, row, account_id))

    return fill


def _values(context: RequestContext, row: Row, account_id: str) -> dict[str, Any]:
    book, week = context.feedback, context.week.as_of
    state, assigned = context.serving.feedback.of(account_id), context.feedback.assigned.get(account_id)
    return {
        "account_id": account_id, "state": state, "week": week, "fmt": context.format, "assigned": assigned,
        "verdicts": VERDICTS, "judged": state.verdicts(week), "reasons": reasons_of(row),
        "snooze": book.snoozed.get(account_id), "seen": state.acknowledged(week), "snoozes": _snoozes(week),
        "csrf": context.principal.csrf, "back": f"/accounts/{account_segment(account_id)}#answers",
        "may_write": may_write(context.principal, row.get("csm"), assigned), "csms": context.risk_list.csms,
        "csm": row.get("csm"), "playbook": advice_of(row.get("playbook") or ""), "begin": _begin(week),
        "quarters": quarters_ahead(week), "quarter": quarter_in_view(week), "name": quarter_name,
        "categories": CATEGORIES, "meanings": MEANINGS,
    }  # fmt: skip


def _snoozes(week: date) -> list[date]:
    return [week + timedelta(weeks=weeks) + timedelta(days=1) for weeks in SNOOZE_WEEKS]


def _begin(week: date) -> date:
    today = datetime.now(UTC).date()
    return today if timedelta() <= today - week <= timedelta(days=FRESH_DAYS) else week
