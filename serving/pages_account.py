"""The page of one account."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
