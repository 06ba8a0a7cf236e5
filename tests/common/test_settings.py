from __future__ import annotations

import pytest
from pydantic import ValidationError

from rind.common.settings import Count, Days, NotNegative, OpenShare, Positive, Section, Share


class Numbers(Section):
    days: Days = 1
    count: Count = 1
    share: Share = 0.5
    open_share: OpenShare = 0.5
    positive: Positive = 1.0
    not_negative: NotNegative = 0.0


@pytest.mark.parametrize(
    ("key", "inside", "outside"),
    [
        ("days", [1], [0, -1, 1.5]),
        ("count", [1], [0]),
        ("share", [0, 1], [-0.01, 1.01]),
        ("open_share", [0.01, 0.99], [0, 1]),
        ("positive", [0.01], [0, -1]),
        ("not_negative", [0], [-0.01]),
    ],
)
def test_a_number_is_taken_up_to_the_ends_of_its_range_and_refused_beyond(
    key: str, inside: list[float], outside: list[float]
) -> None:
    for number in inside:
        assert getattr(Numbers.model_validate({key: number}), key) == number
    for number in outside:
        with pytest.raises(ValidationError):
            Numbers.model_validate({key: number})


def test_an_unknown_key_is_refused_and_a_section_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="dayz"):
        Numbers.model_validate({"dayz": 1})
    with pytest.raises(ValidationError, match="frozen"):
        Numbers().days = 2
