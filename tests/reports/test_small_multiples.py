"""Lines of one number through time."""

from __future__ import annotations

import re

from rind.reports.small_multiples import EDGE, HEIGHT, WIDTH, line


def points(svg: str) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in (pair.split(",") for pair in run.split())]
        for run in re.findall(r'points="([^"]*)"', svg)
    ]


def test_the_highest_value_is_drawn_highest_and_time_goes_right() -> None:
    [run] = points(line([1, 3, 2], "a number"))
    assert [x for x, _ in run] == [EDGE, WIDTH / 2, WIDTH - EDGE]
    assert [y for _, y in run] == [HEIGHT - EDGE, EDGE, HEIGHT / 2]


def test_a_month_without_a_value_is_a_gap() -> None:
    assert [len(run) for run in points(line([1, None, 2, 3], "a number"))] == [1, 2]


def test_a_preliminary_month_has_a_hollow_point() -> None:
    assert 'class="hollow"' in line([1, 2], "a number", partial=1)
    assert 'class="now"' in line([1, 2], "a number")
    assert 'class="now"' in line([1, 2, None], "a number", partial=1)


def test_nothing_known_draws_nothing_and_a_level_line_lies_in_the_middle() -> None:
    assert line([None, None], "a number") == ""
    assert points(line([5, 5], "a number"))[0][0][1] == HEIGHT / 2


def test_a_name_cannot_break_out_of_the_picture() -> None:
    assert "<b>" not in line([1.0], '"><b>')
