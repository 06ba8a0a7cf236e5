"""The settings of a server, as the command line makes them."""

from __future__ import annotations

import pytest

from rind.common.errors import UsageError
from rind.pipelines.cli.serve import page_settings as settings_of
from rind.pipelines.params import load
from rind.serving.settings import LOOPBACK


def test_a_demo_is_known_by_the_names_of_this_machine_only() -> None:
    params = load(None, ["serving.hosts=[rind.example.com]", "serving.https=true"])
    assert settings_of(params, demo=True).hosts == LOOPBACK
    assert settings_of(params, demo=False).hosts == (*LOOPBACK, "rind.example.com")


def test_other_names_want_https() -> None:
    with pytest.raises(UsageError, match=r"serving\.https"):
        settings_of(load(None, ["serving.hosts=[rind.example.com]"]), demo=False)
