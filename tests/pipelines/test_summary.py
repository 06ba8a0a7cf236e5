from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from rind.common.errors import UsageError
from rind.pipelines.summary import show


def shown(out: Path) -> str:
    text = StringIO()
    show(out, Console(file=text, width=400, force_terminal=True, color_system=None))
    return text.getvalue()


def test_the_address_of_the_mlflow_store_is_in_run_json_from_its_folder_and_printed_from_anywhere(
    small_run: Path, tmp_path: Path
) -> None:
    assert json.loads((small_run / "results/run.json").read_text())["mlflow"]["store"] == "sqlite:///mlruns/mlflow.db"
    assert (small_run / "results/mlruns/mlflow.db").exists()
    moved = tmp_path / "moved"
    moved.symlink_to(small_run / "results")
    assert f"sqlite:///{(small_run / 'results').resolve()}/mlruns/mlflow.db" in shown(moved)


def test_a_broken_record_of_the_run_is_named_before_anything_is_printed(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(UsageError, match=r"run\.json holds no JSON object"):
        shown(tmp_path)


def test_the_riskiest_stand_in_the_words_and_units_of_the_pages_and_the_command_that_opens_these_follows(
    small_run: Path,
) -> None:
    first = pd.read_parquet(small_run / "results/risk_list.parquet").iloc[0]
    printed = shown(small_run / "results")
    assert "ARR" in printed
    assert "MRR" not in printed
    row = next(line for line in printed.splitlines() if first["name"] in line)
    assert f" {12 * first['mrr']:,.0f} " in row
    assert f" {round(100 * first['churn_probability'])} % " in row
    assert f"rind serve --dir {small_run / 'results'} --demo" in printed


@pytest.mark.parametrize("name", ["[/bold] & Sons", "[red]Crimson Ltd", "Müller, Söhne 株式会社"])
def test_a_name_is_printed_as_it_is_whatever_brackets_it_and_the_folder_hold(
    small_run: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "[bold]out"
    out.mkdir()
    for file in ("metrics.json", "run.json", "validation.json"):
        shutil.copy(small_run / "results" / file, out)
    listed = pd.read_parquet(small_run / "results/risk_list.parquet")
    listed.assign(name=name, segment=None, health_score=None).to_parquet(out / "risk_list.parquet")
    printed = shown(out)
    assert printed.count(name) == 10
    assert str(out / "risk_list.html") in printed
