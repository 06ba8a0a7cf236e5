"""Parts of a document that may be anything."""

from __future__ import annotations

from typing import Any

import pytest

from rind.serving.views.documents import listed_objects, mapping_of


@pytest.mark.parametrize("document", [None, {}, {"part": None}, {"part": 3}, {"part": "text"}, [1, 2]])
def test_what_is_missing_or_of_another_kind_is_empty(document: Any) -> None:
    assert listed_objects(document, "part") == []
    assert mapping_of(document, "part") == {}


def test_what_is_there_is_given() -> None:
    assert listed_objects({"part": [{"a": 1}, 2]}, "part") == [{"a": 1}]
    assert mapping_of({"part": {"a": 1}}, "part") == {"a": 1}
