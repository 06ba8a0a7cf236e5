"""The context of a request."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from rind.serving.access.principals import Principal
from rind.serving.problems import ProblemError
from rind.serving.request_context import RequestContext, check_csrf
from rind.serving.settings import Settings
from rind.serving.views.visibility import Visibility


def context(principal: Principal, **settings: Any) -> RequestContext:
    """A context over a store that gives another week at each call."""
    weeks = iter(SimpleNamespace(version=str(n), far=False, as_of=None) for n in range(10))
    feedback = SimpleNamespace(book=lambda _: SimpleNamespace(assigned={}))
    serving = SimpleNamespace(
        feedback=feedback, store=SimpleNamespace(current=lambda: next(weeks)), settings=Settings(**settings)
    )
    app = SimpleNamespace(state=SimpleNamespace(serving=serving))
    request: Any = SimpleNamespace(app=app, state=SimpleNamespace(principal=principal), headers={})
    return RequestContext(request)


ANA = Principal("ana", "csm", frozenset({"read"}), csm="Ana", csrf="token")


def test_one_request_reads_one_week_though_another_one_comes() -> None:
    one = context(ANA)
    assert one.week is one.week
    assert one.cache_key == ("0", Visibility(first="Ana"))
    assert context(ANA, csm_sees="own_only").cache_key == ("0", Visibility(only="Ana", first="Ana"))


def test_a_scope_that_is_not_held_is_refused_by_name() -> None:
    context(ANA).require("read")
    with pytest.raises(ProblemError, match="'export'") as raised:
        context(ANA).require("export")
    assert raised.value.status == 403


def test_a_form_needs_the_token_of_its_session_and_a_key_needs_none() -> None:
    check_csrf(context(ANA), "token")
    for wrong in ("", "tokem", "tökén"):
        with pytest.raises(ProblemError):
            check_csrf(context(ANA), wrong)
    check_csrf(context(Principal("key", "key", frozenset())), "")
    check_csrf(context(Principal("demo", "demo", frozenset()), demo=True), "")


def test_an_id_that_no_store_can_hold_is_not_found() -> None:
    with pytest.raises(ProblemError) as raised:
        asyncio.run(context(ANA).former("a\0b"))
    assert raised.value.status == 404
