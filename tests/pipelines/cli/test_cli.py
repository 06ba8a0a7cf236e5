from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from rind.features.mapping.registry import system_names
from rind.pipelines.cli.app import app
from rind.pipelines.runner import door
from rind.serving.deliver.channels import CHANNELS
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


def test_the_version_is_that_of_the_package() -> None:
    done = run(app, ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"rind {version('rind')}\n")


@pytest.mark.parametrize("command", ALL)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = run(app, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert re.search(rf"Examples?:\s+(\w+=\.\.\. )?rind {command}", done.stdout)


@pytest.mark.parametrize(("command", "names"), [("map", system_names()), ("deliver", tuple(CHANNELS))])
def test_the_help_names_every_system_and_every_channel(command: str, names: tuple[str, ...]) -> None:
    words = set(re.findall(r"\w+", run(app, [command, "--help"]).stdout))
    assert set(names) <= words


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
    ("arguments", "code", "printed"),
    [
        (["run"], 2, "Missing option"),
        (["run", "--source", "nowhere", "--out", "{out}"], 3, "cannot open the source nowhere"),
        (["run", "--source", "ftp://x/y", "--out", "{out}"], 3, "scheme"),
        (["run", "--source", "{source}", "--out", "{out}", "--set", "labels.horizon=3"], 2, "no parameter"),
        (["run", "--source", "{source}", "--out", "{out}", "--as-of", "yesterday"], 2, "--as-of"),
        (["run", "--source", "{source}", "--out", "{out}", "--as-of", "2099-01-01"], 2, "lies in the future"),
        (["run", "--source", "{source}", "--out", "{file}"], 2, "is a file"),
        (["validate", "--source", "{source}", "--data-end", "2024-02-01"], 4, "2024-02-01"),
        (["validate", "--source", "{source}", "--params", "absent.yaml"], 2, "cannot read the parameters"),
        (["demo", "--out", "{out}", "--scenario", "rosy"], 2, "there is no scenario 'rosy'"),
        (["features", "--family", "weather"], 2, "there is no family 'weather'"),
        (["demo", "--out", "{out}", "--accounts", "3"], 2, "--accounts"),
    ],
)
def test_what_is_wrong_is_said_with_an_exit_code_for_scripts_and_no_output(
    source: str, tmp_path: Path, arguments: list[str], code: int, printed: str
) -> None:
    out, file = tmp_path / "out", tmp_path / "file"
    file.touch()
    done = run(app, [a.format(source=source, out=out, file=file) for a in arguments])
    text = " ".join(done.output.split())
    assert (done.exit_code, printed in text) == (code, True), done.output
    assert "Traceback" not in done.output
    left = {p.name for p in out.rglob("*") if p.is_file() and "mlruns" not in p.parts}
    assert left <= {"lock", "last_run.json"}, "no results: who holds the folder, and how the run ended, for monitors"


@pytest.mark.parametrize(("more", "code"), [([], 5), (["--data-end", "2024-02-01"], 4)])
def test_too_little_history_has_its_own_exit_code_unless_other_rules_are_broken_too(
    source: str, tmp_path: Path, more: list[str], code: int
) -> None:
    short = ["--source", source, "--set", "snapshots.history_days=30", *more]
    for command in (["run", "--out", str(tmp_path / "out")], ["validate"]):
        done = run(app, [*command, *short])
        assert done.exit_code == code
        assert "too little history" in done.output


@pytest.mark.parametrize("content", ["[]", "{", '{"as_of": "2026-06-29"}'])
def test_tune_health_on_a_broken_record_of_a_run_says_which_file_it_is(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    done = run(app, ["tune-health", "--dir", str(tmp_path)])
    assert done.exit_code == 2
    assert f"{tmp_path}/run.json" in "".join(done.output.split())
    assert "unexpected" not in done.output


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


SECRET = "ge4heim"


@pytest.mark.parametrize("argument", [
    f"postgres://me:{SECRET}@host/db", f"postgresql://me:{SECRET}@host/db", f"snowflake://me:{SECRET}@account/db",
    f"postgres://host/db?user=me&password={SECRET}", f"duckdb:///file.db?token={SECRET}",
    f"results_store.url=postgres://me:{SECRET}@host/db", f"--source=postgres://me:{SECRET}@host/db",
    f"postgres://host/db?sslpassword={SECRET}",
])  # fmt: skip
def test_a_password_on_the_command_line_is_said_to_be_seen_by_all_and_never_repeated(
    argument: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["rind", "run", "--source", argument, "--out", "results"])
    with door(Console(stderr=True, width=500), verbose=False):
        pass
    printed = capsys.readouterr().err
    assert "shows in `ps`" in printed
    assert "RIND_SOURCE" in printed
    assert SECRET not in printed


def test_without_a_password_nothing_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["rind", "run", "--source", "postgres://me@host/db", "--set", "seed=3"])
    with door(Console(stderr=True), verbose=False):
        pass
    assert capsys.readouterr().err == ""


def test_the_address_of_a_source_may_come_from_the_environment_which_nobody_else_sees(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    for command in ("validate", "profile"):
        done = run(app, [command], env={"RIND_SOURCE": missing})
        assert done.exit_code == 3
        assert missing in done.output.replace("\n", "")
    done = run(app, ["publish", "--dir", str(tmp_path)], env={"RIND_STORE": f"mysql://me:{SECRET}@host/db"})
    assert done.exit_code != 0
    assert SECRET not in done.output
