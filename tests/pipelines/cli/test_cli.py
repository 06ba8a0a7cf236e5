from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from rind.pipelines import weekly
from rind.pipelines.cli.app import app
from rind.pipelines.params import Params
from rind.pipelines.runner import Progress, Run
from rind.pipelines.weekly import PUBLISHED as RESULTS
from rind.pipelines.workspace import Workspace
from tests.features.companies import company, write_parquet

run = CliRunner().invoke


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_parquet(tmp_path_factory.mktemp("source"), company()))


def commands(group: Any, path: str = "") -> list[str]:
    """The command line itself and all that it offers, groups and the commands in them."""
    below = getattr(group, "commands", {})
    return [path, *(found for name, one in below.items() for found in commands(one, f"{path} {name}".strip()))]


ALL = commands(typer.main.get_command(app))


def test_the_commands_of_the_contract_are_there() -> None:
    assert {"run", "demo", "validate", "features", "tune-health", "serve", "publish", "deliver"} <= set(ALL)


@pytest.mark.parametrize("command", ALL)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = run(app, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert re.search(rf"Examples?:\s+(\w+=\.\.\. )?rind {command}", done.stdout)


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from rind.pipelines.cli.app import app\n"
        "assert CliRunner().invoke(app, ['run', '--help']).exit_code == 0\n"
        "heavy = {'pandas', 'numpy', 'ibis', 'duckdb', 'lightgbm', 'sklearn', 'mlflow', 'shap', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run"], 2, "Missing option"),
        (["run", "--source", "nowhere", "--out", "{out}"], 3, "cannot open the source nowhere"),
        (["run", "--source", "ftp://x/y", "--out", "{out}"], 3, "scheme"),
        (["run", "--source", "{source}", "--out", "{out}", "--set", "labels.horizon=3"], 2, "no parameter"),
        (["run", "--source", "{source}", "--out", "{out}", "--as-of", "yesterday"], 2, "--as-of"),
        (["run", "--source", "{source}", "--out", "{out}", "--as-of", "2099-01-01"], 2, "after the data end"),
        (["run", "--source", "{source}", "--out", "{file}"], 2, "is a file"),
        (["validate", "--source", "{source}", "--data-end", "2024-02-01"], 4, "2024-02-01"),
        (["validate", "--source", "{source}", "--params", "absent.yaml"], 2, "cannot read the parameters"),
        (["demo", "--out", "{out}", "--scenario", "rosy"], 2, "there is no scenario 'rosy'"),
        (["features", "--family", "weather"], 2, "there is no family 'weather'"),
        (["demo", "--out", "{out}", "--accounts", "3"], 2, "--accounts"),
    ],
)
def test_what_is_wrong_is_said_with_an_exit_code_for_scripts_and_no_output(
    source: str, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    out, file = tmp_path / "out", tmp_path / "file"
    file.touch()
    done = run(app, [a.format(source=source, out=out, file=file) for a in arguments])
    text = " ".join(done.output.split())
    assert (done.exit_code, said in text) == (code, True), done.output
    assert "Traceback" not in done.output
    assert not out.exists() or not [p for p in out.iterdir() if p.name != "mlruns"]


@pytest.mark.parametrize(("more", "code"), [([], 5), (["--data-end", "2024-02-01"], 4)])
def test_too_little_history_has_its_own_exit_code_unless_other_rules_are_broken_too(
    source: str, tmp_path: Path, more: list[str], code: int
) -> None:
    short = ["--source", source, "--set", "snapshots.history_days=30", *more]
    for command in (["run", "--out", str(tmp_path / "out")], ["validate"]):
        done = run(app, [*command, *short])
        assert done.exit_code == code
        assert "too little history" in done.output


def test_a_sound_source_validates_with_a_word_on_what_is_absent(source: str) -> None:
    done = run(app, ["validate", "--source", source])
    assert done.exit_code == 0
    assert "left out: surveys features (no table surveys)" in done.stdout
    assert "tickets features" not in done.stdout


def test_the_catalogue_prints_in_words_and_by_family() -> None:
    done = run(app, ["features", "--family", "surveys"])
    assert done.exit_code == 0
    assert "surveys__nps_mean__364d" in done.stdout
    assert "usage__" not in done.stdout


def test_a_demo_company_is_written_with_its_truth_apart(tmp_path: Path) -> None:
    done = run(app, ["demo", "--out", str(tmp_path), "--accounts", "20", "--years", "1"])
    assert done.exit_code == 0
    assert pq.read_metadata(tmp_path / "source/accounts.parquet").num_rows == 20
    assert (tmp_path / "truth").is_dir()


class Made(NamedTuple):
    """A stage of the flow, as far as `run_weekly` looks at it."""

    name: str
    run: Run
    after_publishing: bool = False


class Weekly:
    """`rind run` with stages that only write their name into each result, of which one may fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder, self.error = folder, None
        self.text = "first"
        self.spaces: list[Path] = []
        stages = [Made("early", self.make), Made("late", self.fail), Made("last", self.end, after_publishing=True)]
        monkeypatch.setattr(weekly, "WEEKLY", stages)
        monkeypatch.setattr("rind.pipelines.summary.show", lambda *_: None)

    def make(self, space: Workspace, params: Params, progress: Progress) -> None:
        del params, progress
        self.spaces.append(space.root)
        for name in RESULTS:
            place = space.root / name
            if "." in name:
                place.write_text(json.dumps({"made": self.text}) if name == "run.json" else self.text)
            else:
                place.mkdir()
                (place / f"{self.text}.png").write_text(self.text)

    def fail(self, space: Workspace, params: Params, progress: Progress) -> None:
        del space, params, progress
        if self.error is not None:
            raise self.error

    def end(self, space: Workspace, params: Params, progress: Progress) -> None:
        del space, params, progress
        assert json.loads((self.folder / "run.json").read_text())["made"] == self.text, "the results stand by then"

    def run(self) -> int:
        return run(app, ["run", "--source", "anything", "--out", str(self.folder)]).exit_code

    def found(self) -> dict[str, str]:
        texts = {str(p.relative_to(self.folder)): p.read_text() for p in self.folder.rglob("*") if p.is_file()}
        return {name: json.loads(text)["made"] if name == "run.json" else text for name, text in texts.items()}


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Weekly:
    return Weekly(monkeypatch, tmp_path / "out")


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (ZeroDivisionError("x"), 1), (MemoryError(), 1), (SystemExit(9), 9)]
)
def test_a_failure_in_a_late_stage_leaves_the_earlier_results_and_nothing_half_written(
    job: Weekly, error: BaseException, code: int
) -> None:
    job.error = error
    assert job.run() == code
    assert not job.folder.exists() or list(job.folder.iterdir()) == []
    job.error = None
    assert job.run() == 0
    before = job.found()
    job.error, job.text = error, "second"
    assert job.run() == code
    assert job.found() == before
    assert not any(space.exists() for space in job.spaces)


def test_a_second_run_replaces_the_results_and_leaves_other_files_alone(job: Weekly) -> None:
    assert job.run() == 0
    (job.folder / "notes.txt").write_text("mine")
    job.text = "second"
    assert job.run() == 0
    assert set(job.found().values()) == {"second", "mine"}
    assert sorted(job.found()) == sorted([*(n for n in RESULTS if "." in n), "plots/second.png", "notes.txt"])
    assert set(json.loads((job.folder / "run.json").read_text())["seconds"]) == {"early", "late"}


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_to_is_a_usage_error(job: Weekly, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    job.folder = tmp_path / name
    assert job.run() == 2
    assert not job.spaces


@pytest.mark.parametrize(
    "setting",
    ["watermelons.capacity=2", "watermelons.precision=0.5", "health.weights.usage=50", "health.amber_from=90"],
)
def test_parameters_that_do_not_fit_together_are_refused_before_any_work(job: Weekly, setting: str) -> None:
    done = run(app, ["run", "--source", "anything", "--out", str(job.folder), "--set", setting])
    assert done.exit_code == 2
    assert not job.spaces
    assert not job.folder.exists()


@pytest.mark.parametrize("at", [RESULTS[0], "plots", "run.json"])
def test_a_result_that_cannot_be_replaced_leaves_all_the_earlier_ones_and_keeps_the_new(
    job: Weekly, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    assert job.run() == 0
    before, replace = job.found(), os.replace

    def refuse(old: Path, new: Path) -> None:
        if Path(new) == job.folder / at and old.parent.name.endswith(".partial"):
            raise PermissionError(13, "Permission denied", str(new))
        replace(old, new)

    job.text = "second"
    monkeypatch.setattr(os, "replace", refuse)
    done = run(app, ["run", "--source", "anything", "--out", str(job.folder)])
    monkeypatch.setattr(os, "replace", replace)
    assert done.exit_code == 1
    assert "cannot replace the results" in done.output
    after = job.found()
    hidden = ".rind-unpublished/"
    assert {name: text for name, text in after.items() if not name.startswith(hidden)} == before
    kept = {name.removeprefix(hidden): text for name, text in after.items() if name.startswith(hidden)}
    assert set(kept) == {n for n in before if n != "plots/first.png"} | {"plots/second.png"}
    assert set(kept.values()) - {kept["run.json"]} == {"second"}
    assert job.run() == 0
    assert set(job.found().values()) == {"second"}
    assert not (job.folder / ".rind-unpublished").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_waits_until_all_results_are_of_one_run(
    job: Weekly, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    assert job.run() == 0
    replace, asked = os.replace, []

    def interrupted(old: Path, new: Path) -> None:
        replace(old, new)
        if Path(new) == job.folder / RESULTS[3] and not asked:
            asked.append(number)
            os.kill(os.getpid(), number)

    job.text = "second"
    monkeypatch.setattr(os, "replace", interrupted)
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        assert job.run() == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    assert asked
    assert set(job.found().values()) == {"second"}


HOLD = """
import sys
from pathlib import Path
from rind.pipelines.weekly import _workshop
with _workshop(Path(sys.argv[1])):
    print("here", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_into_the_same_folder_is_refused_by_name_and_spoils_nothing(job: Weekly) -> None:
    command = [sys.executable, "-c", HOLD, str(job.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "here\n"
        (job.folder / "run.json").write_text('{"parameters": {}}')
        for command in (["run", "--source", "anything", "--out"], ["tune-health", "--dir"]):
            done = run(app, [*command, str(job.folder)])
            assert (done.exit_code, job.spaces) == (2, [])
            assert f"another run (process {other.pid}) is at work" in done.output
        assert sorted(p.name for p in job.folder.iterdir()) == [f".rind-{other.pid}.partial", "run.json"]
        other.communicate("")
    assert job.run() == 0


def test_what_a_killed_run_left_is_swept_and_what_a_living_one_holds_is_not(job: Weekly) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, alive = (job.folder / f".rind-{pid}.partial" for pid in (gone.pid, os.getppid()))
    for folder in (dead, alive):
        folder.mkdir(parents=True)
    assert job.run() == 0
    assert not dead.exists()
    assert alive.exists()
