"""Contributions of features, in sentences."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from rind.serving.views.explanation import Explanation


class Speaker:
    """Says the name of a feature up to its last part: two windows of one count share a sentence."""

    def about(self, values: dict[str, list[Any]]) -> Speaker:
        del values
        return self

    def fact(self, row: int, feature: str) -> SimpleNamespace:
        del row
        return SimpleNamespace(text=feature.rpartition("__")[0])


def explanation(*rows: tuple[str, float, float | None, str | None]) -> Explanation:
    """Of (feature, SHAP value, value, text); the base value is -2."""
    names = ("feature", "shap_value", "value", "value_text")
    columns = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    columns["family"] = [row[0].split("__")[0] for row in rows]
    columns["base_value"] = [-2.0] * len(rows)
    columns["margin"] = [-2.0 + sum(row[1] for row in rows)] * len(rows)
    return Explanation(Speaker(), columns)


ROWS = (
    ("usage__events__28d", 0.5, 12.0, None), ("tickets__open__now", -0.9, 1.0, None),
    ("usage__events__7d", 0.7, None, None), ("commercial__plan__now", 0.01, float("nan"), "gold"),
)  # fmt: skip


def test_the_strongest_come_first_and_no_sentence_comes_twice() -> None:
    strongest = explanation(*ROWS).strongest(10)
    assert [one.feature for one in strongest] == ["tickets__open__now", "usage__events__7d", "commercial__plan__now"]
    assert [one.value for one in strongest] == [1.0, None, "gold"]


@pytest.mark.parametrize(("count", "family", "at_least", "features"), [
    (1, None, 0.0, ["tickets__open__now"]),
    (10, "usage", 0.0, ["usage__events__7d"]),
    (10, None, 0.02, ["tickets__open__now", "usage__events__7d"]),
    (0, None, 0.0, []),
])  # fmt: skip
def test_a_count_a_family_and_a_least_size_confine_them(
    count: int, family: str | None, at_least: float, features: list[str]
) -> None:
    assert [one.feature for one in explanation(*ROWS).strongest(count, family, at_least)] == features


def test_the_bars_lead_from_the_average_through_the_families_to_the_margin() -> None:
    made = explanation(*ROWS)
    assert list(made.totals) == ["usage", "tickets", "commercial"]
    bars = made.bars()
    assert list(bars["what"]) == ["Average account", "Usage", "Tickets", "Commercial", "This account"]
    assert list(bars["start"].iloc[2:4]) == pytest.approx(list(bars["stop"].iloc[1:3]))
    risk = [100 / (1 + math.exp(-margin)) for margin in (-2.0, made.margin or 0.0)]
    assert [bars["start"].iloc[0], bars["stop"].iloc[-1]] == pytest.approx(risk)


def test_the_points_of_the_families_add_up_to_the_way_from_the_average_to_the_account() -> None:
    made = explanation(*ROWS)
    assert sum(made.points.values()) == pytest.approx(100 * (1 / (1 + math.exp(-(made.margin or 0))) - made.average))
    assert {name: value > 0 for name, value in made.points.items()} == {
        "usage": True, "tickets": False, "commercial": True,
    }  # fmt: skip


def test_families_that_lead_nowhere_together_still_have_points() -> None:
    made = explanation(("usage__events__28d", 0.5, 1.0, None), ("tickets__open__now", -0.5, 1.0, None))
    slope = 100 * made.average * (1 - made.average)
    assert made.points == pytest.approx({"usage": 0.5 * slope, "tickets": -0.5 * slope})


def test_an_account_without_explanation_has_no_base_and_no_contribution() -> None:
    empty = explanation()
    assert (empty.base, empty.margin, empty.totals, empty.strongest(3)) == (None, None, {}, [])


def test_the_calendar_of_the_contract_stands_apart_from_its_family() -> None:
    made = explanation(
        ("commercial__days_to_term_end__now", 2.4, 12.0, None), ("commercial__mrr__now", -0.1, 5.0, None)
    )
    assert made.totals == {"renewal date": 2.4, "commercial": -0.1}
    assert [one.feature for one in made.strongest(3, "commercial")] == ["commercial__mrr__now"]
    assert {one.family for one in made.strongest(3)} == {"commercial"}  # as explanations.parquet has it


@pytest.mark.parametrize(("change", "shap", "shown"), [(0.2, 0.3, False), (-0.2, 0.3, True), (0.2, -0.3, True),
                                                       (-0.2, -0.3, False)])  # fmt: skip
def test_a_reply_rate_that_rose_is_never_marked_as_a_risk(change: float, shap: float, shown: bool) -> None:
    feature = "engagement__answered_share_change__91d"
    columns = {"feature": [feature], "family": ["engagement"], "shap_value": [shap], "value": [change],
               "base_value": [-2.0], "margin": [-2.0 + shap]}  # fmt: skip
    made = Explanation(Speaker(), columns, {feature: -1})
    assert bool(made.strongest(3, "engagement")) is shown


def test_one_measure_over_two_windows_is_told_once_in_its_family() -> None:
    rows = (("engagement__answered__91d", 0.4, 0.1, None), ("engagement__answered__182d", 0.3, 0.2, None))
    assert [one.feature for one in explanation(*rows).strongest(3, "engagement")] == ["engagement__answered__91d"]
