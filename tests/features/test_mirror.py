"""The tests mirror the rooms: each module of features has a test file of its own, or a reason here."""

from __future__ import annotations

from pathlib import Path

from room_mirror import unmirrored

TESTS = Path(__file__).parent
ROOM = TESTS.parents[1] / "features"
REASONS = {
    "guards/late.py": "guards/test_source.py asks it beside the other guards",
    "account_snapshot.py": "test_paid_terms.py and test_early_behaviour.py work it out by hand",
    "canonical.py": "test_remote.py and test_every_form.py go through it",
    "casts.py": "test_sources.py casts every type",
    "catalogue.py": "tests/features/families and tests/reports/test_sentences.py read it",
    "checks/arrow_tables.py": "every other test makes its tables with it",
    "checks/family_check.py": "test_time_travel.py and tests/door/test_python_page.py run it",
    "checks/random_company.py": "test_time_travel.py draws its companies",
    "checks/time_travel.py": "test_time_travel.py runs it",
    "counting.py": "test_validation.py and test_setting_aside.py read its counts",
    "families/commercial_catalogue.py": "families/test_commercial.py builds what it describes",
    "families/revenue.py": "families/test_commercial.py works it out by hand",
    "families/usage_catalogue.py": "families/test_usage.py builds what it describes",
    "families/usage_depth.py": "families/test_usage.py works it out by hand",
    "families/usage_people.py": "families/test_usage.py works it out by hand",
    "families/usage_weeks.py": "families/test_usage.py works it out by hand",
    "findings.py": "test_validation.py reads them in the report",
    "guards/copies.py": "guards/test_source.py goes through the one door, guards.source",
    "guards/feeds.py": "guards/test_source.py goes through the one door, guards.source",
    "guards/money.py": "guards/test_source.py goes through the one door, guards.source",
    "guards/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "guards/terms.py": "guards/test_source.py goes through the one door, guards.source",
    "history.py": "tests/pipelines/test_history.py holds it to what the folds need",
    "ids.py": "test_ids_and_names.py spells ids in every way",
    "limits.py": "test_setting_aside.py goes up to the limits and beyond",
    "mapping/composing.py": "mapping/test_systems.py composes mappings of several systems",
    "mapping/conversions.py": "mapping/test_opening.py converts times, money and words",
    "mapping/drafting.py": "mapping/test_systems.py drafts a mapping of every system",
    "mapping/files.py": "mapping/test_opening.py reads every kind of file",
    "mapping/forms.py": "mapping/test_opening.py reads every kind of file",
    "engine_settings.py": "two fields; test_engine.py gives them",
    "outcome_settings.py": "test_outcomes.py refuses what cannot be meant",
    "mapping/inputs.py": "mapping/test_opening.py reads every kind of file",
    "mapping/likeness.py": "mapping/test_systems.py matches columns by likeness",
    "mapping/queries.py": "mapping/test_opening.py runs the queries of a mapping",
    "mapping/questions.py": "mapping/test_systems.py reads the questions",
    "mapping/recognition.py": "mapping/test_systems.py recognises the exports of every system",
    "mapping/registry.py": "mapping/test_docs.py and test_systems.py read every system in it",
    "mapping/spec.py": "mapping/test_docs.py prints its fields; test_opening.py refuses what it refuses",
    "mapping/writing.py": "mapping/test_systems.py opens what it wrote",
    "matrix.py": "test_every_form.py joins all families on the spine",
    "notes.py": "test_sources.py and test_validation.py read the notes",
    "problems.py": "test_validation.py reads the report",
    "profile/company.py": "profile/test_source.py goes through the one door, profile.source",
    "profile/gains.py": "profile/test_source.py goes through the one door, profile.source",
    "profile/likeness.py": "profile/test_source.py goes through the one door, profile.source",
    "profile/tables.py": "profile/test_source.py goes through the one door, profile.source",
    "rules.py": "test_validation.py plants a fault for each rule",
    "spark_sql.py": "test_spark.py runs what it writes",
    "shape.py": "test_validation.py and test_sources.py lack tables and columns",
    "signup_cohorts.py": "test_early_behaviour.py works it out by hand",
    "snapshots.py": "test_labels.py and test_paid_terms.py work the grid and the spine out by hand",
    "storing.py": "test_sources.py and test_setting_aside.py store and load",
    "tables.py": "declarations; test_contract_doc.py prints them, test_validation.py plants faults against them",
    "validation_settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "warehouses.py": "test_remote.py reads each of them",
}
"""Module -> why it has no test file of its own."""


def test_each_module_has_a_test_file_of_its_own_or_a_reason() -> None:
    assert unmirrored(TESTS, ROOM, REASONS) == ([], [])
