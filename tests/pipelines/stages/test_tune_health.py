"""`rind tune-health` on a finished run, and the watermelons' results of the same run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from rind.pipelines.cli.app import app
from rind.pipelines.params import load
from rind.serving.store.folder import FolderStore
from rind.serving.store.results_reader import read_results

START = "health.weights={usage: 60, tickets: 10, contacts: 10, surveys: 10, engagement: 5, commercial: 5}"


@pytest.fixture(scope="module")
def folder(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("tune") / "results"
    shutil.copytree(small_run / "results", copy, ignore=shutil.ignore_patterns("mlruns"))
    return copy


def test_the_command_writes_json_patch_and_page_for_the_weights_that_it_is_given(folder: Path) -> None:
    few = "health.tuning.fewest_departed=2"
    done = CliRunner().invoke(app, ["tune-health", "--dir", str(folder), "--set", START, "--set", few])
    assert done.exit_code == 0, done.output
    found = json.loads((folder / "health_score.json").read_text())
    assert found["current"]["usage"] == 60
    assert sum(found["proposed"].values()) == 100
    bounds = load().health.bounds
    assert all(bounds[f][0] <= w <= bounds[f][1] for f, w in found["proposed"].items())
    assert {"auc", "green_churn_recall"} <= set(found["evidence"]["current"]) & set(found["evidence"]["proposed"])
    assert {"low", "high", "value"} == set(found["evidence"]["difference"]["auc"])
    assert isinstance(found["recommend"], bool)
    assert set(found["shares"]["shap"]) == set(found["current"])
    patch = yaml.safe_load((folder / "health_params.yaml").read_text())
    assert load(folder / "health_params.yaml").health.weights == patch["health"].get("weights", load().health.weights)
    page = (folder / "health_score.html").read_text()
    assert "Weights, today and proposed" in page
    assert len(found["moves"]["most"]) == 20
    assert FolderStore(folder, 0).current().document("health_score") == found  # whoever serves the folder takes it


def test_the_folder_can_be_served_and_published_after_the_command(small_run: Path, folder: Path) -> None:
    given = json.loads((small_run / "results/run.json").read_text())
    run = json.loads((folder / "run.json").read_text())
    changed = {name for name, told in run["manifest"].items() if told != given["manifest"][name]}
    assert changed == {"health_score.json", "health_params.yaml", "health_score.html"}
    assert run | {"manifest": None} == given | {"manifest": None}
    week = FolderStore(folder, 0).current()
    assert week.document("health_score") == json.loads((folder / "health_score.json").read_text())
    assert read_results(folder).as_of == week.as_of


@pytest.mark.parametrize("name", ["family_shap.parquet", "known_labels.parquet"])
def test_a_folder_of_an_older_run_is_refused_in_words(folder: Path, tmp_path: Path, name: str) -> None:
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    (old / name).unlink()
    done = CliRunner().invoke(app, ["tune-health", "--dir", str(old)])
    assert done.exit_code == 2
    assert name in done.output


def test_shap_totals_add_up_to_the_margin_of_their_folds_model(small_run: Path) -> None:
    told = pd.read_parquet(small_run / "results/family_shap.parquet")
    margin = told.filter(regex="^shap_").sum(axis=1)
    history = pd.read_parquet(small_run / "results/backtest.parquet")
    both = history.merge(told.assign(margin=margin), on=["account_id", "as_of"])
    from scipy.special import expit

    assert len(both)
    assert (expit(both["margin"].astype(float)) - both["churn_probability"]).abs().max() < 1e-4


def test_green_churn_is_who_left_and_was_green_on_the_last_date(small_run: Path) -> None:
    gone = pd.read_parquet(small_run / "results/green_churn.parquet")
    history = pd.read_parquet(small_run / "results/backtest.parquet")
    keys = ["account_id", "as_of"]
    last = gone[keys].merge(history, on=keys)
    assert len(last) == len(gone) > 0
    assert (last["health_band"] == "green").all()
    assert (last["churned"] == 1).all()
