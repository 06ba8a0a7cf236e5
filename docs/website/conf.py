"""Sphinx builds the site from the Markdown of the repository (`make docs`); docs/adr/0027 says why it is Sphinx.

`python -m sphinx` in the folder of the checkout finds `docs.website`: Python looks in the folder where it was started.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from docs.website.contents import toctree, with_navigation, with_pages_for_folders
from docs.website.reference import PRINTED, write_reference

ROOT = Path(__file__).parents[2]
project = "Rind"
html_title = "Rind"
author = "Rind"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**"]
exclude_patterns = [
    *sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "docs"),
    "docs/website",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a page may go from # to ###

html_theme = "furo"
html_theme_options: dict[str, object] = {"top_of_page_buttons": []}  # no repository to edit it in
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_additional_pages = {"index": "forward.html"}
templates_path = ["templates"]
highlight_language = "text"
smartquotes = False  # --help stays --help


WITHOUT_SERVER = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false'
"""A browser lets no page of a folder read another one, so the search would ask in vain for the text of each hit."""


def adapted(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn the Markdown that is read on GitHub into that of the site: navigation, and pages in place of folders."""
    page = Path(app.srcdir) / app.env.doc2path(docname, base=False)
    source[0] = with_pages_for_folders(source[0], page.parent)
    if docname == root_doc:
        source[0] = with_navigation(source[0], {"Reference": PRINTED})
    if page.name == "README.md" and page.parent != ROOT:
        source[0] += "\n" + toctree([path.stem for path in sorted(page.parent.glob("*.md")) if path != page])


def setup(app: Sphinx) -> None:
    """Print the reference, and adapt each page as it is read."""
    app.connect("builder-inited", lambda app: write_reference(Path(app.srcdir) / "docs"))
    app.connect("source-read", adapted)
    app.add_js_file(None, body=WITHOUT_SERVER)
