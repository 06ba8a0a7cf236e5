"""The tests mirror the rooms: each module of common has a test file of its own, or a reason here."""

from __future__ import annotations

from pathlib import Path

from room_mirror import unmirrored

TESTS = Path(__file__).parent
ROOM = TESTS.parents[1] / "common"
DECLARED = "declarations; test_results.py and tests/pipelines/test_contract.py hold the results to them"
REASONS = {
    "bands.py": "three names",
    "facts/adoption.py": "types; tests/models/adoption makes them, tests/reports/test_adoption_text.py reads them",
    "facts/commitments.py": "types; tests/reports/test_commitment_text.py reads them",
    "facts/experiment.py": "types; tests/models/effects/test_experiment.py makes them, tests/reports reads them",
    "facts/effects.py": "types; tests/models/effects makes them, tests/reports/test_effects_text.py reads them",
    "facts/figures.py": "types; tests/models/evaluation/test_metrics.py makes them",
    "facts/horizons.py": "types; tests/pipelines/stages/test_horizons.py makes them",
    "facts/monitor.py": "types; tests/models/monitor makes them",
    "facts/health.py": "types; tests/models/health makes them, tests/reports/test_health_page.py reads them",
    "facts/moments.py": "types; tests/models/moments makes them, tests/reports/test_moment_text.py reads them",
    "facts/outcomes.py": "types; tests/models/outcomes makes them, tests/reports/test_outcome_text.py reads them",
    "facts/promotion.py": "types; tests/models/churn/test_promotion.py makes them",
    "facts/calibration.py": "types; tests/models/evaluation/test_calibration.py makes them",
    "facts/run.py": "types; tests/pipelines/test_contract.py reads what holds them",
    "facts/source.py": "types; tests/features/guards/test_source.py makes them",
    "facts/watermelons.py": "types; tests/models/watermelons makes them",
    "last_run.py": "tests/pipelines/test_last_run.py writes and reads it",
    "profile.py": "types; tests/features/profile/test_source.py makes them, tests/reports/test_profile.py reads them",
    "results/adoption.py": DECLARED,
    "results/book.py": DECLARED,
    "results/data.py": DECLARED,
    "results/models.py": DECLARED,
    "results/outcomes.py": DECLARED,
    "results/voice.py": DECLARED,
    "results/week.py": DECLARED,
    "results/result.py": "one dataclass without behaviour; test_results.py reads each of its fields",
}
"""Module -> why it has no test file of its own."""


def test_each_module_has_a_test_file_of_its_own_or_a_reason() -> None:
    assert unmirrored(TESTS, ROOM, REASONS) == ([], [])
