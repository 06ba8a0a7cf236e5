"""`rind run`: what stands after a failure, an interruption, a second run; going on; parts that fail alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rind.common.results import public_paths
from rind.pipelines import weekly
from rind.pipelines.cli.app import app
from rind.pipelines.parts import parts_missing
from rind.pipelines.weeks import HIDDEN
from rind.pipelines.workspace import Workspace


@dataclass
class Made:
    """A stage of the flow, as far as `run_weekly` looks at it."""

    name: str
    run: Callable[..., None]
    adds: bool = False
    needs: tuple[str, ...] = ()
    after_publishing: bool = False
    writes: dict[str, str] = field(default_factory=dict)
    family: str = ""
    module_name: str = "rind.pipelines.stages.score"
    fallen_back: list[str] = field(default_factory=list)

    def fall_back(self, space: Workspace, params: Any) -> None:
        del space, params
        self.fallen_back.append(self.name)


class Weekly:
    """`rind run` with stages that only write their text into each result, of which some may fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder, self.text = folder, "first"
        self.errors: dict[str, BaseException] = {}
        self.ran: list[str] = []
        self.stages = [
            self._stage("early"),
            self._stage("extra", adds=True, writes={"moments": ""}),
            self._stage("more", adds=True, needs=("extra",)),
            self._stage("late"),
            self._stage("last", after_publishing=True),
        ]
        monkeypatch.setattr(weekly, "WEEKLY", self.stages)
        monkeypatch.setattr(weekly, "needed_by", lambda stage: stage.needs)
        monkeypatch.setattr("rind.pipelines.summary.show", lambda *_: None)

    def _stage(self, name: str, **more: Any) -> Made:
        return Made(name, lambda *given: self._run(name, *given), **more)

    def _run(self, name: str, space: Workspace, params: Any, progress: Any) -> None:
        del params, progress
        self.ran.append(name)
        if name == "extra":
            space.moments.write_text(self.text)
        if name in self.errors:
            raise self.errors[name]
        for path in public_paths() if name == "early" else ():
            (space.root / path).parent.mkdir(parents=True, exist_ok=True)
            (space.root / path).write_text(json.dumps({"made": self.text}) if path == "run.json" else self.text)
        if name == "late":
            run = json.loads(space.run.read_text())
            space.run.write_text(json.dumps(run | {"parts_missing": parts_missing(space)}))
        if name == "last":
            assert json.loads((self.folder / "run.json").read_text())["made"] == self.text, "the results stand by then"

    def run(self, *options: str) -> Result:
        self.ran.clear()
        return CliRunner().invoke(app, ["run", "--source", "anything", "--out", str(self.folder), *options])

    def week(self) -> dict[str, str]:
        """What stands in the folder, without the hidden part of it."""
        files = {path.name: path for path in self.folder.rglob("*") if HIDDEN not in path.parts and path.is_file()}
        texts = {name: path.read_text() for name, path in files.items()}
        return {name: json.loads(text)["made"] if name == "run.json" else text for name, text in texts.items()}


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Weekly:
    return Weekly(monkeypatch, tmp_path / "out")


FAILURES = [(KeyboardInterrupt(), 130), (ZeroDivisionError("x"), 1), (MemoryError(), 1), (SystemExit(9), 9)]


@pytest.mark.parametrize(("error", "code"), FAILURES)
def test_a_failure_in_a_late_stage_leaves_the_earlier_results_as_they_were(
    job: Weekly, error: BaseException, code: int
) -> None:
    job.errors = {"late": error}
    assert job.run().exit_code == code
    assert job.week() == {}
    job.errors = {}
    assert job.run().exit_code == 0
    before = job.week()
    job.errors, job.text = {"late": error}, "second"
    assert job.run().exit_code == code
    assert job.week() == before


@pytest.mark.parametrize(("error", "code"), FAILURES)
def test_a_failed_run_goes_on_after_the_last_stage_that_ended_well(
    job: Weekly, error: BaseException, code: int
) -> None:
    job.errors = {"late": error}
    assert job.run().exit_code == code
    job.errors = {}
    done = job.run("--resume")
    assert (done.exit_code, job.ran) == (0, ["late", "last"])
    assert "early: made before" in done.output
    assert set(job.week().values()) == {"first"}
    assert not (job.folder / HIDDEN / "work").exists()


def test_a_failure_after_the_results_stand_goes_on_without_making_them_again(job: Weekly) -> None:
    job.errors = {"last": ZeroDivisionError("registry")}
    assert job.run().exit_code == 1
    assert set(job.week().values()) == {"first"}
    job.errors = {}
    assert (job.run("--resume").exit_code, job.ran) == (0, ["last"])


def test_what_was_made_with_other_parameters_is_not_gone_on_with(job: Weekly) -> None:
    job.errors = {"late": ZeroDivisionError()}
    job.run()
    done = job.run("--resume", "--set", "labels.horizon_days=30")
    assert (done.exit_code, job.ran) == (2, [])
    assert "other parameters" in done.output


def test_a_run_without_resume_begins_anew_and_resume_without_anything_to_go_on_from_does_too(job: Weekly) -> None:
    job.errors = {"late": ZeroDivisionError()}
    job.run()
    job.errors = {}
    whole = ["early", "extra", "more", "late", "last"]
    assert (job.run().exit_code, job.ran) == (0, whole)
    assert (job.run("--resume").exit_code, job.ran) == (0, whole)


