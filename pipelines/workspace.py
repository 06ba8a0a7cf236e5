"""Where everything lies. Stages read and write through these names only (`common.results.RESULTS`).

The DVC pipeline works in ``data/``; `rind run` in a hidden folder beside its results. The layout is the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rind.common.errors import UsageError
from rind.common.facts.run import FileRecord
from rind.common.files import sha256, write_json
from rind.common.results import MANIFEST, RESULTS, public_paths
from rind.pipelines.weeks import HIDDEN


@dataclass(frozen=True)
class Workspace:
    """Paths of a run: ``space.metrics`` is the place of the result named metrics.

    Parameters
    ----------
    root
        Folder of all data.
    tracking
        Folder of the default MLflow store; it outlives the run.
    stage, allowed
        The stage at work, and the results that it may see; None: all of them.
    family
        The only family whose features it may see; None: all of them.
    """

    root: Path
    tracking: Path
    stage: str = ""
    allowed: frozenset[str] | None = None
    only_family: str | None = None

    def __getattr__(self, name: str) -> Path:
        if name not in RESULTS:
            raise AttributeError(f"the workspace has no place {name!r}")
        if self.allowed is not None and name not in self.allowed:
            raise AttributeError(f"the stage {self.stage} uses {name!r} and does not declare it in pipelines/flow.py")
        return self.root / RESULTS[name].path

    def only(self, stage: str, places: Iterable[str], family: str | None) -> Workspace:
        """The same workspace with nothing in sight but these places: what a stage does not declare it cannot use."""
        return replace(self, stage=stage, allowed=frozenset(places), only_family=family)

    @property
    def home(self) -> Path:
        """The folder in which the results will stand: that of a run at work is hidden inside it."""
        return self.root.parent.parent if self.root.parent.name == HIDDEN else self.root

    @property
    def plots(self) -> Path:
        """The folder of the plots' data and pictures."""
        return self.root / "plots"

    def family(self, name: str) -> Path:
        """The features of one family."""
        if self.only_family not in (None, name):
            raise AttributeError(f"the stage {self.stage} does not build the family {name}")
        return self.root / "families" / f"{name}.parquet"

    def manifest(self, paths: Iterable[str] | None = None) -> dict[str, FileRecord]:
        """Results but run.json (path from ``root`` -> bytes, sha256): what a reader checks before it trusts a week."""
        files = [self.root / path for path in (public_paths() if paths is None else paths) if path != MANIFEST]
        places = [place for path in files for place in (sorted(path.rglob("*")) if path.is_dir() else [path])]
        there = [place for place in places if place.is_file()]  # an empty curve has no picture
        return {str(f.relative_to(self.root)): {"bytes": f.stat().st_size, "sha256": sha256(f)} for f in there}

    def seconds(self, stage: str) -> Path:
        """How long a stage took, for run.json; not an output that DVC tracks."""
        return self.root / ".seconds" / f"{stage}.json"


def vouch_anew(folder: Path) -> None:
    """Write sizes and hashes of a week's files as they are now into its run.json."""
    path = folder / MANIFEST
    record = json.loads(path.read_text(encoding="utf-8"))
    listed = [name for name in record.get("manifest", {}) if (folder / name).exists()]
    write_json(path, record | {"manifest": Workspace(folder, folder).manifest(listed)})


def is_dvc_workspace(out: Path) -> bool:
    """Whether DVC keeps the results of a folder, as files: ``data`` beside dvc.yaml, and no other folder there."""
    place = out.resolve()
    return place.name == "data" and (place.parent / "dvc.yaml").exists()


def of_run(folder: str | Path | None = None) -> Workspace:
    """The results of a run, to be looked at.

    Parameters
    ----------
    folder
        What `rind run` wrote to; a relative path counts from the project's root. None or "": the DVC workspace.
    """
    project = Path(__file__).resolve().parent.parent
    root = project / (folder or "data")
    if not (root / MANIFEST).exists():
        raise UsageError(
            f"there are no results in {root}",
            "make some: `make demo`, or `rind run --source SOURCE --out DIR` and then set RIND_DIR=DIR",
        )
    near = (root / "mlruns", root.parent / "mlruns")  # of `rind run`, of DVC in any checkout
    return Workspace(root, next((place for place in near if place.is_dir()), project / "mlruns"))
