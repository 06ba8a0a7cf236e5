"""The steps of a Dockerfile, as far as ours uses its words."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy/Dockerfile"


@dataclass(frozen=True)
class Step:
    """One instruction: its word, its options (``--chmod=755``), the rest of it."""

    word: str
    options: dict[str, str]
    text: str

    @property
    def words(self) -> list[str]:
        """The rest in words; of the JSON form its elements."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


@dataclass(frozen=True)
class Stage:
    """What stands below a FROM."""

    base: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def all(self, word: str) -> list[Step]:
        return [step for step in self.steps if step.word == word]

    def last(self, word: str) -> Step:
        return self.all(word)[-1]


def stages(path: Path = DOCKERFILE) -> list[Stage]:
    """The stages of a Dockerfile, in order."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    stages: list[Stage] = []
    for instruction in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = instruction.partition(" ")
        options = dict(re.findall(r"^--([a-z-]+)=(\S+)", rest)) if word in ("COPY", "FROM") else {}
        text = re.sub(r"^(--\S+\s+)+", "", rest.strip()) if options else rest.strip()
        if word == "FROM":
            base, _, name = text.partition(" AS ")
            stages.append(Stage(base, name))
        else:
            stages[-1].steps.append(Step(word, options, text))
    return stages


def environment(stage: Stage) -> dict[str, str]:
    """The values of ENV, as they are written."""
    return dict(word.split("=", 1) for step in stage.all("ENV") for word in step.words)


def copied(ignored: Path = ROOT / ".dockerignore") -> list[str]:
    """What .dockerignore, which begins with ``*``, lets through to the builder."""
    lines = [line for line in ignored.read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    return [line.removeprefix("!") for line in lines if line.startswith("!")]
