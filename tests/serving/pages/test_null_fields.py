"""Null and absent are the same to every page: each document, and each field of each, in both forms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from served import BROWSER, Site, site

from benchmarks.made_results import make_results
from rind.serving.store.memory import MemoryWeek

PAGES = (
    "/", "/watermelons", "/true-north", "/health-score", "/model", "/books", "/book?csm=Amara%20Okafor",
    "/accounts/A00003", "/numbers", "/forecast", "/board", "/advocates", "/voice", "/personas", "/effects",
)  # fmt: skip
NEEDED = {"run.as_of", "run.parameters"}
"""Without these there is no week to show."""


class NoPictures:
    """Draws nothing, at once."""

    async def svg(self, _: Any) -> str:
        return "<svg></svg>"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("null_fields")
    make_results(folder / "results", accounts=20, weeks=20)
    with site(folder / "results", folder / "access.sqlite", demo=True) as made:
        made.app.state.serving.pictures = NoPictures()
        yield made


class Read(dict[str, Any]):
    """Documents that keep the names of those that were read."""

    def __init__(self, documents: dict[str, Any]) -> None:
        super().__init__(documents)
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)


def without(documents: dict[str, Any], place: str, form: str) -> dict[str, Any]:
    """The documents with one of them, or one field of one, null or absent."""
    changed = json.loads(json.dumps(documents))
    *above, last = place.split(".")
    holder = changed[above[0]] if above else changed
    if form == "null":
        holder[last] = None
    else:
        del holder[last]
    return dict(changed)


def fields(documents: dict[str, Any]) -> Iterator[str]:
    for name, document in documents.items():
        if name != "run":
            yield name
        yield from (f"{name}.{field}" for field in document if isinstance(document, dict))


@pytest.mark.parametrize("form", ["null", pytest.param("absent", marks=pytest.mark.bench)])
@pytest.mark.parametrize("path", PAGES)
def test_a_field_that_is_null_or_absent_opens_every_page(here: Site, path: str, form: str) -> None:
    week = here.store.current()
    assert isinstance(week, MemoryWeek)
    client, whole, version = here.client(**BROWSER), dict(week._documents), week.version
    broken = []
    try:
        week._documents = read = Read(whole)
        week.version = f"read by {path}"
        assert client.get(path).status_code == 200
        assert "run" in read.names
        for place in fields({name: whole[name] for name in sorted(read.names & set(whole))}):  # no other can break it
            if place not in NEEDED:
                week._documents, week.version = without(whole, place, form), f"{place} {form}"
                if client.get(path).status_code != 200:
                    broken.append(place)
    finally:
        week._documents, week.version = whole, version
    assert broken == []


def test_the_fields_that_are_tried_are_those_of_many_documents(here: Site) -> None:
    places = set(fields(dict(here.store.current()._documents)))
    assert {"health_score", "health_score.evidence", "metrics.watermelons", "true_north.moments", "run.facts"} <= places
    assert without({"a": {"b": 1}}, "a.b", "null") == {"a": {"b": None}}
    assert without({"a": {"b": 1}}, "a.b", "absent") == {"a": {}}
