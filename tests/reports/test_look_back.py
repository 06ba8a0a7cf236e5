from __future__ import annotations

from datetime import date

import pytest

from rind.reports.look_back import TODAYS_MODEL, look_back_sentences

AS_OF = date(2026, 6, 29)


@pytest.mark.parametrize("since", [date(2026, 6, 22), date(2026, 6, 1)])
def test_between_two_mondays_only_the_model_is_told(since: date) -> None:
    assert look_back_sentences(AS_OF, since) == [TODAYS_MODEL]


def test_a_list_of_another_weekday_says_how_long_the_week_was() -> None:
    first, _ = look_back_sentences(date(2026, 6, 28), date(2026, 6, 22))
    assert first == "This list is of a Sunday and the one before of a Monday: 6 days lie between them."
    assert "1 day lies between" in look_back_sentences(date(2026, 6, 30), AS_OF)[0]


def test_the_first_list_looks_back_on_nothing() -> None:
    assert look_back_sentences(AS_OF, None) == []
