"""The tests mirror the rooms: each module of reports has a test file of its own, or a reason here."""

from __future__ import annotations

from pathlib import Path

from room_mirror import unmirrored

TESTS = Path(__file__).parent
ROOM = TESTS.parents[1] / "reports"
REASONS = {
    "account_charts.py": "tests/serving/pages draws each of them on the page of an account",
    "book_charts.py": "tests/serving/pages/test_numbers.py draws each of them",
    "monitor_text.py": "tests/models/monitor/test_answer.py reads each sentence",
    "columns.py": "titles; test_excel.py and test_tables.py read them",
    "excel_leadership.py": "a sheet of the workbook that test_excel.py opens",
    "excel_sheet.py": "a sheet of the workbook that test_excel.py opens",
    "exploration_charts.py": "test_exploration.py draws each of them",
    "inline_svg.py": "test_page.py and test_moment_page.py read the pages that it draws on",
    "moment_charts.py": "test_moment_review.py and test_moment_page.py draw each of them",
    "profile_page.py": "test_profile.py reads the page",
    "profile_text.py": "test_profile.py reads the words",
    "sparklines.py": "test_profile.py draws them",
    "settings.py": "numbers and texts; test_reasons.py and test_playbooks.py choose by them",
    "templating.py": "the filters of the templates, which test_page.py and test_health_page.py render",
    "watermelon_charts.py": "test_charts.py draws each of them",
}
"""Module -> why it has no test file of its own."""


def test_each_module_has_a_test_file_of_its_own_or_a_reason() -> None:
    assert unmirrored(TESTS, ROOM, REASONS) == ([], [])
