"""Addresses that come from a form."""

from __future__ import annotations

import pytest

from rind.serving.pages.addresses import own_path


@pytest.mark.parametrize("target", ["/", "/accounts/a%2Fb#answers", "/?csm=all&q=x//y"])
def test_a_path_of_this_server_stays(target: str) -> None:
    assert own_path(target) == target


@pytest.mark.parametrize("target", ["", "https://x.example", "//x.example", "/\\x.example", "x", "/a\nb"])
def test_all_else_leads_to_the_list(target: str) -> None:
    assert own_path(target) == "/"