def test_a_part_that_only_adds_may_fail_alone_the_list_stands_and_run_and_exit_code_say_so(job: Weekly) -> None:
    job.errors = {"extra": ValueError("cannot convert float NaN to integer")}
    done = job.run()
    assert done.exit_code == 8
    assert "cannot convert float NaN" in done.output
    assert job.ran == ["early", "extra", "late", "last"], "what needs the missing part is not tried"
    missing = json.loads((job.folder / "run.json").read_text())["parts_missing"]
    assert missing == {"extra": "ValueError: cannot convert float NaN to integer", "more": "it needs extra"}
    assert [name for stage in job.stages for name in stage.fallen_back] == ["extra", "more"]
    assert not (job.folder / "moments.json").exists(), "half a part is none"
    job.errors = {}
    assert job.run().exit_code == 0
    assert json.loads((job.folder / "run.json").read_text())["parts_missing"] == {}


def test_an_interruption_is_no_failure_of_a_part(job: Weekly) -> None:
    job.errors = {"extra": KeyboardInterrupt()}
    assert job.run().exit_code == 130
    assert job.week() == {}


def test_a_second_run_replaces_the_results_and_leaves_other_files_alone(job: Weekly) -> None:
    assert job.run().exit_code == 0
    (job.folder / "notes.txt").write_text("mine")
    job.text = "second"
    assert job.run().exit_code == 0
    assert set(job.week().values()) == {"second", "mine"}
    assert {"early", "late"} <= set(json.loads((job.folder / "run.json").read_text())["seconds"])


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_to_is_a_usage_error(job: Weekly, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    job.folder = tmp_path / name
    assert (job.run().exit_code, job.ran) == (2, [])


@pytest.mark.parametrize(
    "setting",
    ["watermelons.capacity=2", "watermelons.precision=0.5", "health.weights.usage=50", "health.amber_from=90"],
)
def test_parameters_that_do_not_fit_together_are_refused_before_any_work(job: Weekly, setting: str) -> None:
    assert (job.run("--set", setting).exit_code, job.ran) == (2, [])
    assert not job.folder.exists()


HOLD = """
import sys
from pathlib import Path
from rind.pipelines.weeks import alone
with alone(Path(sys.argv[1])):
    print("here", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_into_the_same_folder_is_refused_by_name_and_spoils_nothing(job: Weekly) -> None:
    command = [sys.executable, "-c", HOLD, str(job.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "here\n"
        (job.folder / "run.json").write_text('{"as_of": "2026-06-28", "data_end": "2026-06-28", "parameters": {}}')
        for command in (["run", "--source", "anything", "--out"], ["tune-health", "--dir"]):
            done = CliRunner().invoke(app, [*command, str(job.folder)])
            assert (done.exit_code, job.ran) == (2, [])
            assert f"another run (process {other.pid}) is at work" in done.output
        assert sorted(p.name for p in job.folder.iterdir()) == [HIDDEN, "run.json"]
        other.communicate("")
    (job.folder / "run.json").unlink()
    assert job.run().exit_code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_polite_kills_end_a_run_as_ctrl_c_does_and_it_says_how_to_go_on(
    job: Weekly, number: signal.Signals, code: int
) -> None:
    def killed(*_: Any) -> None:
        os.kill(os.getpid(), number)

    job.stages[3].run = killed
    before = signal.signal(number, signal.default_int_handler)  # whoever runs the tests may ignore it (nohup)
    try:
        done = job.run()
    finally:
        signal.signal(number, before)
    assert done.exit_code == code
    assert "--resume goes on" in done.output
    assert job.week() == {}


def folders_seen(job: Weekly, *options: str) -> list[str]:
    """The folder of the feature store that the stages of one run see."""
    folders: list[str] = []
    first = job.stages[0].run

    def run(space: Workspace, params: Any, progress: Any) -> None:
        folders.append(params.feature_store.folder)
        first(space, params, progress)

    job.stages[0].run = run
    assert job.run(*options).exit_code == 0
    job.stages[0].run = first
    return folders


def test_an_incremental_run_keeps_features_beside_its_results_or_where_the_parameters_say(job: Weekly) -> None:
    named = str(job.folder.parent / "shared")
    assert folders_seen(job) == [""]
    assert folders_seen(job, "--incremental") == [str(job.folder / HIDDEN / "store")]
    assert folders_seen(job, "--set", f"feature_store.folder={named}") == [named]
    assert folders_seen(job, "--incremental", "--set", f"feature_store.folder={named}") == [named]


def test_an_incremental_run_drops_what_no_run_has_used_for_long_and_keeps_the_rest(job: Weekly) -> None:
    old, fresh = (job.folder / HIDDEN / "store" / "usage" / f"2025-06-02-{key * 24}" for key in "ab")
    for place in (old, fresh):
        place.mkdir(parents=True)
    os.utime(old, (0, 0))
    assert job.run("--incremental").exit_code == 0
    assert [fresh.exists(), old.exists()] == [True, False]


def test_a_run_that_fails_leaves_the_store_and_one_without_it_does_not_touch_it(job: Weekly) -> None:
    old = job.folder / HIDDEN / "store" / "usage" / f"2025-06-02-{24 * 'a'}"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    assert job.run().exit_code == 0
    job.errors = {"late": ZeroDivisionError("x")}
    assert job.run("--incremental").exit_code == 1
    assert old.exists()


def test_an_incremental_run_on_spark_is_refused_before_any_work(job: Weekly) -> None:
    done = job.run("--incremental", "--set", "engine.name=spark")
    assert (done.exit_code, job.ran) == (2, [])
    assert "--incremental keeps features that DuckDB makes" in done.output
