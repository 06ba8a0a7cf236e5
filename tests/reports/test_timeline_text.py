from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rind.reports.formats import format_of
from rind.reports.timeline_text import event_text

DAY = date(2026, 5, 3)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (("ticket", "urgent billing", None, DAY), "urgent billing, solved on 3 May 2026"),
        (("ticket", None, None, None), "still open"),
        (("answer", "nps", 4.0, None), "NPS: 4 of 10"),
        (("answer", "own_kind", 4.0, None), "own kind: 4"),
        (("term", "gold", 100.0, DAY), "gold, 1,200 ARR, agreed until 3 May 2026"),
        (("term", None, None, None), ""),
        (("notice", "gold", None, DAY), "gave notice, gold, contract runs to 3 May 2026"),
        (("term_end", "gold", 100.0, None), "gold, 1,200 ARR"),
        (("intervention", "success_plan", 900.0, DAY), "success plan, ended on 3 May 2026, cost 900"),
        (("person_left", "decision_maker", None, None), "decision maker"),
    ],
)
def test_an_event_is_a_sentence_without_its_day(event: tuple[Any, ...], text: str) -> None:
    assert event_text(*event, fmt=format_of("en", "")) == text
