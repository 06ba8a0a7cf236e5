from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.common.calendar import cells


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ((0, 365), (14, 365), True),  # steps of 15 days
        ((14, 365), (15, 365), False),
        ((240, 365), (900, 365), True),  # far is far
        ((-16, 365), (-300, 365), True),
        ((-1, 365), (0, 365), False),
        ((5, 44), (5, 45), False),  # a month and a quarter
        ((5, 270), (5, 730), True),
        ((np.nan, 365), (np.nan, 365), True),
        ((np.nan, 365), (-16, 365), False),
        ((5, np.nan), (5, 30), False),
    ],
)
def test_alike_by_the_calendar_are_terms_of_about_one_length_that_end_at_about_one_time(
    one: tuple[float, float], other: tuple[float, float], alike: bool
) -> None:
    ends, lengths = zip(one, other, strict=True)
    first, second = cells(pd.Series(ends, dtype="float64"), pd.Series(lengths, dtype="float64"))
    assert (first == second) == alike
