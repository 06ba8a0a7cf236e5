from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import rind
from rind.common.errors import RindError, UsageError


def test_importing_rind_loads_no_heavy_library_and_names_what_it_offers() -> None:
    heavy = "{'pandas', 'numpy', 'ibis', 'duckdb', 'lightgbm', 'sklearn', 'mlflow', 'shap', 'matplotlib', 'typer'}"
    code = f"import sys, rind; print(sorted({heavy} & set(sys.modules)), set(rind.__all__) <= set(dir(rind)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] True"


def test_all_that_rind_names_is_there() -> None:
    assert all(callable(getattr(rind, name)) for name in rind.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = rind.nothing


def test_a_folder_without_results_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no results"):
        rind.results(tmp_path)


@pytest.mark.parametrize("url", ["postgres://me:geheim@host", "postgres://me@host/db?password=geheim"])
def test_no_password_stands_in_the_name_of_a_source(url: str) -> None:
    with rind.open_source(url) as source:
        assert "geheim" not in str(source.params.record()["source"])
        assert "geheim" not in source.params.source.title


def test_a_part_that_is_missing_this_week_is_refused_with_its_reason(tmp_path: Path) -> None:
    record = {"as_of": "2026-06-28", "parts_missing": {"true_north": "OSError: disk"}, "manifest": {}}
    (tmp_path / "run.json").write_text(json.dumps(record))
    results = rind.results(tmp_path)
    with pytest.raises(RindError, match=r"no true_north\.json") as caught:
        _ = results.true_north
    assert caught.value.hint == "OSError: disk"
