"""The navigation of the site, taken from the links of `docs/index.md`, so that no page has to be listed twice."""

from __future__ import annotations

import re
from pathlib import Path

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)\s]+)?\)")
NAMES = {"../README": "README <../README>"}
"""Pages whose own title, that of the whole site, would name nothing in the navigation."""
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def sections(text: str) -> dict[str, list[str]]:
    """Heading of the second level -> the pages (without suffix) that the text below it links, each once, in order."""
    parts = HEADING.split(text)
    return {
        title: list(dict.fromkeys(target[:-3] for target in LINK.findall(body) if target.endswith(".md")))
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def with_navigation(text: str, printed: dict[str, list[str]]) -> str:
    """The contents page with one hidden toctree a section.

    Parameters
    ----------
    printed
        Section -> pages that are printed from the code while the site is built, so that no link can name them before.
    """
    trees = [
        toctree([NAMES.get(page, page) for page in [*pages, *printed.get(title, [])]], title)
        for title, pages in sections(text).items()
    ]
    return "\n".join([text, *trees])


def toctree(pages: list[str], caption: str = "") -> str:
    """A hidden toctree of the pages."""
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join([":::{toctree}", *options, "", *pages, ":::", ""])


def with_pages_for_folders(text: str, folder: Path) -> str:
    """Let a link to a folder lead to the page README.md in it; where there is none, only its text stays.

    Parameters
    ----------
    folder
        The folder of the page, from which its links are read.
    """

    def replaced(link: re.Match[str]) -> str:
        if not (folder / link[1]).is_dir():
            return link[0]
        return f"]({link[1].rstrip('/')}/README.md)" if (folder / link[1] / "README.md").exists() else "]"

    return LINK.sub(replaced, text)
