"""The folder of results holds one whole week at any moment, whatever is killed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rind.common.errors import RindError, UsageError
from rind.common.results import MANIFEST
from rind.pipelines import weeks

PATHS = ("metrics.json", "adoption.parquet", "true_north.json", "plots/gains.csv", "plots/gains.png", MANIFEST)
STEPS = ("link", "rename", "replace", "symlink")


@pytest.fixture(autouse=True)
def _few_results(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of the swap is tried: a few names of each kind tell as much as all of them."""
    monkeypatch.setattr(weeks, "public_paths", lambda: PATHS)


def make(folder: Path, text: str, without: tuple[str, ...] = ()) -> Path:
    """Results that all say the same."""
    for path in PATHS:
        if path not in without:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
    return folder


def week(out: Path) -> set[str]:
    """What the files of a folder say, one text for a whole week; nothing where no week stands."""
    if not (out / MANIFEST).exists():
        return set()
    return {(out / path).read_text() for path in PATHS if (out / path).exists()}


def committed(out: Path, text: str, without: tuple[str, ...] = ()) -> None:
    with weeks.alone(out):
        weeks.commit(make(weeks.work_folder(out), text, without), out)
        shutil.rmtree(weeks.work_folder(out))


class Killed(BaseException):
    """Stands in for SIGKILL: nothing catches it on purpose."""


def test_every_name_leads_to_the_new_week_and_the_old_one_is_gone(tmp_path: Path) -> None:
    committed(tmp_path, "first")
    committed(tmp_path, "second")
    assert week(tmp_path) == {"second"}
    assert len(list((tmp_path / ".rind/weeks").iterdir())) == 1
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != ".rind") == sorted(
        {path.split("/")[0] for path in PATHS}
    )


@pytest.mark.parametrize("plain", [False, True], ids=["linked", "of an older Rind"])
def test_killed_at_any_step_of_the_swap_the_folder_holds_one_whole_week_and_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: bool
) -> None:
    step, ended = 0, False
    while not ended:
        out = tmp_path / str(step)
        if plain:
            make(out, "old")
        else:
            committed(out, "old")
        ended = killed_at(step, out, monkeypatch)
        assert week(out) in ({"old"}, {"new"}), step
        with weeks.alone(out):  # a run that fails at once
            pass
        assert week(out) in ({"old"}, {"new"}), step
        committed(out, "later")
        assert week(out) == {"later"}, step
        step += 1
    assert step > len(PATHS), "each step was tried"


def killed_at(step: int, out: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Commit a week and stop dead at one call that changes the disk; True where there are fewer calls."""
    calls = 0

    def counted(real: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > step:
                raise Killed
            return real(*args, **more)

        return call

    with weeks.alone(out), monkeypatch.context() as patched:
        made = make(weeks.work_folder(out), "new")
        for name in STEPS:
            patched.setattr(os, name, counted(getattr(os, name)))
        try:
            weeks.commit(made, out)
        except Killed:
            return False
    return True


@pytest.mark.parametrize("step", [0, 3, 6, 7, 8, 9, 20])
def test_sigkill_in_the_swap_loses_no_week(tmp_path: Path, step: int) -> None:
    """In a process of its own, really killed."""
    out = tmp_path / "out"
    committed(out, "old")
    make(weeks.work_folder(out), "new")
    script = f"""
import os, signal
from pathlib import Path
from rind.pipelines import weeks
calls = 0
def deadly(real):
    def call(*args, **more):
        global calls
        calls += 1
        if calls > {step}:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **more)
    return call
for name in {STEPS!r}:
    setattr(os, name, deadly(getattr(os, name)))
out = Path({str(out)!r})
with weeks.alone(out):
    weeks.commit(weeks.work_folder(out), out)
