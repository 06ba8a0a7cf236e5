from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from rind.common import plugins
from rind.common.errors import UsageError


def test_a_path_names_a_module_or_an_object_of_one() -> None:
    import json

    assert plugins.load("json", "rind.families") is json
    assert plugins.load("json:dumps", "rind.families") is json.dumps


def test_an_entry_point_wins_over_a_module_of_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("json", "math:pi", "rind.families")
    monkeypatch.setattr(plugins, "entry_points", lambda **wanted: [entry] if wanted["group"] == entry.group else [])
    assert plugins.load("json", "rind.families") == pytest.approx(3.14159, abs=1e-4)
    assert plugins.load("json:dumps", "rind.estimators") is not None


@pytest.mark.parametrize("name", ["no_such_module", "json:no_such_object", "", ":object"])
def test_a_name_that_leads_to_nothing_is_a_usage_error_that_says_what_is_offered(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    offered = [EntryPoint("billing", "my.module", "rind.families")]
    monkeypatch.setattr(plugins, "entry_points", lambda **wanted: [] if "name" in wanted else offered)
    with pytest.raises(UsageError, match=f"cannot load '{name}'") as caught:
        plugins.load(name, "rind.families")
    assert "rind.families (there: billing)" in caught.value.hint
