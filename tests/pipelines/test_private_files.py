"""Results and models are their owner's alone, unless the parameters say otherwise."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import QUICK_RUN
from rich.console import Console

from rind.demo.company import make_company, write_company
from rind.pipelines import params as parameters
from rind.pipelines import weekly
from rind.pipelines.private_files import Readers, created_for, settle
from rind.pipelines.weekly import run_weekly


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(root: Path) -> tuple[set[int], set[int]]:
    """The rights of all folders and of all files."""
    places = [place for place in (root, *root.rglob("*")) if not place.is_symlink()]
    kinds = [{p.stat().st_mode & 0o777 for p in places if p.is_dir() is folder} for folder in (True, False)]
    return kinds[0], kinds[1]


@pytest.mark.parametrize(("readers", "users_mask", "folder", "file"), [
    ("owner", 0o022, 0o700, 0o600), ("group", 0o022, 0o750, 0o640), ("everyone", 0o022, 0o755, 0o644),
    ("everyone", 0o077, 0o700, 0o600), ("owner", 0o000, 0o700, 0o600), ("group", 0o000, 0o750, 0o640),
])  # fmt: skip
def test_what_is_made_is_for_these_readers_and_a_stricter_umask_holds(
    tmp_path: Path, readers: Readers, users_mask: int, folder: int, file: int
) -> None:
    with umask(users_mask), created_for("owner"), created_for(readers):
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "file").write_text("x")
    assert modes(tmp_path / "new") == ({folder}, {file})


def test_afterwards_the_umask_is_the_users_again() -> None:
    with umask(0o027):
        with created_for("everyone"):
            pass
        assert os.umask(0o027) == 0o027


def test_what_an_earlier_version_left_open_is_closed_and_other_peoples_files_are_left_alone(tmp_path: Path) -> None:
    with umask(0o022):
        for name in ("risk_list.csv", "mlruns/mlflow.db", ".rind/weeks/1/run.json", "set_aside/usage.parquet"):
            (tmp_path / "ours" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "ours" / name).write_text("x")
        shutil.copytree(tmp_path / "ours", tmp_path / "shared")
        (tmp_path / "shared" / "letter.txt").write_text("x")
    for name in ("ours", "shared"):
        settle(tmp_path / name, "owner")
    assert modes(tmp_path / "ours") == ({0o700}, {0o600})
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "shared" / "letter.txt").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "shared" / "risk_list.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.filterwarnings("default")  # MLflow and SQLAlchemy deprecate parts of each other
def test_every_file_of_a_run_and_of_its_models_is_its_owners_alone_also_after_resuming_and_moving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_company(make_company(accounts=120, years=2.0, seed=7, scenario="monthly"), tmp_path)
    given = parameters.load(None, [*QUICK_RUN, f"source.url={tmp_path / 'source'}"])
    out = tmp_path / "results"

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    with umask(0o022):
        with monkeypatch.context() as patch:
            patch.setattr(weekly._Work, "publish", full)
            with pytest.raises(OSError, match="disk is full"):
                run_weekly(out, given, Console(quiet=True))
        assert modes(out) == ({0o700}, {0o600})
        run_weekly(out, given, Console(quiet=True), resume=True)
        assert (out / "risk_list.csv").exists()
        assert modes(out) == ({0o700}, {0o600})
        shutil.move(out, tmp_path / "moved")
        assert modes(tmp_path / "moved") == ({0o700}, {0o600})
        shutil.copytree(tmp_path / "moved", tmp_path / "copied", symlinks=True)
        assert modes(tmp_path / "copied") == ({0o700}, {0o600})
