from __future__ import annotations

from datetime import date

import pytest

from rind.common.facts.promotion import Ground, Verdict
from rind.reports.promotion_text import verdict_words

MEASURED = Verdict(
    True, Ground.MEASURED, challenger=0.41, champion=0.38, difference={"value": 0.03, "low": 0.01, "high": 0.05}
)


def test_a_measured_decision_gives_both_figures_and_the_interval_of_their_difference() -> None:
    assert verdict_words(MEASURED) == (
        "average precision 0.410 against the champion's 0.380, difference +0.010 to +0.050: better beyond noise"
    )


@pytest.mark.parametrize("ground", list(Ground))
def test_every_ground_has_words(ground: Ground) -> None:

    assert verdict_words(Verdict(False, ground, date(2024, 5, 1), date(2024, 4, 1)))


def test_dates_and_counts_are_named() -> None:
    older = Verdict(False, Ground.OLDER_THAN_CHAMPION, date(2024, 6, 1), date(2024, 5, 31))
    assert verdict_words(older) == "the champion was trained as of 2024-06-01, after this run's date 2024-05-31"
    few = Verdict(False, Ground.TOO_FEW_IN_COMMON, churned_in_common=19)
    assert verdict_words(few) == "only 19 churned accounts in common: too few to tell the two apart"
