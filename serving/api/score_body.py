"""The body of POST /v1/score: read in steps, each of which bounds what the next one may cost.

JSON takes some twenty times its bytes in memory once it is parsed, and a message for each wrong value far more. So the
number of objects is bounded before anything is parsed, the names of features before anything is checked, and the check
ends at the first account that has an error.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pydantic_core
from pydantic import BaseModel, TypeAdapter, ValidationError

from rind.serving.api.schemas import ScoreRequest, ToScore
from rind.serving.problems import ProblemError, invalid_fields

MOST_ERRORS = 20
OBJECTS_AN_ACCOUNT = 4
"""Braces and brackets that an account may hold; it needs two, texts may hold some."""
_REQUEST = TypeAdapter(ScoreRequest)


def parsed(body: bytes, most: int) -> dict[str, Any]:
    """The body as JSON: an object with at most ``most`` accounts under ``accounts``.

    Raises
    ------
    ProblemError
        413: too many accounts; 422: it is no such JSON.
    """
    objects = body.count(b"{") + body.count(b"[")
    if objects > OBJECTS_AN_ACCOUNT * (most + 1):
        raise ProblemError(413, f"{objects} objects in one request; send at most {most} accounts.")
    try:
        value = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ProblemError(422, errors=[{"where": "body", "what": f"this is no JSON: {error}"}]) from None
    accounts = value.get("accounts") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(accounts, list):
        raise ProblemError(422, errors=[{"where": "body.accounts", "what": "a list of accounts is wanted here"}])
    if len(accounts) > most:
        raise ProblemError(413, f"{len(accounts)} accounts in one request; send at most {most}.")
    _refuse_members(value, ScoreRequest, "body")
    for place, account in enumerate(accounts):
        if isinstance(account, dict):
            _refuse_members(account, ToScore, f"accounts.{place}")
    return value


def _refuse_members(value: dict[str, Any], kind: type[BaseModel], where: str) -> None:
    if unknown := value.keys() - kind.model_fields.keys():
        first = sorted(unknown)[:MOST_ERRORS]
        errors = [{"where": f"{where}.{name[:200]}", "what": "there is no member of this name here"} for name in first]
        raise ProblemError(422, errors=errors)


def refuse_unknown_names(accounts: list[Any], known: Collection[str]) -> None:
    """Refuse names of features that neither the model nor the catalogue has: a typing error would count as unknown.

    Raises
    ------
    ProblemError
        422, with the first twenty names and the count of all.
    """
    unknown: dict[str, int] = {}
    for place, account in enumerate(accounts):
        features = account.get("features") if isinstance(account, dict) else None
        for name in features if isinstance(features, dict) else ():
            if name not in known:
                unknown.setdefault(name, place)
    if not unknown:
        return
    first = list(unknown.items())[:MOST_ERRORS]
    errors = [
        {"where": f"accounts.{place}.features.{name[:200]}", "what": "there is no feature of this name"}
        for name, place in first
    ]
    some = ", ".join(repr(name[:60]) for name, _ in first[:3])
    rest = f" and {len(unknown) - 3:,} more" if len(unknown) > 3 else ""
    words = "1 feature has a name" if len(unknown) == 1 else f"{len(unknown):,} features have names"
    detail = f"{words} that the model does not know: {some}{rest}. `rind features` lists the names."
    raise ProblemError(422, detail, errors=errors)


def checked(value: dict[str, Any]) -> ScoreRequest:
    """The request with typed values.

    Raises
    ------
    ProblemError
        422, with what is wrong in the first account that has an error.
    """
    try:
        return _REQUEST.validate_python(value)
    except ValidationError as error:
        raise ProblemError(422, errors=invalid_fields(error.errors(include_url=False, include_input=False))) from None
