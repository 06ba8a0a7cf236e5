from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_the_two_notebooks_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["explore_features", "review_retraining"]


@every_notebook
def test_no_outputs_are_stored(path: Path) -> None:
    for cell in code(path):
        assert not cell.outputs
        assert cell.execution_count is None


@every_notebook
def test_no_logic_is_defined(path: Path) -> None:
    defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While)
    for cell in code(path):
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, defining)]


@every_notebook
def test_it_runs_from_top_to_bottom_and_complains_of_nothing(
    path: Path, small_run: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RIND_DIR", str(small_run / "results"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []
    assert sum("image/png" in o.get("data", {}) for o in outputs) >= 4
