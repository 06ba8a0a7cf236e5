"""The flow: dvc.yaml is generated from it, and touching one thing runs it and what follows, nothing else."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml

from rind.common.results import RESULTS, public_paths
from rind.features.families import FAMILIES
from rind.features.tables import TABLES
from rind.pipelines.flow import FLOW, SOURCE, STAGES, WEEKLY, dvc_yaml, needed_by
from rind.pipelines.flow_stage import Stage
from rind.pipelines.params import AFTER_A_RUN, load
from rind.pipelines.results_page import results_page
from rind.pipelines.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
WRITTEN: dict[str, dict[str, Any]] = yaml.safe_load(dvc_yaml())["stages"]


def files(stage: str, kind: str) -> list[str]:
    return [next(iter(e)) if isinstance(e, dict) else e for e in WRITTEN[stage].get(kind, ())]


def outputs(stage: str) -> set[str]:
    return {file for kind in ("outs", "metrics", "plots") for file in files(stage, kind)}


def run_again(*touched: str, parameter: str = "") -> set[str]:
    """The stages that a change of these files, or of a parameter, makes run, if each changes what it writes."""
    stale, changed = {s for s in WRITTEN if watches(s, parameter)}, set(touched)
    changed |= {file for stage in stale for file in outputs(stage)}
    while more := {s for s in WRITTEN if s not in stale and touches(files(s, "deps"), changed)}:
        stale |= more
        changed |= {file for stage in more for file in outputs(stage)}
    return stale


def watches(stage: str, parameter: str) -> bool:
    """Whether DVC compares the parameter, or the section that holds it, before it skips the stage."""
    return any(parameter == w or parameter.startswith(f"{w}.") for w in WRITTEN[stage].get("params", ()))


def touches(dependencies: list[str], changed: set[str]) -> bool:
    return any(d == c or d.startswith(f"{c}/") or c.startswith(f"{d}/") for d in dependencies for c in changed)


def test_the_committed_dvc_yaml_is_the_generated_one() -> None:
    assert (ROOT / "dvc.yaml").read_text() == dvc_yaml(), "write it again: python -m rind.pipelines.flow"


def test_the_committed_page_of_results_is_the_generated_one() -> None:
    assert (ROOT / "docs/results.md").read_text() == results_page(), "write it again: python -m rind.pipelines.flow"


def test_all_that_a_stage_reads_is_made_by_an_earlier_one_or_lies_in_the_project() -> None:
    made: set[str] = set()
    for stage in WRITTEN:
        for dependency in files(stage, "deps"):
            in_project = dependency == SOURCE or (ROOT / dependency).is_file()
            assert touches([dependency], made) if dependency.startswith("data/") else in_project, dependency
        made |= outputs(stage)


def test_every_result_is_made_by_one_stage_and_every_other_place_is_read_by_a_later_one() -> None:
    assert {result.made_by for result in RESULTS.values()} <= set(STAGES)
    read = {name for stage in FLOW for name in stage.reads} | {"tables"}
    unread = {name for name, result in RESULTS.items() if not result.public} - read
    assert unread == {"demo", "truth", "adoption_model", "promoted"}  # the source itself; ends of the flow
    assert len(set(public_paths())) == len(public_paths())
    assert public_paths()[-1] == "run.json"


def test_the_manifest_comes_after_every_other_result_since_it_tells_a_server_which_files_are_of_one_week() -> None:
    known = {RESULTS[name].path for name in STAGES["manifest"].reads}
    assert set(public_paths()) - known == {"run.json"}
    assert [stage.name for stage in WEEKLY][-2:] == ["manifest", "promote"]
    assert [stage.name for stage in WEEKLY if stage.after_publishing] == ["promote"]


def test_every_parameter_that_a_stage_names_exists_and_every_section_is_used() -> None:
    values = load().model_dump()
    named = {parameter for stage in FLOW for parameter in stage.parameters}
    for name in named:
        section: Any = values
        for key in name.split("."):
            section = section[key]
    assert set(values) - {name.split(".")[0] for name in named} == set(AFTER_A_RUN)


def test_a_stage_can_neither_read_a_place_nor_use_a_parameter_that_it_does_not_declare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a declared stage really gets: seen by running one in its place."""
    seen: list[tuple[Workspace, Any]] = []

    class Spy:
        @staticmethod
        def run(space: Workspace, params: Any, _: Any) -> None:
            seen.append((space, params))

    monkeypatch.setattr("rind.pipelines.flow_stage.import_module", lambda _: Spy)
    STAGES["score"].run(Workspace(tmp_path, tmp_path), load(), lambda _: None)
    [(space, params)] = seen
    assert space.features == tmp_path / "features.parquet"
    assert space.scores == tmp_path / "scores.parquet"
    with pytest.raises(AttributeError, match="score uses 'labels' and does not declare it"):
        _ = space.labels
    with pytest.raises(AttributeError, match="seed"):
        _ = params.seed
    with pytest.raises(AttributeError, match="does not build the family usage"):
        space.only("features_tickets", (), "tickets").family("usage")


