"""The tests mirror the rooms: each module of models has a test file of its own, or a reason here."""

from __future__ import annotations

from pathlib import Path

from room_mirror import unmirrored

TESTS = Path(__file__).parent
ROOM = TESTS.parents[1] / "models"
REASONS = {
    "book/qualify.py": "test_personas.py scores prospects with the rules that it finds",
    "book/traits.py": "test_personas.py holds conditions and rules by hand",
    "book/voice_settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "book/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "adoption/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "churn/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "common/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "effects/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "evaluation/settings.py": "fields with their ranges; test_worth.py reckons with them",
    "guards/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "monitor/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "guards/skill.py": "tests/models/guards/test_result.py goes through the guards' one door, models.guards.result",
    "guards/today.py": "tests/models/guards/test_result.py goes through the guards' one door, models.guards.result",
    "health/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "moments/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "outcomes/settings.py": "fields with their ranges; tests/pipelines/test_params.py refuses what lies outside",
    "common/frames.py": "two names and one conversion, which every other test goes through",
}
"""Module -> why it has no test file of its own."""


def test_each_module_has_a_test_file_of_its_own_or_a_reason() -> None:
    assert unmirrored(TESTS, ROOM, REASONS) == ([], [])
