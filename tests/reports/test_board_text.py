"""The sentences of the sheet for the board."""

from __future__ import annotations

from rind.reports.board_text import departures_sentence, effects_in_money
from rind.reports.formats import HOUSE

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


def effect(playbook: str, verdict: str, *mrr: float, cost: float | None = 500.0) -> dict[str, object]:
    names = ("mrr_saved", "mrr_saved_low", "mrr_saved_high")
    return {"playbook": playbook, "verdict": verdict, "cost": cost, **dict(zip(names, mrr, strict=False))}


def test_what_helped_or_harmed_is_told_in_money_the_most_first_and_the_rest_in_one_line() -> None:
    records = [
        effect("support_sprint", "helps", 100.0, 20.0, 180.0),
        effect("discount", "harms", -200.0, -300.0, -100.0, cost=None),
        effect("training", "none_shown", 5.0, -5.0, 15.0),
    ]
    assert effects_in_money(records, HOUSE.money) == [
        "Discount harmed: it lost 2,400 ARR (1,200 to 3,600)",
        "Support sprint worked: it kept 1,200 ARR (240 to 2,160), and cost 500",
        "Of 1 more playbook it cannot be told yet whether it helps or harms",
    ]


def test_where_nothing_can_be_told_one_line_says_so() -> None:
    unknown = [effect("training", "cannot_tell"), effect("call", "none_shown")]
    assert effects_in_money(unknown, HOUSE.money) == [
        "Of 2 playbooks it cannot be told yet whether they help or harm"
    ]  # fmt: skip
    assert effects_in_money([], HOUSE.money) == [
        "No playbook has been begun yet, so nothing can be told of what works"
    ]  # fmt: skip


def test_money_that_was_not_measured_is_said_to_be_unknown() -> None:
    assert effects_in_money([effect("plan", "helps"), {"verdict": "harms"}], HOUSE.money) == [
        "Plan worked; how much revenue it kept is not known",
        "A playbook harmed; how much revenue it lost is not known",
    ]
