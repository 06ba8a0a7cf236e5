"""Holm's correction, by hand."""

from __future__ import annotations

import pytest

from rind.models.common.holm import holm


def test_the_smallest_of_three_p_values_counts_three_times_and_none_falls_below_one_before_it() -> None:
    assert holm([0.02, 0.01, 0.04]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.5, 0.9]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []
