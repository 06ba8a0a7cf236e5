from __future__ import annotations

import pandas as pd
import pytest

from rind.common.facts.adoption import LANDMARK
from rind.models.adoption.reasons import FEWEST, SEGMENT, reasons_of, usual_counts

USERS, EVENTS, DAYS = "early__users:reports__now", "early__events:reports__now", "early__active_days__now"
TICKETS = "early__tickets_solved__now"


def reasons(counts: dict[str, float], usual: dict[str, float], shap: dict[str, float]) -> list[str]:
    """The features that are told of one account."""
    row = {"account_id": "a", LANDMARK: 30.0, SEGMENT: "s", "start__plan__now": "pro", **counts}
    table = reasons_of(pd.DataFrame([row]), pd.DataFrame([usual]), pd.DataFrame([shap]))
    return [reason.feature for reason in table["a"]]


def test_age_plan_and_price_are_never_reasons_however_much_they_weigh() -> None:
    counts, usual = {USERS: 1.0}, {USERS: 3.0}
    assert reasons(counts, usual, {LANDMARK: 2.0, "start__plan__now": 1.0, USERS: 0.1}) == [USERS]


@pytest.mark.parametrize(
    ("feature", "count", "usual", "shap", "is_reason"),
    [
        (DAYS, 1, 3, 0.1, True),  # less than usual, stays less often
        (DAYS, 5, 3, -0.1, True),
        (DAYS, 5, 3, 0.1, False),  # more use, told as a risk
        (DAYS, 3, 3, 0.1, False),  # as usual
        (DAYS, 1, 3, 0.01, False),  # too little
        (TICKETS, 9, 3, 0.1, True),  # more trouble than usual
        (TICKETS, 0, 3, 0.1, False),
    ],
)
def test_a_behaviour_is_a_reason_where_it_differs_from_the_usual_in_the_direction_in_which_it_counts(
    feature: str, count: float, usual: float, shap: float, is_reason: bool
) -> None:
    assert reasons({feature: count}, {feature: usual}, {feature: shap}) == ([feature] if is_reason else [])


def test_one_subject_speaks_once_by_its_strongest_measure_and_the_strongest_comes_first() -> None:
    counts, usual = {USERS: 0.0, EVENTS: 0.0, DAYS: 1.0}, {USERS: 1.0, EVENTS: 4.0, DAYS: 5.0}
    assert reasons(counts, usual, {USERS: 0.1, EVENTS: 0.3, DAYS: 0.2}) == [EVENTS, DAYS]


def test_what_is_usual_is_the_median_of_the_segment_at_that_age_or_of_all_where_the_segment_is_small() -> None:
    large = [{LANDMARK: 30.0, SEGMENT: "large", DAYS: 8.0}] * FEWEST
    small = [{LANDMARK: 30.0, SEGMENT: "small", DAYS: 2.0}] * (FEWEST - 1)
    later = [{LANDMARK: 60.0, SEGMENT: "large", DAYS: 20.0}] * FEWEST
    usual = usual_counts(pd.DataFrame(large + small + later))[DAYS]
    assert usual.tolist() == [8.0] * (2 * FEWEST - 1) + [20.0] * FEWEST
