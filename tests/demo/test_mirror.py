"""The tests mirror the rooms: each module of demo has a test file of its own, or a reason here."""

from __future__ import annotations

from pathlib import Path

from room_mirror import unmirrored

TESTS = Path(__file__).parent
ROOM = TESTS.parents[1] / "demo"
TABLES = "test_company.py holds the tables that it makes to the data contract: columns, keys, times, seeds"
TRUTH = "test_truth.py measures what it plants: rates, calibration, watermelons, moments"
REASONS = {
    "accounts.py": TABLES,
    "billing.py": TABLES,
    "early.py": TABLES,
    "events.py": TABLES,
    "names.py": TABLES,
    "outreach.py": TABLES,
    "people.py": TABLES,
    "phrases.py": "words; test_voices.py puts them together",
    "product.py": TABLES,
    "schema.py": TABLES,
    "support.py": TABLES,
    "surveys.py": TABLES,
    "usage.py": TABLES,
    "outcomes.py": TRUTH,
    "resizing.py": "test_true_changes.py holds what comes of it to the planted probabilities",
    "rules.py": TRUTH,
    "scenarios.py": TRUTH,
    "simulation.py": TRUTH,
    "story.py": TRUTH,
    "true_risk.py": TRUTH,
    "vendor_health.py": TRUTH,
}
"""Module -> why it has no test file of its own."""


def test_each_module_has_a_test_file_of_its_own_or_a_reason() -> None:
    assert unmirrored(TESTS, ROOM, REASONS) == ([], [])
