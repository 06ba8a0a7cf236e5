"""One version, wherever it is written down; and the command that sets the next one."""

from __future__ import annotations

import re
import shutil
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from benchmarks import release as command
from benchmarks.release import CHANGELOG, PLACES, ReleaseError, current, dated, installed, release

ROOT = Path(__file__).parents[1]
VERSION = current()
DAY = date(2026, 12, 7)


def sections(changelog: str) -> list[tuple[str, str]]:
    """Version and day of each section of the changelog, in order."""
    return re.findall(r"^## \[(.+?)\](?: - (\S+))?$", changelog, re.MULTILINE)


def test_the_changelog_begins_with_what_is_unreleased_and_then_has_the_version_of_the_package() -> None:
    parts = sections((ROOT / CHANGELOG).read_text())
    assert parts[0] == ("Unreleased", "")
    assert parts[1][0] == VERSION
    assert [number for number, day in parts[1:] if not re.fullmatch(r"\d{4}-\d\d-\d\d", day)] == []


def test_the_package_and_the_image_that_is_built_have_the_same_version() -> None:
    assert version("rind") == VERSION
    assert {
        name: (ROOT / name).read_text().count(form.format(VERSION)) for name, form in PLACES.items()
    } == dict.fromkeys(PLACES, 1)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files that name the version, with a line to release."""
    for name in (*PLACES, CHANGELOG):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    text = (tmp_path / CHANGELOG).read_text()
    (tmp_path / CHANGELOG).write_text(text.replace("\n## [0", "\n- A line.\n\n## [0", 1))
    return tmp_path


def test_a_release_sets_the_number_everywhere_and_dates_what_was_unreleased(checkout: Path) -> None:
    before = (checkout / CHANGELOG).read_text()
    release("99.0.1", DAY, checkout)
    assert current(checkout) == "99.0.1"
    assert all(form.format("99.0.1") in (checkout / name).read_text() for name, form in PLACES.items())
    after = (checkout / CHANGELOG).read_text()
    assert sections(after) == [("Unreleased", ""), ("99.0.1", "2026-12-07"), *sections(before)[1:]]
    assert [line for line in before.splitlines() if line.startswith("- ")] == [
        line for line in after.splitlines() if line.startswith("- ")
    ]
    with pytest.raises(ReleaseError, match="nothing to release"):
        release("99.0.2", DAY, checkout)


@pytest.mark.parametrize("number", ["", "1.0", VERSION, "0.0.9", "v9.0.0", "9.0.0rc1", "09.0.0"])
def test_a_number_that_is_none_or_not_the_next_one_changes_nothing(checkout: Path, number: str) -> None:
    before = {name: (checkout / name).read_bytes() for name in (*PLACES, CHANGELOG)}
    with pytest.raises(ReleaseError):
        release(number, DAY, checkout)
    assert {name: (checkout / name).read_bytes() for name in before} == before


def test_a_file_that_does_not_name_the_old_version_once_stops_the_release_before_anything_is_written(
    checkout: Path,
) -> None:
    (checkout / "deploy/compose.yaml").write_text("image: rind\n")
    with pytest.raises(ReleaseError, match=r"compose.yaml: .* stands 0 times"):
        release("99.0.1", DAY, checkout)
    assert current(checkout) == VERSION


def test_a_changelog_without_an_unreleased_part_is_not_dated() -> None:
    with pytest.raises(ReleaseError):
        dated("# Changelog\n\n## [0.1.0] - 2026-11-29\n\n- A line.\n", "0.2.0", DAY)


def test_a_fixture_is_not_made_under_the_number_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "version", lambda _: "0.0.1")
    with pytest.raises(ReleaseError, match=r"holds Rind 0\.0\.1, not "):
        installed()
