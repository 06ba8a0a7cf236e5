"""The whole weekly job outside DVC: the stages of the flow, in order, and one step that puts the week in place."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from contextlib import suppress
from inspect import getmodule
from pathlib import Path
from typing import Any, TypedDict

from rich.console import Console

from rind.common.errors import UsageError
from rind.common.files import write_json
from rind.features.engine import computing_on
from rind.pipelines.data import read_json
from rind.pipelines.dependencies import ROOT, files_of
from rind.pipelines.feature_store import FeatureStore
from rind.pipelines.feature_store_settings import FeatureStoreSettings
from rind.pipelines.flow import WEEKLY, needed_by
from rind.pipelines.flow_stage import Stage
from rind.pipelines.last_run import recorded
from rind.pipelines.params import Params
from rind.pipelines.parts import forget_missing, note_missing, parts_missing
from rind.pipelines.private_files import created_for, settle
from rind.pipelines.remaining import Remaining, seconds_before
from rind.pipelines.runner import Progress, in_a_line, reporting, seconds, timed
from rind.pipelines.weeks import alone, commit, store_folder, work_folder
from rind.pipelines.workspace import Workspace


def run_weekly(
    out: Path, params: Params, console: Console, resume: bool = False, incremental: bool = False
) -> dict[str, str]:
    """Run every stage on params.source and put the results into ``out``.

    Nothing in ``out`` changes until all stages have ended well; then one step puts the whole week in place
    (`pipelines.weeks`). Results of an earlier run are replaced, other files stay. Only then the model's alias moves in
    the registry. A stage that only adds to the list may fail alone.

    Parameters
    ----------
    out
        The folder of results.
    resume
        Go on from what a failed or interrupted run has left, after the last stage that ended well.
    incremental
        Take finished features of past dates from the store of the run before, and keep those of this one
        (`pipelines.feature_store`); the results are the same.

    Returns
    -------
    dict
        Stage -> why its part is missing from the week; empty where all went well.

    Raises
    ------
    UsageError
        ``out`` is a file, or cannot be written to; or parameters do not fit together; or another run is at work in
        ``out``: at once, not an hour later. Or there is nothing that fits to go on from.
    """
    _load_plugins(params)
    params = _with_store(out, params) if incremental else params
    readers = params.files.readable_by
    with (
        created_for(readers),
        computing_on(params.engine.name, params.engine.memory_gb),
        alone(out),
        recorded(out) as ending,
    ):
        settle(out, readers)
        work = _Work(out, params, resume)
        _run_stages(work, params, console)
        missing = parts_missing(work.space)
        ending.parts_missing = len(missing)
        work.end()
        settle(out, readers)
        _drop_unused_features(params.feature_store)
    return missing


def _run_stages(work: _Work, params: Params, console: Console) -> None:
    """Run each stage that has not ended before, with the time that is left; publish before those that come after."""
    to_do = [stage.name for stage in WEEKLY if stage.name not in work.ended]
    clock = Remaining(to_do, seconds_before(work.out / work.space.run.name))
    for number, stage in enumerate(WEEKLY, start=1):
        title = f"[{number}/{len(WEEKLY)}] {stage.name}"
        if stage.name in work.ended:
            console.print(f"{title}: made before", highlight=False)
            continue
        if stage.after_publishing and not work.published:
            work.publish()
        with clock.stage(stage.name), timed(work.space, stage.name), reporting(console, title, clock.text) as progress:
            try:
                work.run(stage, params, progress, console)
            except BaseException:
                work.keep_or_leave()
                raise


def _with_store(out: Path, params: Params) -> Params:
    """The parameters with a feature store: the one that they name, else one beside the results."""
    settings = params.feature_store
    folder = settings.folder or str(store_folder(out))
    if params.engine.name != "duckdb":
        raise UsageError(
            f"--incremental keeps features that DuckDB makes, not those of {params.engine.name}",
            "leave it out: all dates are made anew",
        )
    return params.model_copy(update={"feature_store": settings.model_copy(update={"folder": folder})})


def _drop_unused_features(settings: FeatureStoreSettings) -> None:
    """Delete features that no run has used for long; a store that cannot be written to keeps what it has."""
    if settings.folder:
        with suppress(UsageError):
            FeatureStore(Path(settings.folder)).drop_unused(settings.unused_days)


class State(TypedDict):
    """The content of state.json: which stages have ended well, with which code and parameters."""

    fingerprint: str
    ended: list[str]
    published: bool


class _Work:
    """What the run has made so far, and which stages have ended: kept beside the results for `--resume`."""

    def __init__(self, out: Path, params: Params, resume: bool) -> None:
        self.out, self.folder = out, work_folder(out)
        self.space = Workspace(self.folder, tracking=out / "mlruns")
        self._state = self.folder / "state.json"
        fingerprint = _fingerprint(params)
        state = read_json(self._state) if resume and self._state.exists() else None
        if state is not None and state["fingerprint"] != fingerprint:
            raise UsageError(
                f"what the last run left in {out} was made with other parameters, or by another version of Rind",
                "run without --resume, or with the same parameters",
            )
        if state is None:
            shutil.rmtree(self.folder, ignore_errors=True)
            state = State(fingerprint=fingerprint, ended=[], published=False)
        self._document: State = state

    @property
    def ended(self) -> list[str]:
        """The stages that have ended well."""
        return self._document["ended"]

    @property
    def published(self) -> bool:
        """Whether the week stands in its place."""
        return self._document["published"]

    def run(self, stage: Stage, params: Params, progress: Progress, console: Console) -> None:
        """Run a stage; one that only adds to the list may fail, and is noted."""
        if not stage.adds:
            stage.run(self.space, params, progress)
        elif reason := self._failure(lambda: stage.run(self.space, params, progress), stage):
            self._forget(stage)
            note_missing(self.space, stage.name, reason)
            console.print(f"  {stage.name} failed, the list goes on without it: {reason}", style="yellow", markup=False)
            stage.fall_back(self.space, params)
        else:
            forget_missing(self.space, stage.name)
        self._document["ended"] = [*self.ended, stage.name]
        self._save()

    def _forget(self, stage: Stage) -> None:
        """Delete what a stage wrote before it failed: half a part is none."""
        for name in stage.writes:
            path: Path = getattr(self.space, name)
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)

    def _failure(self, run: Callable[[], None], stage: Stage) -> str:
        """Why a stage failed; "" where it did not."""
        lacking = [maker for maker in needed_by(stage) if maker in parts_missing(self.space)]
        if lacking:
            return f"it needs {', '.join(lacking)}"
        try:
            run()
        except Exception as error:  # noqa: BLE001  whatever it is, it must not take the list with it
            return in_a_line(error)
        return ""

    def publish(self) -> None:
        """Put the week in place."""
        record = read_json(self.space.run)
        write_json(self.space.run, record | {"seconds": seconds(self.space)})  # with the manifest's own
        commit(self.folder, self.out)
        self._document["published"] = True
        self._save()

    def keep_or_leave(self) -> None:
        """After a failure: what has been made is kept for `--resume`; where nothing has, nothing is left."""
        if not self.ended:
            self.end()

    def end(self) -> None:
        """Nothing is left to go on from."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _save(self) -> None:
        write_json(self._state, self._document)


def _fingerprint(params: Params) -> str:
    """Changes with the parameters that results depend on, the source, and the code."""
    digest = hashlib.sha256(repr(sorted(params.record().items())).encode())
    digest.update(params.source.url.encode())
    families = (f"rind.features.families.{stage.family}" for stage in WEEKLY if stage.family)
    for file in files_of(*(stage.module_name for stage in WEEKLY), *families):
        digest.update((ROOT / file).read_bytes())
    for plugin in _load_plugins(params):
        module = getmodule(plugin)
        digest.update(Path(module.__file__).read_bytes() if module and module.__file__ else repr(plugin).encode())
    return digest.hexdigest()


def _load_plugins(params: Params) -> list[Any]:
    """The code of one's own that later stages use; what is wrong with it is said before any work."""
    from rind.features.plugins import load_families
    from rind.pipelines.training_inputs import estimator

    own = estimator(params)
    return [*load_families(params.plugins.families).values(), *([own] if own is not None else [])]
