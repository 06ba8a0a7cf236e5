"""Every page of the documentation is linked, and every link leads to a file and a heading that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.markdown import BLOCK, ROOT

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
PRINTED = ROOT / "docs/reference"  # by the site, not in git
PAGES = sorted([*ROOT.glob("*.md"), *(page for page in (ROOT / "docs").rglob("*.md") if PRINTED not in page.parents)])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them; a comment in a block of code is no heading."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[tuple[Path, str]]:
    """The target of each link to something of ours, and its anchor ("": none)."""
    links = LINK.findall(page.read_text(encoding="utf-8"))
    return [((page.parent / target).resolve() if target else page, anchor) for target, anchor in links]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), f"{page.name} links {target}"
        assert not anchor or anchor in anchors(target), f"{page.name} links {target.name}#{anchor}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            targets = [target for target, _ in links(page)]
            waiting += [p for target in targets for p in (target.glob("*.md") if target.is_dir() else [target])
                        if p.suffix == ".md" and p.exists()]  # fmt: skip
    assert not {str(page.relative_to(ROOT)) for page in set(PAGES) - reached}
