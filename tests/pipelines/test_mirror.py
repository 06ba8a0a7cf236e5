"""The tests mirror the rooms: each module of pipelines has a test file of its own, or a reason here."""

from __future__ import annotations

from pathlib import Path

from room_mirror import unmirrored

TESTS = Path(__file__).parent
ROOM = TESTS.parents[1] / "pipelines"
WHOLE = "test_weekly.py and test_contract.py ask what it left after a whole run"
TRACKED = "test_second_run.py runs it twice against one registry"
REASONS = {
    "stages/advocates.py": "tests/pipelines/stages/test_voice.py reads what it made of the small run",
    "stages/personas.py": "tests/pipelines/stages/test_voice.py reads what it made of the small run",
    "cli/__main__.py": "starts cli/app.py; tests/test_wheel.py runs the command",
    "backup/archive.py": "backup/test_restoring.py writes, cuts and changes archives",
    "backup/staging.py": "backup/test_restoring.py backs up a week that is served",
    "cli/backup.py": "backup/test_restoring.py runs its commands",
    "cli/app.py": "cli/test_cli.py goes through its commands",
    "cli/deliver.py": "tests/serving/deliver/test_dispatch.py calls what it calls; cli/test_cli.py lists it",
    "cli/export.py": "personal/test_export.py runs `rind export`",
    "cli/families.py": "cli/test_cli.py runs `rind features`",
    "cli/forget.py": "personal/test_forget.py runs `rind forget`",
    "cli/health.py": "stages/test_tune_health.py runs `rind tune-health`",
    "cli/map.py": "tests/features/mapping/test_systems.py drafts what it writes",
    "cli/monitor.py": "test_rollback.py runs its commands",
    "cli/options.py": "types of options; cli/test_cli.py reads their help and errors",
    "cli/profile.py": "tests/reports/test_profile.py renders what it writes",
    "cli/prune.py": "test_retention.py runs `rind prune`",
    "cli/screenshots.py": "takes the pictures of the documentation with a browser, for authors only",
    "cohorts.py": "test_second_run.py scores both cohorts with an older champion",
    "family_settings.py": "four fields handed over; tests/features/test_health_from_source.py goes through it",
    "health_inputs.py": "stages/test_tune_health.py goes through it",
    "outcome_models.py": TRACKED,
    "personal/page.py": "personal/test_catalogue.py compares it with docs/personal-data.md",
    "personal/persons.py": "personal/test_cutting.py looks for ids and names in every kind of file",
    "personal/pseudonyms.py": "personal/test_export.py makes keys and pseudonyms",
    "personal/week_files.py": "personal/test_forget.py cuts a whole week",
    "places.py": "personal/test_forget.py and backup/test_restoring.py ask it for every place",
    "pictures.py": "test_model_pictures.py and test_weekly.py read what it draws",
    "results_page.py": "tests/common/test_results.py reads the page",
    "retention_settings.py": "fields with their ranges; test_retention.py goes through them",
    "stage.py": "two lines; test_runner.py tests what they call",
    "stages/adoption.py": TRACKED,
    "stages/backtest.py": WHOLE,
    "stages/evaluate.py": WHOLE,
    "stages/guards.py": "test_guards.py runs the weekly job with each answer",
    "stages/health.py": WHOLE,
    "stages/outcomes.py": WHOLE,
    "cli/experiment.py": "test_experiment.py runs `rind experiment`",
    "stages/account_weeks.py": "test_contract.py reads what it left; tests/features/test_account_weeks.py works it out",
    "stages/effects.py": "test_effects.py and test_contract.py read what it left",
    "stages/labels.py": WHOLE,
    "flow_stage.py": "test_flow.py runs stages and reads what they declare",
    "stages/ledger.py": "tests/reports/test_ledger.py and test_flow.py test what it calls and when it runs",
    "stages/manifest.py": "test_contract.py reads run.json; tests/serving/store/test_folder.py checks the week",
    "stages/matrix.py": WHOLE,
    "stages/monitor.py": "tests/models/monitor tests what it calls; " + WHOLE,
    "stages/plugins.py": "test_weekly.py runs it with families of one's own",
    "stages/promote.py": TRACKED,
    "stages/register.py": TRACKED,
    "stages/report.py": WHOLE,
    "stages/risk_list.py": WHOLE,
    "stages/search.py": WHOLE,
    "stages/snapshots.py": WHOLE,
    "stages/true_north.py": TRACKED,
    "stages/true_north_page.py": WHOLE,
    "stages/timeline.py": "tests/features/test_timeline.py works it out by hand; " + WHOLE,
    "stages/validate.py": "test_set_aside.py, test_history.py and test_guards.py go through it",
    "stages/watermelons.py": "test_run_weekly.py runs its fall_back; test_weekly.py reads what it left",
    "tracking/places.py": "tracking/test_runs.py goes through the one door, rind.pipelines.tracking",
    "tracking/scoring.py": "tracking/test_registry.py goes through the one door, rind.pipelines.tracking",
    "tracking/store.py": "tracking/test_runs.py goes through the one door, rind.pipelines.tracking",
    "feature_store_settings.py": "two fields; test_params.py reads them",
    "tracking_settings.py": "fields with their ranges; test_params.py refuses what lies outside",
}
"""Module -> why it has no test file of its own."""


def test_each_module_has_a_test_file_of_its_own_or_a_reason() -> None:
    assert unmirrored(TESTS, ROOM, REASONS) == ([], [])
