"""The page of True North."""

from __future__ import annotations

import re

from served import Site, read


def test_the_search_and_the_reasons_of_young_accounts_stand_on_true_north(here: Site) -> None:
    html = read(here, "/true-north")
    assert re.search(r"(?i)mid market</th>.*?300.*?150.*?83\s*%.*?12\s*%", html, re.DOTALL)
    assert "6 people used the product (+0.2)" in html