@pytest.mark.parametrize("stage", FLOW, ids=lambda stage: stage.name)
def test_a_stage_declares_no_more_than_its_code_names(stage: Stage) -> None:
    """Undeclared use fails when the stage runs; here, that nothing is declared for no use."""
    helpers = [d for d in files(stage.name, "deps") if d.startswith("pipelines/")]
    text = "".join((ROOT / path).read_text() for path in helpers)
    unused = [n for n in stage.reads if f"space.{n}" not in text and not n.startswith("plot_")]
    assert unused == [] or stage.name in ("manifest", "promote")  # promote only waits for run.json
    sections = {parameter.split(".")[0] for parameter in stage.parameters}
    assert [s for s in sections if f"params.{s}" not in text] == [] or stage.name == "manifest"


@pytest.mark.parametrize("name", FAMILIES)
def test_touching_a_family_runs_it_and_what_follows_not_the_other_families(name: str) -> None:
    stale = run_again(f"features/families/{name}.py")
    assert {s for s in stale if s.startswith("features_")} == {f"features_{name}"}
    assert stale & {"demo", "validate", "snapshots", "labels", "early_behaviour", "true_north"} == set()
    assert {"matrix", "search", "backtest", "score", "risk_list", "report", "manifest"} <= stale


EVERY_FAMILY = {f"features_{name}" for name in FAMILIES}
AFTER_THE_LIST = {"report", "manifest", "promote"}
READ_THE_LIST = {"ledger", "advocates", "voice"}
AFTER_TRUE_NORTH = {"adoption", "true_north_page", "kpis", "risk_list", *READ_THE_LIST, *AFTER_THE_LIST}


@pytest.mark.parametrize(
    ("touched", "stale"),
    [
        ("reports/templates/risk_list.html.j2", AFTER_THE_LIST),
        ("reports/templates/true_north.html.j2", {"true_north_page", "manifest", "promote"}),
        ("reports/templates/health.html.j2", {"tune_health", "manifest", "promote"}),
        ("reports/page.py", AFTER_THE_LIST),
        ("reports/excel.py", AFTER_THE_LIST),
        ("reports/playbooks.py", {"risk_list", *READ_THE_LIST, *AFTER_THE_LIST}),
        ("models/moments/search.py", {"true_north", *AFTER_TRUE_NORTH}),
        ("models/adoption/model.py", {"adoption", "true_north_page", "manifest", "promote"}),
    ],
)
def test_an_edit_runs_what_shows_it_again_and_trains_nothing_that_it_does_not_touch(
    touched: str, stale: set[str]
) -> None:
    assert (ROOT / touched).is_file()
    assert run_again(touched) == stale


def test_dvc_neither_deletes_nor_takes_from_its_cache_what_a_stage_reads_of_itself() -> None:
    """Else the week that is made again forgets what was published before it, or remembers another past's."""
    kept = {name for name, stage in WRITTEN.items() for out in stage.get("outs", ()) if isinstance(out, dict)}
    assert kept == {"published"}
    assert WRITTEN["published"]["outs"] == [{"data/published.parquet": {"persist": True}}]


