from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from rind.serving.feedback.acts import Intervention, NewAct, Note

ADAPTER: TypeAdapter[Any] = TypeAdapter(NewAct)


def test_a_form_with_empty_fields_is_an_act_without_them() -> None:
    sent = {"kind": "intervention", "playbook": " training ", "started_on": "2026-06-15", "ended_on": "", "cost": "",
            "supersedes": ""}  # fmt: skip
    assert ADAPTER.validate_python(sent) == Intervention(
        kind="intervention", playbook="training", started_on=date(2026, 6, 15)
    )


def test_a_note_keeps_its_lines() -> None:
    assert ADAPTER.validate_python({"kind": "note", "note": "one\r\ntwo\n"}) == Note(kind="note", note="one\ntwo")


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "nothing"},
        {"kind": "acknowledge", "who": "somebody else"},
        {"kind": "reason", "reason": 4, "verdict": "useful"},
        {"kind": "reason", "reason": 1, "verdict": "good"},
        {"kind": "snooze", "until": "tomorrow"},
        {"kind": "note", "note": "  "},
        {"kind": "note", "note": "x" * 2001},
        {"kind": "note", "note": "a\x00b"},
        {"kind": "assign", "csm": "Ben\nCarter"},
        {"kind": "intervention", "playbook": "x" * 301, "started_on": "2026-06-15"},
        {"kind": "intervention", "playbook": "training", "started_on": "2026-06-15", "cost": -1},
        {"kind": "intervention", "playbook": "training", "started_on": "2026-06-15", "cost": float("inf")},
        {"kind": "commitment", "category": "sure", "quarter": "2026-07-01"},
        {"kind": "commitment", "category": "commit"},
        {"kind": "withdraw"},
        {"kind": "withdraw", "supersedes": 2**63},
    ],
)
def test_what_is_no_act_is_refused(sent: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(sent)
