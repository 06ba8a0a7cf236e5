"""dvc.yaml says truly what each stage depends on, so that touching one thing runs it and what follows, nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rind.features.families import FAMILIES
from rind.features.tables import TABLES
from rind.pipelines.params import AFTER_A_RUN, load
from rind.pipelines.weekly import stages as weekly_stages
from rind.pipelines.workspace import RESULTS

ROOT = Path(__file__).parents[2]
PLUMBING = {f"pipelines/{name}.py" for name in ("runner", "params", "workspace", "data")}
PLUMBING |= {"features/families/__init__.py"}
"""Modules that only carry things: a change in them does not change a result."""
PACKAGES = {"demo", "features", "models", "pipelines", "reports"}
STAGES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def imported(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / module).read_text())):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            path = name.replace(".", "/") + ".py"
            if name.split(".")[0] in PACKAGES and (ROOT / path).exists():
                yield path


def closure(*starts: str) -> set[str]:
    """The modules that a stage runs, through everything that they import."""
    found: set[str] = set()
    todo = list(starts)
    while todo:
        module = todo.pop()
        if module not in found | PLUMBING:
            found.add(module)
            todo += imported(module)
    return found


def module_of(stage: str) -> str:
    return STAGES[stage]["cmd"].split()[2].replace(".", "/") + ".py"


def module_of_family(stage: str) -> str:
    return f"features/families/{stage.removeprefix('features_')}.py"


def modules(stage: str) -> set[str]:
    family_modules = {f"features/families/{name}.py" for name in FAMILIES}
    if stage.startswith("features_"):
        return closure(module_of(stage), module_of_family(stage))
    return closure(module_of(stage), *(family_modules if stage == "matrix" else ()))


def files(stage: str, kind: str) -> list[str]:
    return [next(iter(e)) if isinstance(e, dict) else e for e in STAGES[stage].get(kind, ())]


def outputs(stage: str) -> set[str]:
    return {file for kind in ("outs", "metrics", "plots") for file in files(stage, kind)}


def run_again(touched: str) -> set[str]:
    """The stages that a change of one file makes run, if each changes what it writes."""
    stale: set[str] = set()
    changed = {touched}
    while True:
        more = {s for s in STAGES if s not in stale and any(_touches(d, c) for d in files(s, "deps") for c in changed)}
        if not more:
            return stale
        stale |= more
        changed |= {file for stage in more for file in outputs(stage)}


def _touches(dependency: str, changed: str) -> bool:
    return dependency == changed or dependency.startswith(f"{changed}/") or changed.startswith(f"{dependency}/")


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_exactly_the_modules_that_it_imports(stage: str) -> None:
    assert {d for d in files(stage, "deps") if d.endswith(".py")} == modules(stage)


@pytest.mark.parametrize("stage", STAGES)
def test_all_that_a_stage_reads_is_made_by_another_one_or_lies_in_the_project(stage: str) -> None:
    made = {file for other in STAGES if other != stage for file in outputs(other)}
    for dependency in files(stage, "deps"):
        if dependency.startswith("data/"):
            assert any(_touches(dependency, file) for file in made), dependency
        else:
            assert dependency == "${source.watch}" or (ROOT / dependency).is_file(), dependency


def test_every_stage_of_the_weekly_job_is_a_stage_of_dvc_in_an_order_that_works() -> None:
    order = [name for name, _ in weekly_stages()]
    assert set(STAGES) == {"demo", *order}
    for stage in order:
        needed = {s for s in order for d in files(stage, "deps") if any(_touches(d, o) for o in outputs(s))} - {stage}
        assert all(order.index(other) < order.index(stage) for other in needed), stage


def test_every_parameter_that_a_stage_names_exists_and_every_section_is_used() -> None:
    values = load().model_dump()
    named = {p for stage in STAGES.values() for p in stage.get("params", ())}
    for name in named:
        section: Any = values
        for key in name.split("."):
            section = section[key]
    assert set(values) - {name.split(".")[0] for name in named} == set(AFTER_A_RUN)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_names_every_section_of_the_parameters_that_its_modules_read(stage: str) -> None:
    mine = {m for m in modules(stage) if m.startswith("pipelines/")}
    read = {
        node.attr
        for module in mine & {module_of(stage), "pipelines/training_inputs.py"}
        for node in ast.walk(ast.parse((ROOT / module).read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "params"
    }
    used = read & set(load().model_dump())
    named = {p.split(".")[0] for p in STAGES[stage].get("params", ())}
    if stage == "export":
        used |= set(load().record())  # run.json tells with which parameters the results were made
    if stage.startswith("features_") and "settings." not in (ROOT / module_of_family(stage)).read_text():
        used -= {"labels"}  # the family makes no use of the horizon that it is told
    assert used <= named, used - named


@pytest.mark.parametrize("name", FAMILIES)
def test_touching_a_family_runs_it_and_what_follows_not_the_other_families(name: str) -> None:
    stale = run_again(f"features/families/{name}.py")
    assert {s for s in stale if s.startswith("features_")} == {f"features_{name}"}
    assert stale & {"demo", "validate", "snapshots", "labels", "early", "true_north"} == set()
    assert {"matrix", "search", "backtest", "score", "export"} <= stale


def test_touching_the_list_runs_the_export_not_the_models() -> None:
    assert run_again("reports/page.py") == {"export", "moments_page", "promote"}
    assert run_again("reports/excel.py") == {"export", "promote"}


def test_the_export_comes_after_every_other_result_since_it_tells_a_server_which_files_are_of_one_week() -> None:
    results = {f"data/{name}" for name in RESULTS}
    known = {*files("export", "deps"), *outputs("export")}
    assert {result for result in results if not any(_touches(result, file) for file in known)} == set()


def test_touching_the_scoring_of_health_leaves_the_model_alone() -> None:
    assert run_again("models/health/score.py") & {"search", "backtest"} == set()


def test_a_family_depends_on_the_tables_that_it_needs_or_uses_and_no_other() -> None:
    for name, family in FAMILIES.items():
        tables = {d for d in files(f"features_{name}", "deps") if d.startswith("data/tables/")}
        assert tables == {f"data/tables/{t}.parquet" for t in {*family.NEEDS, *family.USES} if t in TABLES}


def test_dvc_itself_reads_the_file() -> None:
    from dvc.repo import Repo

    with Repo(str(ROOT)) as repo:
        assert {stage.name for stage in repo.index.stages} == set(STAGES)
