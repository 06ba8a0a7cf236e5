"""The pages. To add one: write a module like the others, add it to the list below.

A page is a module with

- ``router``: its routes, each of which answers with `serving.pages.shared.page`;
- ``MENU``: its entry in the navigation; None for a page that is reached by links only.

Its template is ``templates/NAME.html.j2``. The navigation shows the entries in the order of this list.
"""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter

from rind.serving.pages import (
    account,
    advocates,
    audit,
    board,
    books,
    company_login,
    effects,
    feedback,
    forecast,
    health_score,
    login,
    model,
    numbers,
    personas,
    second_factor,
    sessions,
    this_week,
    true_north,
    voice,
    watermelons,
)
from rind.serving.rendering.renderer import MenuEntry


class Page(Protocol):
    """What each module below is to the application (properties: a module's constants are read only)."""

    @property
    def router(self) -> APIRouter: ...

    @property
    def MENU(self) -> MenuEntry | None: ...


PAGES: tuple[Page, ...] = (
    login,
    company_login,
    sessions,
    second_factor,
    this_week,
    feedback,
    account,
    books,
    forecast,
    numbers,
    board,
    effects,
    watermelons,
    advocates,
    voice,
    personas,
    true_north,
    health_score,
    model,
    audit,
)

NAVIGATION: tuple[MenuEntry, ...] = tuple(page.MENU for page in PAGES if page.MENU is not None)
