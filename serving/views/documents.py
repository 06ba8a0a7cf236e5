"""Parts of a JSON result, whatever an older or a broken run has left of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def listed_objects(document: Mapping[str, Any] | None, name: str) -> list[dict[str, Any]]:
    """The objects of a list in a document; empty where there is no such list."""
    part = mapping_or_nothing(document).get(name)
    return [dict(each) for each in part if isinstance(each, Mapping)] if isinstance(part, list) else []


def mapping_of(document: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """An object in a document; empty where there is none."""
    part = mapping_or_nothing(document).get(name)
    return dict(part) if isinstance(part, Mapping) else {}


def mapping_or_nothing(document: Any) -> Mapping[str, Any]:
    """The document itself, or an empty one where it is none."""
    return document if isinstance(document, Mapping) else {}
