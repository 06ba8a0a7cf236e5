"""One version, wherever it is written down."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_changelog_begins_with_what_is_unreleased_and_then_has_the_version_of_the_package() -> None:
    sections = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert sections[0] == ("Unreleased", "")
    assert sections[1][0] == VERSION
    assert [number for number, day in sections[1:] if not re.fullmatch(r"\d{4}-\d\d-\d\d", day)] == []


def test_the_package_and_the_image_that_is_built_have_the_same_version() -> None:
    assert version("rind") == VERSION
    assert f"rind:${{RIND_VERSION:-{VERSION}}}" in (ROOT / "deploy/compose.yaml").read_text()
    assert f"rind:{VERSION} ." in (ROOT / "deploy/Dockerfile").read_text()
