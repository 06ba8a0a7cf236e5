from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from feedback_acts import WEEK, MakeAct

from rind.serving.feedback.acts import Act, Entry
from rind.serving.feedback.file import Feedback


@pytest.fixture
def feedback(tmp_path: Path) -> Iterator[Feedback]:
    opened = Feedback(tmp_path / "feedback.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def do(feedback: Feedback) -> MakeAct:
    """Adds an act of Amara on the account A1 on the list of 29 June."""

    def add(kind: Any, **values: Any) -> Act:
        return feedback.add(Entry(**{"who": "amara", "account_id": "A1", "week": WEEK, "kind": kind} | values))

    return add
