"""The sentences of the sheet for the board."""

from __future__ import annotations

from rind.reports.board_text import departures_sentence

BANDS = {"red": {"left": 0.08}, "amber": {"left": 0.09}, "green": {"left": 0.05}}


def test_where_departures_stood_is_told_with_the_share_that_each_band_lost() -> None:
    words = departures_sentence({"departures": 40, "from_green": 0.65, "bands": BANDS})
    assert words == "65 % of the departures stood in green by your score; red lost 8 %, amber lost 9 %, green lost 5 %"


def test_of_few_departures_no_share_is_told() -> None:
    assert departures_sentence({"departures": 4, "from_green": 0.5, "bands": BANDS}) == ""
    assert departures_sentence({}) == ""


def test_a_band_that_nobody_was_in_is_passed_over() -> None:
    words = departures_sentence({"departures": 9, "from_green": 1.0, "bands": {"green": {"left": 0.1}}})
    assert words.endswith("score; green lost 10 %")
