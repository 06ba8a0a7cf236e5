"""The schedulers' files: what they call exists, and each is loaded by its own library (`make bench`)."""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from rind.common.errors import EXIT_CODES
from rind.pipelines.cli.app import app
from tests.deploy.dockerfile import ROOT

SCHEDULERS = ROOT / "deploy/schedulers"
AIRFLOW, DAGSTER = SCHEDULERS / "airflow_dag.py", SCHEDULERS / "dagster_job.py"
GITHUB = SCHEDULERS / "github_actions.yaml"
CHECKER = Path(sys.executable).with_name("check-jsonschema")
COMMANDS = typer.main.get_group(app).commands
PLACES = os.environ.get("RIND_SCHEDULERS", "")
"""A folder with an environment for each library (airflow/, dagster/): `python -m venv`, `pip install`; in no lock."""


def constants(path: Path) -> dict[str, object]:
    """The values in capitals of a module, which is not imported."""
    tree = ast.parse(path.read_text())
    pairs = [(node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign)]
    return {name.id: value.value for name, value in pairs
            if isinstance(name, ast.Name) and isinstance(value, ast.Constant)}  # fmt: skip


def written(part: ast.expr, values: dict[str, object]) -> str:
    """A part of an f-string: its letters, or the value of the name in capitals between its braces."""
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
        return str(values[part.value.id])
    assert isinstance(part, ast.Constant)
    return str(part.value)


def test_all_of_them_start_on_monday_morning_and_let_a_week_go_on_without_a_part() -> None:
    for path in (AIRFLOW, DAGSTER):
        assert constants(path)["MONDAY"] == "15 5 * * 1"
    assert constants(DAGSTER)["PART_MISSING"] == 8
    assert constants(AIRFLOW)["OR_A_PART_IS_MISSING"] == "|| [ $? -eq 8 ]"
    assert "missing" in EXIT_CODES[8]


def test_the_commands_of_the_dag_and_of_the_job_exist_with_their_options() -> None:
    values = constants(AIRFLOW)
    texts = [node for node in ast.walk(ast.parse(AIRFLOW.read_text())) if isinstance(node, ast.JoinedStr)]
    lines = ["".join(written(part, values) for part in text.values) for text in texts]
    called = [shlex.split(line.partition("||")[0])[1:] for line in lines]
    calls = [n for n in ast.walk(ast.parse(DAGSTER.read_text())) if isinstance(n, ast.Call)]
    called += [[a.value for a in n.args if isinstance(a, ast.Constant)] + ["--params"]
               for n in calls if isinstance(n.func, ast.Name) and n.func.id == "call"]  # fmt: skip
    assert [words[0] for words in called] == ["run", "publish", "deliver"] * 2
    for words in called:
        known = {name for option in COMMANDS[words[0]].params for name in option.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_workflow_keeps_customers_data_on_a_runner_of_ones_own_and_secrets_out_of_the_file() -> None:
    workflow = yaml.safe_load(GITHUB.read_text())
    [job] = workflow["jobs"].values()
    assert "self-hosted" in job["runs-on"]
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    secrets = job["steps"][-1]["env"]
    assert {value for name, value in secrets.items() if value != f"${{{{ secrets.{name} }}}}"} == set()


def test_the_workflow_follows_the_schema_of_workflows() -> None:
    if not CHECKER.exists():
        pytest.skip("check-jsonschema is not installed: pip install -e .[lint]")
    command = [CHECKER, "--builtin-schema", "vendor.github-workflows", GITHUB]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (8, 0), (3, 3), (7, 7)])
def test_the_step_of_the_workflow_is_red_only_where_there_is_no_list_or_a_mail_waits(
    tmp_path: Path, code: int, ends: int
) -> None:
    (tmp_path / "rind-week").write_text(f"#!/bin/sh\nexit {code}\n")
    (tmp_path / "rind-week").chmod(0o755)
    step = yaml.safe_load(GITHUB.read_text())["jobs"]["week"]["steps"][-1]["run"]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert subprocess.run(["bash", "-e", "-c", step], env=path, capture_output=True, check=False).returncode == ends


def of_library(name: str) -> Path:
    """The Python of an environment that holds the library, or a reason to skip."""
    python = Path(PLACES) / name / "bin/python"
    if not PLACES or not python.exists():
        pytest.skip(f"RIND_SCHEDULERS names no folder with an environment {name}/")
    return python


@pytest.mark.bench
def test_airflow_loads_the_dag(tmp_path: Path) -> None:
    code = f"""
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({str(SCHEDULERS)!r})
assert not bag.import_errors, bag.import_errors
dag = bag.dags["rind_week"]
print([task.task_id for task in dag.topological_sort()], dag.max_active_runs, dag.catchup)
"""
    variables = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    assert printed("airflow", code, variables) == "['run', 'publish', 'deliver'] 1 False"


@pytest.mark.bench
def test_dagster_loads_the_job_and_goes_on_without_a_part_and_ends_where_a_run_fails(tmp_path: Path) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(SCHEDULERS)!r})
import dagster_job as loaded
loaded.defs.resolve_job_def("rind_week")
def outcome(code):
    rind = {str(tmp_path)!r} + "/rind"
    open(rind, "w").write(f"#!/bin/sh\\n[ $1 = run ] && exit {{code}}; exit 0\\n")
    import os; os.chmod(rind, 0o755)
    loaded.RIND = rind
    return loaded.rind_week.execute_in_process(raise_on_error=False).success
[schedule] = loaded.defs.schedules
print(schedule.cron_schedule, outcome(0), outcome(8))
"""
    assert printed("dagster", code, {"DAGSTER_HOME": str(tmp_path)}) == "15 5 * * 1 True True"


def printed(library: str, code: str, variables: dict[str, str]) -> str:
    """The last line that a program prints in the environment of a library."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run([of_library(library), "-c", code], env=clean | variables, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]
