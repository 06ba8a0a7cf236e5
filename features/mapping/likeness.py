"""stub"""
from __future__ import annotations
from typing import Any
def liken(connection: Any, exports: str, names: list[str], without: set[str]) -> Any:
    return None
