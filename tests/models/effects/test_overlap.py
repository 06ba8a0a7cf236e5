"""Who is like those that got something, by hand."""

from __future__ import annotations

import numpy as np

from rind.models.effects.overlap import highest_with_a_like, overlap_bins


def test_a_chance_that_fewer_untreated_rows_have_than_are_wanted_is_beyond_comparison() -> None:
    chances = np.array([0.1, 0.5, 0.2, 0.4])
    assert [highest_with_a_like(chances, fewest) for fewest in (1, 2, 4, 5)] == [0.5, 0.4, 0.1, 0.0]


def test_both_are_counted_by_their_chance_in_times_of_the_mean_one() -> None:
    chance, own = np.array([0.1, 0.5, 0.5, 0.9, 0.3]), np.array([True, False, True, False, False])
    compared = np.array([True, True, True, True, False])  # the mean chance of these is a half
    counts = {part["low"]: (part["treated"], part["comparable"]) for part in overlap_bins(chance, own, compared)}
    assert (counts[0.0], counts[1.0], counts[2.0]) == ((1, 0), (1, 2), (0, 0))
