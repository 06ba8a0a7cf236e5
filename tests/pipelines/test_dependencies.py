"""What a module depends on: its imports, and the templates and SQL that it names."""

from __future__ import annotations

from rind.pipelines.dependencies import CARRIERS, ROOT, files_of, path_of, summary_of


def test_imports_are_followed_to_the_end_and_carriers_are_passed_over() -> None:
    files = files_of("rind.pipelines.stages.search")
    assert {"pipelines/stages/search.py", "models/churn/search.py", "models/common/splits.py"} <= set(files)
    assert not CARRIERS & set(files)
    assert files == sorted(set(files))


def test_a_template_that_the_code_or_another_template_names_is_a_dependency() -> None:
    files = files_of("rind.pipelines.stages.report")
    assert "reports/templates/risk_list.html.j2" in files
    assert all((ROOT / file).is_file() for file in files)


def test_an_import_inside_a_function_counts() -> None:
    assert "features/plugins.py" in files_of("rind.pipelines.weekly")  # imported by _load_plugins alone


def test_only_the_projects_own_modules_have_a_path() -> None:
    assert path_of("rind.features.asof") == "features/asof.py"
    assert path_of("pandas") is None
    assert path_of("rind.features.nothing") is None


def test_the_summary_of_a_stage_is_the_first_line_of_its_docstring() -> None:
    assert summary_of("rind.pipelines.stages.matrix") == "The feature matrix and its catalogue"
