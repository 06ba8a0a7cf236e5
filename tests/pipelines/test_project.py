"""What a clone promises before anything is installed: the lock, the Makefile, no reports home."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def requirements(text: str) -> list[str]:
    """Each requirement of a lock with its marker and hashes on one line."""
    joined = text.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_the_lock_pins_everything_by_hash_and_names_no_registry(lock: Path) -> None:
    text = lock.read_text()
    found = requirements(text)
    assert found
    assert [line for line in found if not re.match(r"[a-z0-9._-]+(\[[a-z,-]+\])?==\S+", line)] == []
    assert [line.split()[0] for line in found if "--hash=sha256:" not in line] == []
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links", text) == []


def pinned(lock: Path) -> list[tuple[str, str]]:
    """Package and version of each line; one that is pinned by platform comes more than once."""
    return re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,-]+\])?==(\S+)", lock.read_text(), re.MULTILINE)


def test_no_two_locks_pin_a_package_otherwise_as_all_are_installed_into_one_environment() -> None:
    pins: dict[str, dict[str, set[str]]] = {}  # package -> lock -> versions
    for lock in LOCKS:
        for name, version in pinned(lock):
            pins.setdefault(name, {}).setdefault(lock.stem, set()).add(version)
    assert {name: locks for name, locks in pins.items() if len(set(map(frozenset, locks.values()))) > 1} == {}


def test_each_lock_beside_that_of_uv_holds_all_that_rind_needs() -> None:
    locks = {lock.stem: set(pinned(lock)) for lock in LOCKS if lock.stem != "uv"}
    assert {name: sorted(locks["core"] - pins) for name, pins in locks.items() if locks["core"] - pins} == {}


def test_the_lock_serves_every_python_that_the_project_does() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"].startswith(">=3.11")
    [core] = [requirements(path.read_text()) for path in LOCKS if path.stem == "core"]
    by_name: dict[str, list[str]] = {}
    for line in core:
        by_name.setdefault(line.split("==")[0], []).append(line)
    for needed in project["dependencies"]:
        name = re.split(r"[\[<>=!~ ;]", needed)[0].lower().replace("_", "-").replace(".", "-")
        assert name in by_name, name
        markers = " ".join(by_name[name])
        assert "python_full_version" not in markers or len(by_name[name]) > 1, f"{name} only on some versions"


def test_usage_reports_of_dvc_are_switched_off_in_the_repos_own_config() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / ".dvc/config")
    assert config["core"]["analytics"] == "false"


def test_every_target_of_the_makefile_says_what_it_does_and_ci_runs_check_and_test() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = dict(re.findall(r"^([a-z-]+):[^\n#]*## (.+)$", makefile, re.MULTILINE))
    assert {"demo", "test", "check", "serve", "bench"} <= set(targets)
    [phony] = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert set(phony.split()) <= set(targets)
    ci = (ROOT / ".ci/run").read_text()
    assert "make check" in ci
    assert "make test" in ci


def test_the_readme_names_the_two_commands_that_do_everything_on_a_fresh_machine() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert [line.split("#")[0].strip() for line in blocks[0].splitlines()] == ["make demo", "make test"]


def test_the_package_links_to_every_folder_of_code_and_to_the_parameters() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"rind"}
    linked = {path.name: path.resolve() for path in (ROOT / "rind").iterdir() if path.is_symlink()}
    assert linked == {name: ROOT / name for name in (*folders, "params.yaml")}
