"""The examples of the documentation: every fenced block, and every command in a line of text."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    str(path.relative_to(ROOT))
    for path in (
        ROOT / "README.md", ROOT / "CONTRIBUTING.md",
        *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name not in ("adr", "reference")),
    )
)  # fmt: skip
BLOCK = re.compile(r"(?:^<!-- not run: (?P<reason>.+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
INLINE = re.compile(r"`(rind [^`]+)`")


@dataclass(frozen=True)
class Example:
    """A fenced block.

    Parameters
    ----------
    language
        What stands behind the fence; "" where nothing does.
    reason
        Why it is not run, from a comment ``<!-- not run: ... -->`` in the line before it; "" where it is run.
    """

    page: str
    line: int
    language: str
    text: str
    reason: str = ""

    @property
    def place(self) -> str:
        """``README.md:12``."""
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> list[list[str]]:
        """The words of each command of a shell block, without comments."""
        return [words for line in self.text.splitlines() for words in split(line)]


def split(line: str) -> list[list[str]]:
    """``a b && c`` -> the words of each command."""
    commands: list[list[str]] = [[]]
    for word in shlex.split(line, comments=True):
        if word == "&&":
            commands.append([])
        else:
            commands[-1].append(word)
    return [words for words in commands if words]


def examples(page: str) -> list[Example]:
    """All blocks of a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Example(page, text.count("\n", 0, m.start("text")) + 1, m["language"], m["text"], m["reason"] or "")
        for m in BLOCK.finditer(text)
    ]


def inline_commands(page: str) -> list[list[str]]:
    """The words of each `rind ...` that stands in a line of text, outside the blocks."""
    text = BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8"))
    return [words for m in INLINE.finditer(text) for words in split(" ".join(m[1].split())) if words[0] == "rind"]
