"""The tests mirror the rooms: each module of serving has a test file of its own, or a reason here."""

from __future__ import annotations

from pathlib import Path

from room_mirror import unmirrored

TESTS = Path(__file__).parent
ROOM = TESTS.parents[1] / "serving"
REASONS = {
    "deliver/chat_markup.py": "deliver/channels/test_slack.py reads the blocks that it makes",
    "deliver/texts.py": "deliver/test_mail_message.py and test_hostile_names.py read the lines that it makes",
    "deliver/job.py": "two dataclasses without behaviour of their own; test_dispatch.py goes through both",
    "store/protocols.py": "protocols and names; test_both_stores.py holds both stores to them",
}
"""Module -> why it has no test file of its own."""


def test_each_module_has_a_test_file_of_its_own_or_a_reason() -> None:
    assert unmirrored(TESTS, ROOM, REASONS) == ([], [])