def test_an_edit_of_the_health_score_leaves_models_true_north_and_adoption_alone() -> None:
    stale = run_again("models/health/score.py")
    assert {"health", "tune_health", "watermelons", "risk_list"} <= stale
    assert stale & {"search", "backtest", "score", "early_behaviour", "true_north", "adoption"} <= {"score"}


@pytest.mark.parametrize(
    ("helper", "runs", "stays"),
    [
        ("features/asof.py", {"snapshots", "labels", *EVERY_FAMILY, "early_behaviour"}, {"demo"}),
        ("models/common/splits.py", {"search", "backtest"}, {"labels", "matrix", "health", "early_behaviour"}),
        ("models/evaluation/metrics.py", {"evaluate", "register"}, {"search", "backtest", "health", "watermelons"}),
        ("common/bands.py", {"evaluate", "risk_list"}, {"search", "backtest", "true_north", "adoption"}),
        ("features/rules.py", {"validate", "snapshots", "search"}, {"demo"}),
    ],
)
def test_an_edit_of_a_shared_helper_runs_those_that_use_it_and_what_follows(
    helper: str, runs: set[str], stays: set[str]
) -> None:
    stale = run_again(helper)
    assert runs <= stale
    assert stale & stays == set()


def test_an_edit_of_sql_that_mappings_use_reads_the_source_again() -> None:
    assert {"validate", "snapshots", "search", "risk_list"} <= run_again("features/mapping/helpers.sql")


@pytest.mark.parametrize(
    ("parameter", "first", "stays"),
    [
        ("backtest.refit_every_days", {"validate", "search", "backtest"}, {"demo"}),
        ("labels.horizon_days", {"validate", "labels"}, {"demo"}),
        ("model.bags", {"search", "backtest", "true_north"}, {"matrix", "labels", "health", "early_behaviour"}),
        ("health.amber_from", {"health", "watermelons"}, {"search", "backtest", "true_north", "adoption"}),
        ("guards.model.telling_feature.auc", {"guards", "risk_list"}, {"search", "score", "adoption"}),
        ("page.top", {"report", "manifest"}, {"risk_list", "score", "adoption"}),
        ("plugins.families", {"features_plugins", "matrix", "search"}, {*EVERY_FAMILY, "labels", "true_north"}),
    ],
)
def test_a_change_of_a_parameter_runs_those_that_declare_it_and_what_follows(
    parameter: str, first: set[str], stays: set[str]
) -> None:
    stale = run_again(parameter=parameter)
    assert first <= stale
    assert stale & stays == set()


@pytest.mark.parametrize("section", AFTER_A_RUN)
def test_a_change_of_what_is_done_with_the_results_afterwards_runs_nothing(section: str) -> None:
    assert run_again(parameter=section) == set()


def test_an_edit_of_the_code_that_loads_plugins_leaves_the_families_of_rind_alone() -> None:
    stale = run_again("features/plugins.py")
    assert {"features_plugins", "matrix", "search"} <= stale
    assert stale & {*EVERY_FAMILY, "labels"} == set()


def test_a_family_depends_on_the_tables_that_it_needs_or_uses_and_no_other() -> None:
    for name, family in FAMILIES.items():
        tables = {d for d in files(f"features_{name}", "deps") if d.startswith("data/tables/")}
        assert tables == {f"data/tables/{t}.parquet" for t in {*family.NEEDS, *family.USES} if t in TABLES}


def test_every_stage_has_a_run_of_the_same_form() -> None:
    for stage in FLOW:
        module = __import__(stage.module_name, fromlist=["run"])
        assert list(inspect.signature(module.run).parameters)[:3] == ["space", "params", "progress"], stage.name


def test_dvc_itself_reads_the_file() -> None:
    from dvc.repo import Repo

    with Repo(str(ROOT)) as repo:
        assert {stage.name for stage in repo.index.stages} == set(STAGES)


def test_the_numbers_go_on_where_true_north_has_failed_and_a_stage_names_only_what_it_reads() -> None:
    assert needed_by(STAGES["kpis"]) == ()
    assert {"early", "cohorts", "true_north"} <= set(STAGES["kpis"].reads)
    assert [stage.name for stage in FLOW if not set(stage.works_without) <= set(stage.reads)] == []