"""
    subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert week(out) in ({"old"}, {"new"})
    with weeks.alone(out):
        pass
    assert week(out) in ({"old"}, {"new"})


def test_a_result_that_the_new_week_does_not_have_is_gone_and_one_that_is_new_appears(tmp_path: Path) -> None:
    committed(tmp_path, "first", without=("adoption.parquet",))
    assert not (tmp_path / "adoption.parquet").exists()
    committed(tmp_path, "second", without=("true_north.json",))
    assert (tmp_path / "adoption.parquet").read_text() == "second"
    assert not os.path.lexists(tmp_path / "true_north.json")


@pytest.mark.parametrize("follow", [False, True], ids=["with its links", "as plain files"])
def test_a_folder_that_was_moved_or_copied_elsewhere_works_on(tmp_path: Path, follow: bool) -> None:
    committed(tmp_path / "here", "first")
    shutil.copytree(tmp_path / "here", tmp_path / "there", symlinks=not follow)
    shutil.rmtree(tmp_path / "here")
    assert week(tmp_path / "there") == {"first"}
    committed(tmp_path / "there", "second")
    assert week(tmp_path / "there") == {"second"}


def change_half(folder: Path) -> None:
    """Replace one file of the week, then fail at the next."""
    with weeks.changed(folder) as copy:
        os.replace(make(folder / "more", "half") / "metrics.json", copy / "metrics.json")
        os.replace(folder / "nothing", copy / "run.json")


def test_a_change_of_a_week_is_a_week_of_its_own_and_one_that_fails_changes_nothing(tmp_path: Path) -> None:
    committed(tmp_path, "first")
    with weeks.alone(tmp_path):
        with pytest.raises(FileNotFoundError):
            change_half(tmp_path)
        assert week(tmp_path) == {"first"}
        with weeks.changed(tmp_path) as copy:
            os.replace(make(tmp_path / "more", "changed") / "metrics.json", copy / "metrics.json")
    assert (tmp_path / "metrics.json").read_text() == "changed"
    assert week(tmp_path) == {"first", "changed"}


def test_a_disk_that_refuses_leaves_the_week_before_and_says_where_the_new_one_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(tmp_path, "first")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with weeks.alone(tmp_path), monkeypatch.context() as patched:
        made = make(weeks.work_folder(tmp_path), "second")
        patched.setattr(os, "rename", full)
        with pytest.raises(RindError, match=r"No space left on device[\s\S]*--resume[\s\S]*\.rind/work"):
            weeks.commit(made, tmp_path)
    assert week(tmp_path) == {"first"}
    assert week(weeks.work_folder(tmp_path)) == {"second"}


def test_two_runs_never_work_in_one_folder_and_the_lock_not_a_number_says_who_lives(tmp_path: Path) -> None:
    """Process ids are used again (a container has 1 each time): what a dead run wrote down stops nobody."""
    with weeks.alone(tmp_path):
        pass
    (tmp_path / ".rind/lock").write_text(f"{os.getpid()}\n")
    with weeks.alone(tmp_path):
        command = f"from pathlib import Path; from rind.pipelines import weeks; weeks.alone(Path({str(tmp_path)!r}))"
        child = subprocess.run(
            [sys.executable, "-c", f"{command}.__enter__()"], capture_output=True, text=True, check=False, timeout=60
        )
        assert f"another run (process {os.getpid()}) is at work" in child.stderr
    with weeks.alone(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_to_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for out in (file, file / "below"):
        with pytest.raises(UsageError, match="file"), weeks.alone(out):
            pass


def test_what_a_person_keeps_beside_the_results_stays(tmp_path: Path) -> None:
    committed(tmp_path, "first")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "mine.link").symlink_to("nowhere")
    (tmp_path / "mlruns").mkdir()
    (tmp_path / "mlruns/mlflow.db").write_text(json.dumps({}))
    committed(tmp_path, "second")
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert os.path.lexists(tmp_path / "mine.link")
    assert (tmp_path / "mlruns/mlflow.db").exists()
