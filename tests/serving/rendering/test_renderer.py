"""Templates to pages."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from rind.serving.access.principals import DEMO, Principal, scopes_of
from rind.serving.rendering.renderer import MenuEntry, PageRenderer, query_of, static_url
from rind.serving.settings import Settings

MENU = (MenuEntry("/", "Home"), MenuEntry("/secret", "Secret", scope="audit"))


@pytest.fixture
def renderer() -> PageRenderer:
    return PageRenderer(Settings(), MENU)


@pytest.mark.parametrize(("principal", "addresses"), [
    (None, []), (DEMO, ["/"]), (Principal("ada", "admin", scopes_of("admin")), ["/", "/secret"]),
])  # fmt: skip
def test_the_navigation_shows_what_the_principal_may_open(
    renderer: PageRenderer, principal: Principal | None, addresses: list[str]
) -> None:
    content = renderer.render("login.html.j2", next="/", csrf="x", wrong=False, company="", local=True)
    page = renderer.frame(content, "Title", principal, "/", renderer.format(""))
    assert re.findall(r'<li><a href="([^"]+)"', page) == addresses
    assert page.count('aria-current="page"') == len(addresses[:1])


def test_a_piece_is_rendered_once_per_key_and_locale(renderer: PageRenderer) -> None:
    made: list[str] = []

    def make() -> dict[str, Any]:
        made.append("")
        return {"problem": type("Problem", (), {"status": 1, "title": "T", "detail": "<b>", "errors": None})}

    for key, locale in (("a", "de"), ("a", "de"), ("b", "de"), ("a", "fr")):
        assert "&lt;b&gt;" in renderer.piece("error.html.j2", key, renderer.format(locale), make)
    assert len(made) == 3


@pytest.mark.parametrize(
    ("configured", "of_the_week", "shown"), [("", "EUR", "€12"), ("USD", "EUR", "$12"), ("", "", "12")]
)
def test_money_has_the_sign_of_the_week_unless_one_is_configured(configured: str, of_the_week: str, shown: str) -> None:
    assert PageRenderer(Settings(currency=configured)).format("en", of_the_week).money(12) == shown


def test_a_query_leaves_out_what_is_empty_and_escapes_the_rest() -> None:
    assert query_of({"q": "a&b", "csm": "", "page": None, "watermelons": True}, band="red") == (
        "?q=a%26b&watermelons=true&band=red"
    )
    assert query_of({"page": 2}, page=None) == "?"


def test_the_address_of_a_static_file_carries_a_mark_of_its_content() -> None:
    assert re.fullmatch(r"/static/rind\.css\?v=[0-9a-f]{8}", static_url("rind.css"))
    assert static_url("rind.css")[-8:] != static_url("rind.js")[-8:]


def test_every_table_that_may_scroll_is_reached_by_the_keyboard_and_has_a_name() -> None:
    pages = (files("rind.serving.pages") / "templates").iterdir()
    sheets = [tag for page in pages for tag in re.findall(r'<div class="sheet[^>]*>', page.read_text("utf-8"))]
    assert len(sheets) > 20
    assert [tag for tag in sheets if 'tabindex="0" role="region" aria-label="' not in tag] == []
