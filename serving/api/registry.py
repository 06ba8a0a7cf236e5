"""The endpoints of the API. To add one: write a module with a ``router`` like the others, add it to the list below.

The OpenAPI document shows them in the order of this list. ``accounts`` stands behind
what has an address below that of an account: its own address takes every id, slashes and all.
"""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter

from rind.serving.api import accounts, feedback, health_score, lists, probes, score, true_north


class Endpoint(Protocol):
    """What each module below is to the application (a property: a module's constants are read only)."""

    @property
    def router(self) -> APIRouter: ...


ENDPOINTS: tuple[Endpoint, ...] = (probes, lists, feedback, accounts, true_north, health_score, score)
