from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from rind.common.errors import UsageError
from rind.features.plugins import load_families


def family(monkeypatch: pytest.MonkeyPatch, name: str, **parts: Any) -> str:
    """A module with these parts, importable for one test."""
    module = ModuleType(name)
    features = [SimpleNamespace(family="billing", name="billing__paid__28d")]
    whole = {"NEEDS": ("invoices",), "USES": (), "FEATURES": features, "build": lambda *_: None}
    for key, value in (whole | parts).items():
        if value is not None:
            setattr(module, key, value)
    monkeypatch.setitem(sys.modules, name, module)
    return name


def test_a_family_is_known_by_the_prefix_of_its_features(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(load_families([family(monkeypatch, "mine")])) == ["billing"]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"build": None}, "it has no build"),
        ({"FEATURES": []}, "begin with nothing"),
        ({"FEATURES": [SimpleNamespace(family="a"), SimpleNamespace(family="b")]}, "begin with a, b"),
        ({"NEEDS": ("bills",)}, "does not have: bills"),
        ({"FEATURES": [SimpleNamespace(family="usage")]}, "already a family usage"),
    ],
    ids=["no build", "no features", "two prefixes", "unknown table", "taken name"],
)
def test_what_is_no_family_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, parts: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        load_families([family(monkeypatch, "mine", **parts)])


def test_two_plugins_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="already a family billing"):
        load_families([family(monkeypatch, "mine"), family(monkeypatch, "yours")])
