"""The built package in an empty environment, far from the checkout: one name, its own parameters, a whole week."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest
from conftest import QUICK_RUN

ROOT = Path(__file__).parents[1]
CORE = ROOT / "requirements" / "core.lock"
UV = Path(sys.executable).with_name("uv")

pytestmark = pytest.mark.slow


def call(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command that knows nothing of this checkout, and return what it printed."""
    ours = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"}  # bytecode spares each start some seconds
    clean = {key: value for key, value in os.environ.items() if key not in ours}
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(source: Path, *options: str, out: Path) -> None:
    call(UV, "build", "-q", *options, "--no-build-isolation", "--python", sys.executable, "-o", out, source)


def names(wheel: Path) -> set[str]:
    return set(ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, and the wheel that was made of it."""
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, out=folder)
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the locked dependencies, without Rind: from uv's cache, or an index where that lacks any."""
    folder = tmp_path_factory.mktemp("environment")
    call(UV, "venv", "-q", "--python", sys.executable, folder)
    install = (UV, "pip", "install", "-q", "--system-certs", "--python", folder / "bin/python", "--require-hashes")
    try:
        call(*install, "--offline", "-r", CORE)
    except AssertionError:
        call(*install, "-r", CORE)
    return folder


def test_the_wheel_of_the_source_distribution_is_that_of_the_checkout(built: Path, tmp_path: Path) -> None:
    build(ROOT, "--wheel", out=tmp_path)
    [ours], [theirs] = tmp_path.glob("*.whl"), built.glob("*.whl")
    assert names(ours) == names(theirs)
    assert ours.read_bytes() == theirs.read_bytes()


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_beside_them(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    packages = [path.name for path in (ROOT / "rind").iterdir() if path.is_symlink()]
    tracked = call("git", "ls-files", "--cached", "--others", "--exclude-standard", *packages, "rind/*.py", cwd=ROOT)
    expected = {f if f.startswith("rind/") else f"rind/{f}" for f in tracked.splitlines() if (ROOT / f).exists()}
    assert {name for name in names(wheel) if ".dist-info/" not in name} == expected


def test_the_source_distribution_holds_what_a_wheel_is_made_of_and_no_leftovers(built: Path) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        members = {member.name.split("/", 1)[1] for member in opened.getmembers() if member.isfile()}
    top = {name.split("/")[0] for name in members}
    assert top == {"rind", "params.yaml", "pyproject.toml", "README.md", "CHANGELOG.md", "PKG-INFO", ".gitignore"}
    assert not [name for name in members if name.endswith(".pyc") or "__pycache__" in name or "_cache/" in name]


def test_installed_it_adds_one_name_and_makes_a_week_from_any_folder(
    built: Path, environment: Path, tmp_path: Path
) -> None:
    [site] = environment.glob("lib/python*/site-packages")
    before = {path.name for path in site.iterdir()}
    [wheel] = built.glob("*.whl")
    call(UV, "pip", "install", "-q", "--offline", "--python", environment / "bin/python", "--no-deps", wheel)
    added = {path.name for path in site.iterdir()} - before
    assert added == {"rind", f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"}

    rind = environment / "bin/rind"
    version = wheel.name.split("-")[1]
    assert call(rind, "--version", cwd=tmp_path) == f"rind {version}\n"
    call(rind, "demo", "--out", "c", "--accounts", "120", "--years", "2", "--scenario", "monthly", cwd=tmp_path)
    settings = [part for setting in QUICK_RUN for part in ("--set", setting)]
    call(rind, "run", "--source", "c/source", "--out", "r", *settings, cwd=tmp_path)
    assert (tmp_path / "r/run.json").exists()
