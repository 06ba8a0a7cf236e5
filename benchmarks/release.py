"""Give the next release its number, wherever it stands: `python -m benchmarks.release 0.2.0`.

It changes four files (`PLACES`, the changelog) and prints what a person does next; it commits, tags and uploads
nothing. CONTRIBUTING.md, "Release a version", has the steps around it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = {
    "pyproject.toml": 'version = "{}"',
    "deploy/compose.yaml": "rind:${{RIND_VERSION:-{}}}",
    "deploy/Dockerfile": "-t rind:{} .",
}
"""File -> how the version stands in it, once."""
CHANGELOG = "CHANGELOG.md"
UNRELEASED = "## [Unreleased]\n"
NEXT = """{version} is set. Now:
  make check                              # installs it under its new number
  python -m benchmarks.released_fixture   # tests/fixtures/released/{version}/backup.tar.zst
  make test && make bench
  git add -A && git commit -m "Release {version}"
  git tag -a v{version} -m "Rind {version}"
"""


class ReleaseError(Exception):
    """The number, or one of the files, is not what a release needs."""


def current(root: Path = ROOT) -> str:
    """The version of the package, as pyproject.toml has it."""
    number: str = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    return number


def installed(root: Path = ROOT) -> str:
    """The version that the environment holds.

    Raises
    ------
    ReleaseError
        It is not that of pyproject.toml: what it makes would bear the number of another version.
    """
    if version("rind") != current(root):
        raise ReleaseError(f"the environment holds Rind {version('rind')}, not {current(root)}: make check installs it")
    return version("rind")


def renumbered(text: str, form: str, old: str, new: str) -> str:
    """The text of a file with the new version in place of the old one.

    Raises
    ------
    ReleaseError
        The old version does not stand in it exactly once.
    """
    if text.count(form.format(old)) != 1:
        raise ReleaseError(f"{form.format(old)!r} stands {text.count(form.format(old))} times in it, not once")
    return text.replace(form.format(old), form.format(new))


def dated(changelog: str, number: str, day: date) -> str:
    """The changelog whose unreleased part bears the version and the day, below a new and empty unreleased part.

    Raises
    ------
    ReleaseError
        There is no unreleased part, or no line in it.
    """
    before, heading, after = changelog.partition(UNRELEASED)
    lines = after.partition("\n## [")[0]
    if not heading or not re.search(r"^- ", lines, re.MULTILINE):
        raise ReleaseError("no line stands below [Unreleased]: there is nothing to release")
    head = f"{UNRELEASED}\nWhat is added or changed since {number}: add a line to the group that it belongs to.\n\n"
    kept = re.sub(r"\nWhat is added or changed since [^\n]*\n", "", after, count=1)
    return f"{before}{head}## [{number}] - {day}\n{kept}"


def release(number: str, day: date, root: Path = ROOT) -> None:
    """Write the version into every file that has it: all of them, or none.

    Raises
    ------
    ReleaseError
        The number is not three numbers, or not above the one that is there; or a file is not as expected.
    """
    old = current(root)
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", number):
        raise ReleaseError(f"{number!r} is no version: write 0.2.0")
    if [int(part) for part in number.split(".")] <= [int(part) for part in old.split(".")]:
        raise ReleaseError(f"{number} does not come after {old}")
    texts = {root / CHANGELOG: dated((root / CHANGELOG).read_text(), number, day)}
    for name, form in PLACES.items():
        try:
            texts[root / name] = renumbered((root / name).read_text(), form, old, number)
        except ReleaseError as error:
            raise ReleaseError(f"{name}: {error}") from None
    for path, text in texts.items():
        path.write_text(text)


def main(words: list[str]) -> int:
    """Set the version; return the exit code."""
    if len(words) != 1:
        print(f"usage: python -m benchmarks.release VERSION; {current()} is the one that is there")
        return 2
    try:
        release(words[0], datetime.now(UTC).date())
    except ReleaseError as error:
        print(error)
        return 1
    print(NEXT.format(version=words[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
