"""The site of the documentation: its navigation, and the pages that are printed from the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from pydantic import BaseModel, Field

import rind
from docs.website import reference
from docs.website.contents import sections, with_navigation, with_pages_for_folders
from rind.pipelines.cli.app import app
from tests.docs.markdown import ROOT

DOCS = ROOT / "docs"


def test_a_section_of_the_contents_holds_the_pages_that_it_links_once_and_in_order() -> None:
    links = "- [b](b.md), [a](c/a.md#top)\n- [b](b.md) [web](https://e.example/d.md)"
    text = f"# T\n\n[x](x.md)\n\n## A\n\n{links}\n\n## B\n\ntext\n"
    assert sections(text) == {"A": ["b", "c/a"], "B": []}
    with_trees = with_navigation(text, {"B": ["printed"]})
    assert with_trees.startswith(text)
    assert re.findall(r":caption: (\w)\n\n([\w/\n]*):::", with_trees) == [("A", "b\nc/a\n"), ("B", "printed\n")]


def test_the_navigation_holds_every_page() -> None:
    linked = {page for pages in sections((DOCS / "index.md").read_text()).values() for page in pages}
    folders = {(DOCS / page).parent for page in linked if page.endswith("/README")}
    beside = {path for folder in folders for path in folder.glob("*.md")}
    reached = {(DOCS / f"{page}.md").resolve() for page in linked} | beside
    printed = DOCS / "reference"
    pages = {path for path in DOCS.rglob("*.md") if printed not in path.parents} | set(ROOT.glob("*.md"))
    assert {str(page.relative_to(ROOT)) for page in pages - reached} == {"docs/index.md"}


def test_a_link_to_a_folder_leads_to_its_readme_and_without_one_only_its_text_stays(tmp_path: Path) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "with/README.md").touch()
    (tmp_path / "without").mkdir()
    text = "[a](with/), [b](without), [c](page.md#d), ![e](without/f.png)"
    assert with_pages_for_folders(text, tmp_path) == "[a](with/README.md), [b], [c](page.md#d), ![e](without/f.png)"


def test_each_parameter_stands_on_its_page_with_its_default_what_is_allowed_and_what_it_does() -> None:
    group = "# Group.\na:\n  # What it does,\n  # and when.\n  b: 1\n  c: [x, y]   # beside\n  d: {}\n"
    text = group + "list:\n  - {k: 1}\n  - {k: 2}\n"
    assert [(p.key, p.value, p.comment) for p in reference.parameters(text)] == [
        ("a.b", "1", "What it does, and when."), ("a.c", "[x, y]", "beside"), ("a.d", "{}", "Group."),
        ("list", "[{k: 1}, {k: 2}]", ""),
    ]  # fmt: skip
    defaults = reference.DEFAULTS.read_text(encoding="utf-8")
    page, listed = reference.parameters_page(), list(reference.parameters(defaults))
    assert {p.key.partition(".")[0] for p in listed} == set(yaml.safe_load(defaults))
    assert [p.key for p in listed if not p.comment or f"`{p.key}`: `" not in page] == []


def test_what_is_allowed_comes_from_the_settings() -> None:
    class Inner(BaseModel):
        share: float = Field(ge=0, lt=1)
        name: str | None = None

    class Outer(BaseModel):
        inner: Inner
        other: dict[str, int]

    schema = Outer.model_json_schema()
    assert reference.allowed_values(schema, ["inner", "share"]) == "number, at least 0, below 1"
    assert reference.allowed_values(schema, ["inner", "name"]) == "text or null"
    assert reference.allowed_values(schema, ["other", "anything"]) == "whole number"
    assert reference.allowed_values(schema, ["nowhere"]) == ""


def test_each_command_option_and_example_stands_on_its_page() -> None:
    page = reference.commands_page()
    for name, command in typer.main.get_group(app).commands.items():
        assert f"## `rind {name}`" in page
        assert f"* [`{name}`](#rind-{name}): {command.get_short_help_str(500)}\n" in page, "a whole sentence"
        assert {o for p in command.params for o in p.opts if o.startswith("--") and f"`{o}" not in page} == set()
    assert "\n    rind run --source tables/ --out results/\n" in page, "an example is a block of code"


def test_each_address_of_the_api_and_each_name_of_the_python_door_stands_on_its_page() -> None:
    page, paths = reference.api_page(), reference.api_document()["paths"]
    assert "/v1/risk-list" in paths
    assert "Answers [`RiskList`](#risklist)." in page
    assert "### RiskList\n" in page
    assert [path for path, methods in paths.items() for m in methods if f"## `{m.upper()} {path}`" not in page] == []
    assert [name for name in rind.__all__ if f":: rind.{name}\n" not in reference.python_page()] == []


@pytest.mark.bench  # half a minute, and needs `make docs` for its environment, which fails in the same way
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="`make docs` installs it")
    arguments = ["-q", "-W", "-E", "-c", "docs/website", "-d", str(tmp_path / "trees"), ".", str(tmp_path / "site")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "sphinx", *arguments], cwd=ROOT, env=environment, check=True)
    files = [path for path in (tmp_path / "site").rglob("*") if path.suffix in (".html", ".css")]
    elsewhere = re.compile(
        r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?:https?:)?//|url\([\"']?(?:https?:)?//|@import"
    )
    assert len(files) > 40
    assert {str(path) for path in files if elsewhere.search(path.read_text(encoding="utf-8"))} == set()
