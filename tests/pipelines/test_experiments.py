"""DVC writes params.yaml anew for an experiment, by the rules of another YAML: Rind must read the same out of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from dvc.utils.serialize import modify_yaml

from rind.pipelines.params import DEFAULTS, load

ROOT = Path(__file__).parents[2]
SMALL = {"accounts: 2000": "accounts: 60", "years: 3.0": "years: 2.0"}


def test_parameters_that_dvc_wrote_are_the_same_parameters(tmp_path: Path) -> None:
    copy = tmp_path / "params.yaml"
    shutil.copy(DEFAULTS, copy)
    with modify_yaml(str(copy)) as values:
        values["labels"]["horizon_days"] = 60
    assert copy.read_text() != DEFAULTS.read_text()
    assert load(copy, base=copy) == load(overrides=["labels.horizon_days=60"])


def test_no_key_is_a_truth_value_to_any_reader_of_yaml() -> None:
    events = yaml.parse(DEFAULTS.read_text(), Loader=yaml.SafeLoader)
    words = {event.value.lower() for event in events if isinstance(event, yaml.ScalarEvent)}
    assert words & {"yes", "no", "on", "off", "y", "n"} == set()


def checkout(folder: Path) -> Path:
    """A git repository with the files of this one as they are now, and a small demo company in its parameters."""
    tracked = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if (ROOT / name).exists() and not name.startswith(("docs/img", "tests/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    text = (folder / "params.yaml").read_text()
    for full, small in SMALL.items():
        assert full in text
        text = text.replace(full, small)
    (folder / "params.yaml").write_text(text)
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "small"]):
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments], cwd=folder, check=True
        )
    return folder


def dvc(folder: Path, *arguments: str) -> str:
    """What DVC prints; it must end well."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    given = {**os.environ, "PATH": path, "PYTHONPATH": str(folder), "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], cwd=folder, env=given, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.bench  # it guards DVC's own writing of params.yaml; `test_flow` says what each parameter runs again
@pytest.mark.slow
def test_an_experiment_of_dvc_changes_the_parameter_and_runs_again_what_reads_it(tmp_path: Path) -> None:
    """`dvc exp run --set-param labels.horizon_days=60`, up to the stage labels."""
    folder = checkout(tmp_path / "rind")
    dvc(folder, "repro", "-q", "labels")
    before = pq.read_table(folder / "data/labels.parquet")
    printed = dvc(folder, "exp", "run", "--set-param", "labels.horizon_days=60", "labels")
    assert "Stage 'demo' didn't change, skipping" in printed
    assert "Running stage 'labels'" in printed
    assert load(folder / "params.yaml").labels.horizon_days == 60
    after = pq.read_table(folder / "data/labels.parquet")
    assert sum(after["churned"].to_pylist()[i] or 0 for i in range(len(after))) < sum(
        before["churned"].to_pylist()[i] or 0 for i in range(len(before))
    )
    shown = json.loads(dvc(folder, "exp", "show", "--json"))
    assert "60" in json.dumps(shown)
