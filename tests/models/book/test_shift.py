"""The shift of the log-odds by which probabilities come to a total."""

from __future__ import annotations

import numpy as np
import pytest

from rind.models.book.shift import shift_to, shifted

PROBABILITY = np.array([0.0, 0.1, 0.5, 0.9, 1.0])


@pytest.mark.parametrize(("total", "sum_"), [(0, 0.5), (1.2, 1.2), (2.5, 2.5), (5, 4.5)])
def test_shifted_probabilities_sum_to_the_total_or_half_an_account_from_none_and_all(total: float, sum_: float) -> None:
    assert shifted(PROBABILITY, shift_to(PROBABILITY, total)).sum() == pytest.approx(sum_)


def test_one_account_is_shifted_to_a_half() -> None:
    assert shifted(np.array([0.1]), shift_to(np.array([0.1]), 1)) == pytest.approx([0.5])
