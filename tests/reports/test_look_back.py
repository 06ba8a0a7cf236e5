from __future__ import annotations

from datetime import date

import pytest

from rind.reports.formats import HOUSE
from rind.reports.look_back import TODAYS_MODEL, look_back_sentences, said_then

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


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"previous_probability": 0.38, "published_probability": 0.34}, "the list then said 34\N{NO-BREAK SPACE}%"),
        ({"previous_probability": 0.341, "published_probability": 0.34}, ""),  # both read 34 %
        ({"previous_probability": 0.38, "published_probability": float("nan")}, ""),
        ({"previous_probability": 0.38, "published_probability": None}, ""),
        ({"previous_probability": 0.38}, ""),  # of an older run
    ],
)
def test_what_was_published_stands_beside_what_reads_differently_today(row: dict[str, float], words: str) -> None:
    assert said_then(row, HOUSE) == words
