"""Stages whose results are remembered by the content of all that they read, for many runs on nearly one source.

The flow declares what a stage reads, and a stage can see nothing else (`pipelines.workspace`). So a stage that meets
the same files again may be given the results of the first time: a fuzz of one column runs only what it changes. Stages
that read the source or the registry always run. Read by `benchmarks.fuzz`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rind.common.errors import RindError
from rind.common.files import sha256
from rind.pipelines.flow_stage import Stage
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


@dataclass
class Remembered:
    """A stage that runs once for each content of what it reads; what it raised on no purpose is kept.

    Parameters
    ----------
    memory
        A folder for the results; the parameters must be the same for all runs that share it.
    unforeseen
        Stage and trace of each error that is no `RindError`, also of one that took only a part of the week with it.
    """

    stage: Stage
    memory: Path
    unforeseen: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stage, name)

    def run(self, space: Workspace, params: Params, progress: Progress) -> None:
        """Do the work, or restore what the same work made before."""
        held = self._key(space) if self._pure else None
        if held is not None and held.is_dir():
            _share(held, space.root)
            return
        try:
            self.stage.run(space, params, progress)
        except RindError:
            raise
        except Exception:
            self.unforeseen.append(f"{self.stage.name}: {traceback.format_exc()}")
            raise
        if held is not None:
            self._remember(space, held)

    @property
    def _pure(self) -> bool:
        registry = "tracking" in self.stage.unwatched
        return not (self.stage.watches_source or registry or self.stage.name == "manifest")  # it keeps the seconds

    def _key(self, space: Workspace) -> Path:
        """A folder of the memory that is named after the content of all that the stage reads."""
        digest = hashlib.sha256(self.stage.name.encode())
        for path in self._reads(space):
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file():
                    digest.update(f"{file.relative_to(space.root)} {sha256(file)}\n".encode())
        return self.memory / digest.hexdigest()

    def _reads(self, space: Workspace) -> Iterator[Path]:
        yield from (getattr(space, name) for name in self.stage.reads)
        for name in self.stage.tables:
            yield space.root / "tables" / f"{name}.{'json' if name == 'tables' else 'parquet'}"
        if self.stage.name == "matrix":
            yield space.root / "families"

    def _remember(self, space: Workspace, held: Path) -> None:
        made = [getattr(space, name) for name in self.stage.writes]
        made += [space.family(self.stage.family)] if self.stage.family else []
        partial = held.with_suffix(".partial")
        for path in made:
            for file in path.rglob("*") if path.is_dir() else [path]:
                if file.is_file():
                    _link(file, partial / file.relative_to(space.root))
        partial.mkdir(parents=True, exist_ok=True)
        os.replace(partial, held)


def _share(held: Path, root: Path) -> None:
    """The remembered files under their names; stages replace files and never write into them."""
    for file in held.rglob("*"):
        if file.is_file():
            _link(file, root / file.relative_to(held))


def _link(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        os.link(file, place)
    except OSError:
        shutil.copy2(file, place)
