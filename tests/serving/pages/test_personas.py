"""The page of the personas."""

from __future__ import annotations

from served import Site, read


def test_what_is_confirmed_comes_first_and_none_is_an_answer(here: Site) -> None:
    page = read(here, "/personas")
    assert page.index("Industry is media") < page.index("Seats below 5")
    assert page.count("confirmed</span>") == 1
    assert "No rule is confirmed: none separates these accounts beyond chance." in page
