"""The pages of the registry."""

from __future__ import annotations

import re

from served import BROWSER, Site, read

from rind.serving.pages.registry import NAVIGATION, PAGES


def test_the_navigation_holds_the_pages_in_order_and_each_marks_itself(here: Site) -> None:
    open_to_all = [entry for entry in NAVIGATION if not entry.scope]
    for entry in open_to_all:
        links = re.findall(r'<li><a href="([^"]+)"( aria-current="page")?>([^<]+)</a>', read(here, entry.address))
        assert [(address, title) for address, _, title in links] == [(one.address, one.title) for one in open_to_all]
        assert [address for address, current, _ in links if current] == [entry.address]


def test_every_entry_of_the_navigation_is_a_route_of_its_page_and_every_page_is_mounted(here: Site) -> None:
    for page in PAGES:
        paths = {route.path for route in page.router.routes}
        assert page.MENU is None or page.MENU.address in paths
        assert paths
        for path in paths:
            answer = here.client(**BROWSER).request("DELETE", path.replace("{chart}", "risk"))
            assert answer.status_code == 405, path
