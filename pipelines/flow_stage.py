"""One step of the flow: what it reads, which parameters it sees, and what becomes of the week where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from rind.common.results import RESULTS, Result
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress
from rind.pipelines.workspace import Workspace


@dataclass(frozen=True)
class Stage:
    """One step of the flow.

    Parameters
    ----------
    name
        As in dvc.yaml and in run.json.
    reads
        Names of the results that it reads.
    tables
        Tables of the source that it reads, as `validate` stored them.
    parameters
        Sections of params.yaml that it sees; ``section.key`` makes DVC watch one key only.
    unwatched
        Further sections that change no result: what it only writes down, or where it keeps what it has made.
    module
        Below ``pipelines/stages``; "": as the name. Its ``run(space, params, progress)`` does the work.
    works_without
        Those of ``reads`` without which it works as well: that their stage has failed does not stop it.
    family
        The feature family that it builds.
    watches_source
        Whether it reads the source itself.
    adds
        Whether it only adds to the list: it may fail alone, and its results are then missing from the week. Where the
        list itself reads one of them, its module has a ``fall_back(space, params)`` that writes what the list needs.
    after_publishing
        Whether it runs only once the results stand in the folder of `rind run`.
    """

    name: str
    reads: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()
    module: str = ""
    works_without: tuple[str, ...] = ()
    family: str = ""
    watches_source: bool = False
    adds: bool = False
    after_publishing: bool = False

    @property
    def writes(self) -> dict[str, Result]:
        """The results that it makes, by name."""
        return {name: result for name, result in RESULTS.items() if result.made_by == self.name}

    @property
    def module_name(self) -> str:
        """The module whose ``run`` it calls."""
        return f"rind.pipelines.stages.{self.module or self.name}"

    @property
    def falls_back(self) -> bool:
        """Whether something stands in for its results when it fails."""
        return hasattr(import_module(self.module_name), "fall_back")

    def fall_back(self, space: Workspace, params: Params) -> None:
        """Write what the list needs of its results, after it has failed."""
        if self.falls_back:
            import_module(self.module_name).fall_back(*self._sight(space, params))

    def run(self, space: Workspace, params: Params, progress: Progress) -> None:
        """Do the work, within what it declares."""
        more = {"name": self.family} if self.family else {}
        import_module(self.module_name).run(*self._sight(space, params), progress, **more)

    def _sight(self, space: Workspace, params: Params) -> tuple[Workspace, Params]:
        places = {*self.reads, *self.writes} | ({"tables"} if self.tables else set())
        sections = {parameter.split(".")[0] for parameter in (*self.parameters, *self.unwatched)}
        return space.only(self.name, places, self.family or None), params.only(sections)
