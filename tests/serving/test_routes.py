"""Every route, asked by every kind of principal."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter

from benchmarks import routes
from benchmarks.routes import RULES, matrix
from rind.serving.access.principals import SCOPES
from rind.serving.api import probes


@pytest.fixture(scope="module")
def cells() -> list[routes.Cell]:
    return matrix()


def test_every_route_lets_in_whom_its_rule_names_and_nobody_else(cells: list[routes.Cell]) -> None:
    assert len({cell.asker for cell in cells}) >= 16
    assert [cell for cell in cells if not cell.is_right] == []


def test_every_rule_has_its_route_and_every_scope_its_key(cells: list[routes.Cell]) -> None:
    pairs = {(cell.method, cell.path) for cell in cells}
    assert set(RULES) == pairs
    assert {f"key: {scope}" for scope in SCOPES} <= {cell.asker for cell in cells}


def test_a_new_route_without_a_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    router = APIRouter()

    @router.get("/v1/new")
    async def new() -> Any:
        return {}

    router.include_router(probes.router)
    monkeypatch.setattr(probes, "router", router)
    with pytest.raises(KeyError, match="/v1/new"):
        matrix()


def test_a_route_that_forgets_its_rule_is_found() -> None:
    open_to_all = {**RULES, ("GET", "/audit"): "read"}
    wrong = [cell for cell in matrix(open_to_all) if not cell.is_right]
    assert {(cell.path, cell.asker, cell.status) for cell in wrong} >= {("/audit", "viewer", 403)}
