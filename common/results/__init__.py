"""Every file that a run writes, declared once: where it lies, which stage makes it, what it holds, who may read it.

The workspace, the flow (`pipelines.flow`, and through it dvc.yaml), the manifest, the swap of `rind run`, serving and
docs/results.md derive from `RESULTS`. A new result is one entry in the module of its part, and its name among the reads
of who reads it.
"""

from __future__ import annotations

from pathlib import Path

from rind.common.results.adoption import ADOPTION
from rind.common.results.book import BOOK
from rind.common.results.data import DATA
from rind.common.results.models import MODELS
from rind.common.results.outcomes import OF_OUTCOME, OUTCOMES
from rind.common.results.result import MANIFEST, Result, Served
from rind.common.results.voice import VOICE
from rind.common.results.week import WEEK

__all__ = ["MANIFEST", "RESULTS", "TOP_LEVEL", "Result", "public_paths", "result_at", "result_of", "served_paths"]

RESULTS: dict[str, Result] = {**DATA, **MODELS, **ADOPTION, **OUTCOMES, **BOOK, **VOICE, **WEEK}
"""Name in the workspace -> result."""


def public_paths() -> tuple[str, ...]:
    """What `rind run` leaves in its folder, by path, run.json last."""
    paths = [result.path for result in RESULTS.values() if result.public and result.path != MANIFEST]
    return (*paths, MANIFEST)


def served_paths(*kinds: Served) -> dict[str, str]:
    """Name -> path of what serving reads in one of these ways."""
    return {name: result.path for name, result in RESULTS.items() if result.served in kinds}


def result_at(path: str) -> Result | None:
    """The result that lies at a path below the folder of a run; None where none is declared."""
    return next((result for result in RESULTS.values() if result.path == path), None)


FOLDERS = frozenset(result.path.rpartition("/")[2] for result in RESULTS.values() if "." not in result.path)
"""Results that are folders; what lies in them is no result of its own, whatever it is called."""


def result_of(file: Path) -> Result | None:
    """The result that a stage writes to this file of its workspace; None where none is declared."""
    if file.parent.parent.name == RESULTS["outcomes"].path:
        return OF_OUTCOME.get(file.name)
    if file.parent.name in FOLDERS:
        return None
    return result_at(f"{file.parent.name}/{file.name}") or result_at(file.name)


TOP_LEVEL = tuple(dict.fromkeys(path.split("/")[0] for path in public_paths()))
"""The files and folders that `rind run` leaves in its folder, run.json last."""
