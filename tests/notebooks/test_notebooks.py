from __future__ import annotations

import ast
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import nbformat
import pandas as pd
import pytest
from moment_company import QUICK, company
from nbclient import NotebookClient

from rind.common.files import write_json
from rind.models.moments.discovery import find
from rind.reports.moment_review import NONE
from rind.reports.moment_text import true_north_record

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def texts(notebook: nbformat.NotebookNode) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(o.get("text", "") + str(o.get("data", {}).get("text/plain", "")) for o in outputs)


def pictures(notebook: nbformat.NotebookNode) -> int:
    return sum("image/png" in o.get("data", {}) for cell in notebook.cells for o in cell.get("outputs", ()))


def executed(path: Path, run: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    monkeypatch.setenv("RIND_DIR", str(run))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []
    return notebook


def test_the_three_notebooks_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["explain_a_moment", "explore_features", "review_retraining"]


@contextmanager
def jupyter_lab(folder: Path) -> Iterator[str]:
    """JupyterLab on the notebooks, started as a person does; its address. All that it writes lies in ``folder``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}",
               "--ServerApp.port_retries=0", "--IdentityProvider.token=t", f"--ServerApp.root_dir={FOLDER}",
               f"--LabApp.workspaces_dir={folder}", f"--LabApp.user_settings_dir={folder}"]  # fmt: skip
    homes = {name: str(folder) for name in ("HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=os.environ | homes, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def opened(address: str) -> bytes:
    """What JupyterLab answers, waited for while it starts."""
    request = Request(address, headers={"Authorization": "token t"})
    for _ in range(240):
        with suppress(URLError), urlopen(request, timeout=30) as answer:
            return bytes(answer.read())
        time.sleep(0.5)
    raise AssertionError(f"{address} does not answer")


@pytest.mark.bench  # it guards an extra that changes with the lock alone; the notebooks themselves run below
def test_jupyter_lab_starts_and_has_the_notebooks_and_the_kernel_that_they_name(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab", reason="the extra `notebooks` is not installed")
    with jupyter_lab(tmp_path) as address:
        listed = json.loads(opened(f"{address}/api/contents"))["content"]
        assert {path.name for path in NOTEBOOKS} <= {row["name"] for row in listed}
        kernels = json.loads(opened(f"{address}/api/kernelspecs"))["kernelspecs"]
        for path in NOTEBOOKS:
            assert nbformat.read(path, as_version=4).metadata.kernelspec.name in kernels
        assert b"JupyterLab" in opened(f"{address}/lab/tree/{NOTEBOOKS[0].name}")


@every_notebook
def test_no_outputs_are_stored(path: Path) -> None:
    for cell in code(path):
        assert not cell.outputs
        assert cell.execution_count is None


@every_notebook
def test_results_are_read_through_the_python_door(path: Path) -> None:
    imported = [line for cell in code(path) for line in cell.source.splitlines() if line.startswith(("import", "from"))]
    assert "import rind" in imported
    assert [line for line in imported if "rind.pipelines" in line or "rind.features" in line] == []


@every_notebook
def test_no_logic_is_defined(path: Path) -> None:
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While)
    for cell in code(path):
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, defining)]


@pytest.mark.parametrize("name", ["explore_features", "review_retraining"])
def test_it_runs_from_top_to_bottom_and_complains_of_nothing(
    name: str, small_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    notebook = executed(FOLDER / f"{name}.ipynb", small_run / "results", tmp_path, monkeypatch)
    assert pictures(notebook) >= 4


def a_run(folder: Path, lift: float) -> Path:
    """As much of a run as the notebook about moments reads."""
    moments = find(*company(0, accounts=1500 if lift else 300, lift=lift), QUICK, seed=7)
    write_json(folder / "moments.json", moments.pop("details"))
    write_json(folder / "true_north.json", true_north_record(moments))
    write_json(folder / "run.json", {})
    pd.DataFrame({"segment": ["a"], "status": ["at risk"]}).to_parquet(folder / "adoption.parquet")
    return folder


def test_a_moment_is_explained_by_its_grid_its_curves_and_its_cohorts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    notebook = executed(FOLDER / "explain_a_moment.ipynb", a_run(tmp_path, 2.0), tmp_path, monkeypatch)
    assert pictures(notebook) == 3
    assert "uses of f2 in the first 30 days: confirmed on later cohorts" in texts(notebook)


def test_a_run_without_any_moment_is_explained_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    notebook = executed(FOLDER / "explain_a_moment.ipynb", a_run(tmp_path, 0.0), tmp_path, monkeypatch)
    assert pictures(notebook) == 0
    assert "Every early behaviour is watched" in texts(notebook)
    assert texts(notebook).count(NONE) == 4  # instead of the moment and of each of its charts


def test_the_moments_of_a_whole_run_are_explained(
    small_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    notebook = executed(FOLDER / "explain_a_moment.ipynb", small_run / "results", tmp_path, monkeypatch)
    found = json.loads((small_run / "results/true_north.json").read_text())
    assert found["words"].split(". ")[0] in texts(notebook)
