"""A second run into the same folder, of a company that has lost two of its tables since."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK_RUN
from typer.testing import CliRunner

from rind.common.facts.promotion import Ground, Verdict
from rind.common.files import write_json
from rind.common.results import TOP_LEVEL as RESULTS
from rind.pipelines import cohorts, tracking
from rind.pipelines.cli.app import app
from rind.pipelines.live_scorer import live_scorer
from rind.pipelines.params import load
from rind.pipelines.stages import promote
from rind.pipelines.workspace import Workspace, of_run

GONE = ("tickets", "surveys")
MANY_FLAGS = ("watermelons.capacity=0.4", "watermelons.fewest_departed=1000")
"""So that there are watermelons, skill or not."""

SETTINGS = load().tracking


def rind_run(source: Path, out: Path, *more: str) -> dict[str, Any]:
    settings = [*(part for key in (*QUICK_RUN, *MANY_FLAGS) for part in ("--set", key)), *more]
    done = CliRunner().invoke(app, ["run", "--source", str(source), "--out", str(out), "--verbose", *settings])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads((out / "run.json").read_text())
    return found


@pytest.fixture(scope="module")
def twice(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    folder = tmp_path_factory.mktemp("twice")
    shutil.copytree(small_run / "source", folder / "source")
    first = rind_run(folder / "source", folder / "out")
    for name in GONE:
        (folder / f"source/{name}.parquet").unlink()
    return folder / "out", first, rind_run(folder / "source", folder / "out")


def test_the_second_model_is_a_challenger_and_the_first_stays_champion(twice: Any) -> None:
    out, first, second = twice
    assert (first["mlflow"]["version"], first["mlflow"]["alias"]) == ("1", "champion")
    assert (second["mlflow"]["version"], second["mlflow"]["alias"]) == ("2", "challenger")
    with tracking.store(Workspace(out, out / "mlruns"), SETTINGS):
        aliases = mlflow.MlflowClient().get_registered_model("churn-60d").aliases
    assert {alias: str(version) for alias, version in aliases.items()} == {"champion": "1", "challenger": "2"}


def test_a_run_of_a_past_date_leaves_the_champions_of_today(small_run: Path, twice: Any, tmp_path: Path) -> None:
    """Its backtest shares no date with theirs: it reports one only, which is off their grid."""
    out, *_ = twice
    folder = tmp_path / "past"
    shutil.copytree(out / "mlruns", folder / "mlruns")
    past = rind_run(small_run / "source", folder, "--as-of", "2025-08-06", "--set", "backtest.days=1")
    assert past["mlflow"]["alias"] == "challenger"
    assert "after this run's date 2025-08-06" in past["mlflow"]["verdict"]
    assert past["scored_by"]["version"] == past["mlflow"]["version"], "today's champion has seen its future"
    with tracking.store(Workspace(folder, folder / "mlruns"), SETTINGS) as store:
        assert tracking.aliases(store, "churn-60d")["champion"] == "1"
        assert tracking.aliases(store, "churn-adoption-365d").get("champion") in ("1", None)


def test_a_folder_that_was_copied_and_moved_goes_on_with_its_champion_and_serves_its_score(
    small_run: Path, twice: Any, tmp_path: Path
) -> None:
    """The original is hidden meanwhile: nothing may be read from it, or written to it."""
    out, *_ = twice
    shutil.copytree(out, tmp_path / "copy", symlinks=True)
    moved = (tmp_path / "copy").rename(tmp_path / "moved")
    hidden = out.rename(out.with_name("hidden"))
    try:
        third = rind_run(small_run / "source", moved)
        load_model = live_scorer(of_run(moved), SETTINGS)
        week: Any = SimpleNamespace(document=lambda name: json.loads((moved / f"{name}.json").read_text()))
        features = pd.read_parquet(moved / "features.parquet")
        now = features[features["as_of"] == features["as_of"].max()]
        scores, _ = load_model(week).score(now, explain=False)
        assert not out.exists()
    finally:
        hidden.rename(out)
    assert (third["mlflow"]["version"], third["mlflow"]["judged_against"]) == ("3", "1")
    assert third["scored_by"]["version"] == "1"
    listed = pd.read_parquet(moved / "risk_list.parquet").set_index("account_id")["churn_probability"]
    assert dict(zip(now["account_id"], scores["churn_probability"], strict=True)) == pytest.approx(dict(listed))


def test_every_run_of_a_week_that_stands_is_published(twice: Any) -> None:
    out, *_ = twice
    with tracking.store(Workspace(out, out / "mlruns"), SETTINGS) as store:
        names = [experiment.name for experiment in store.search_experiments() if experiment.name != "Default"]
        runs = store.search_runs(experiment_names=names, output_format="list")
    models = json.loads((out / "adoption_metrics.json").read_text()) != {}
    assert len(runs) == 2 * (2 + models)
    assert {(run.info.status, run.data.tags["published"]) for run in runs} == {("FINISHED", "true")}


def test_a_run_that_fails_after_its_model_is_registered_leaves_the_aliases_and_the_results(
    twice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, *_ = twice
    before = (out / "run.json").read_text()
    better = Verdict(True, Ground.MEASURED)
    monkeypatch.setattr("rind.pipelines.stages.register.judge", lambda *_: better)

    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("rind.pipelines.stages.report.write_workbook", full)
    settings = [part for key in QUICK_RUN for part in ("--set", key)]
    source = out.with_name("source")
    done = CliRunner().invoke(app, ["run", "--source", str(source), "--out", str(out), *settings])
    assert done.exit_code == 1
    assert "a disk is full" in done.output
    with tracking.store(Workspace(out, out / "mlruns"), SETTINGS) as store:
        assert tracking.aliases(store, "churn-60d") == {"champion": "1", "challenger": "2"}
        made = mlflow.MlflowClient().get_model_version("churn-60d", "3")
        assert store.get_run(made.run_id).data.tags["published"] == "false"
        assert "3" not in tracking.versions(store, "churn-60d").index.astype("str")
        moments = tracking.moments_experiment(load().model.experiment)
        newest = store.search_runs(experiment_names=[moments], output_format="list", max_results=1)
        assert newest[0].data.tags["published"] == "false", "no later week takes it for its past"
    assert (out / "run.json").read_text() == before
    assert sorted(p.name for p in out.iterdir()) == sorted({*RESULTS, ".rind", "mlruns"} - {"set_aside"})


@pytest.mark.parametrize(
    ("alias", "version", "against", "moved"),
    [
        ("champion", "2", "1", True), ("champion", "1", None, True), ("champion", "2", None, False),
        ("challenger", "1", "1", False), ("challenger", "2", "1", True),
    ],
)  # fmt: skip
def test_an_alias_that_another_run_has_moved_since_stays_there(
    twice: Any, tmp_path: Path, alias: str, version: str, against: str | None, moved: bool
) -> None:
    out, *_ = twice
    shutil.copytree(out / "mlruns", tmp_path / "mlruns")
    space = Workspace(tmp_path, tmp_path / "mlruns")
    given = {"name": "churn-60d", "version": version, "alias": alias}
    with tracking.store(space, SETTINGS) as store:
        run_id = store.MlflowClient().get_model_version("churn-60d", version).run_id
    write_json(space.registered, given | {"judged_against": against, "run_id": run_id})
    promote.run(space, load(), lambda _: None)
    assert json.loads(space.promoted.read_text()) == given | {"moved": moved}
    with tracking.store(space, SETTINGS) as store:
        found = tracking.aliases(store, "churn-60d")
    before = {"champion": "1", "challenger": "2"}
    after = {"champion": "2"} if version == "2" else {"champion": "1"}
    assert found == (after if moved and alias == "champion" else before)


def test_a_challenger_that_becomes_champion_is_challenger_no_more(twice: Any) -> None:
    out, *_ = twice
    with tracking.store(Workspace(out, out / "mlruns"), SETTINGS) as store:
        try:
            tracking.set_alias(store, "churn-60d", "champion", "2")
            aliases = mlflow.MlflowClient().get_registered_model("churn-60d").aliases
            assert {alias: str(version) for alias, version in aliases.items()} == {"champion": "2"}
        finally:
            tracking.set_alias(store, "churn-60d", "champion", "1")
            tracking.set_alias(store, "churn-60d", "challenger", "2")


def test_the_thresholds_are_of_the_version_that_scored_though_another_is_champion_since(
    twice: Any, tmp_path: Path
) -> None:
    out, *_ = twice
    shutil.copytree(out / "mlruns", tmp_path / "mlruns")
    space = Workspace(tmp_path, tmp_path / "mlruns")
    write_json(space.registered, {"name": "churn-60d", "version": "3"})
    pd.DataFrame({"model_version": ["1"]}).to_parquet(space.scores)
    with tracking.store(space, SETTINGS) as store:
        tracking.set_alias(store, "churn-60d", "champion", "2")
        first, second = (tracking.artifact_of(store, "churn-60d", n, "backtest.parquet") for n in "12")
        assert tracking.artifact_of(store, "churn-60d", "9", "backtest.parquet") is None
    found = cohorts.own_history(space, SETTINGS)["churn_probability"]
    assert first is not None
    assert second is not None
    assert found.equals(first["churn_probability"])
    assert not found.equals(second["churn_probability"])


def test_the_results_are_those_of_the_second_run_and_nothing_is_left_over(twice: Any) -> None:
    out, _, second = twice
    assert sorted(p.name for p in out.iterdir()) == sorted({*RESULTS, ".rind", "mlruns"} - {"set_aside"})
    assert set(second["absent_tables"]) == {
        *GONE,
        "costs",
        "rates",
    }  # the demo has none of these
    assert set(second["families_left_out"]) == set(GONE)
    assert not [c for c in pd.read_parquet(out / "features.parquet").columns if c.startswith(GONE)]


def test_the_list_says_outside_and_inside_of_each_watermelon_and_only_of_those(twice: Any) -> None:
    out, *_ = twice
    listed = pd.read_parquet(out / "risk_list.parquet")
    melons = listed["watermelon"]
    assert 2 <= melons.sum() < len(listed)
    assert (listed.loc[melons, "health_band"] == "green").all()
    assert listed.loc[melons, "watermelon_outside"].str.startswith("Outside green: ").all()
    assert listed.loc[melons, "watermelon_inside"].str.match("Inside (red|amber|riskier than it looks): ").all()
    words = listed[["watermelon_outside", "watermelon_inside"]]
    assert (words[~melons] == "").all(axis=None)
    assert not words.apply(lambda c: c.str.contains(r"__|\bnan\b|rind|health_")).any(axis=None)


def test_the_list_is_scored_and_explained_by_the_champion_which_knows_the_lost_tables(twice: Any) -> None:
    out, *_ = twice
    listed, explanations = (pd.read_parquet(out / f"{name}.parquet") for name in ("risk_list", "explanations"))
    accounts = explanations.groupby("account_id")
    margin = accounts["margin"].first()
    assert np.abs(accounts["shap_value"].sum() + accounts["base_value"].first() - margin).max() < 1e-6
    found = listed.set_index("account_id")["churn_probability"]
    assert found.to_numpy() == pytest.approx((1 / (1 + np.exp(-margin)))[found.index].to_numpy(), abs=1e-6)
    of_lost = explanations[explanations["family"].isin(GONE)]
    assert len(of_lost)
    assert of_lost["value"].isna().all()
    text = listed[["reason_1", "reason_2", "reason_3"]].astype("str")
    assert not text.apply(lambda c: c.str.contains(r"__|\bnan\b")).any(axis=None)
