"""What past quarters tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.book.past_quarters import (
    FEWEST,
    FEWEST_CHANGES,
    Calendar,
    calendar_of,
    change_of,
    growth_of_stayers,
    kept_rates,
    known_quarters,
)

DAY = pd.Timestamp("2025-01-01")


def rows(count: int, mrr: float = 100, mrr_end: float = 100, segment: str = "big", **more: object) -> pd.DataFrame:
    common = {"quarter": DAY, "days": 91.0, "to_term_end": np.nan, "term_days": np.nan}
    return pd.DataFrame({"mrr": mrr, "mrr_end": mrr_end, "segment": segment, **common, **more}, index=range(count))


@pytest.mark.parametrize(("made_on", "known"), [("2025-05-01", True), ("2025-04-30", False)])
def test_a_quarter_is_known_once_its_grace_has_passed(made_on: str, known: bool) -> None:
    """It ends on 31 March; who left on that day may come back until 30 April."""
    past = rows(1, last_day=pd.Timestamp("2025-03-31"))
    assert bool(len(known_quarters(past, pd.Timestamp(made_on), 30))) is known


def test_only_the_latest_quarters_count() -> None:
    past = pd.concat([rows(1, last_day=DAY, quarter=DAY - pd.Timedelta(days=91 * n)) for n in range(6)])
    assert known_quarters(past, pd.Timestamp("2026-01-01"), 30, 4)["quarter"].nunique() == 4


def test_a_rate_is_revenue_at_the_end_over_revenue_at_the_start() -> None:
    known = pd.concat([rows(FEWEST, 100, 90), rows(FEWEST, 300, 300, "small"), rows(FEWEST - 1, 100, 0, "few")])
    rates = kept_rates(known)
    assert (rates["big"], rates["small"]) == pytest.approx((0.9, 1.0))
    assert rates["few"] == rates[""]


def test_accounts_without_a_segment_never_stand_for_all() -> None:
    known = pd.concat([rows(FEWEST, 100, 50, ""), rows(FEWEST, 100, 110), rows(FEWEST - 1, 100, 100, "few")])
    rates, growth = kept_rates(known), growth_of_stayers(known)
    assert rates[""] == rates["few"] == pytest.approx(known["mrr_end"].sum() / known["mrr"].sum())
    assert growth[""].factor == growth["few"].factor == pytest.approx(known["mrr_end"].sum() / known["mrr"].sum())


def test_a_rate_of_half_a_quarter_counts_for_a_whole_one() -> None:
    assert kept_rates(rows(FEWEST, 100, 90, days=45.5))[""] == pytest.approx(0.81)


def test_nothing_known_has_no_rate_and_no_growth() -> None:
    assert np.isnan(kept_rates(rows(0))[""])
    assert growth_of_stayers(rows(0))[""].factor == 1.0


def test_growth_is_that_of_those_that_stay() -> None:
    known = pd.concat([rows(FEWEST, 100, 0), rows(FEWEST, 100, 110), rows(FEWEST, 100, 95)])
    growth = growth_of_stayers(known)["big"]
    assert (growth.expansion, growth.contraction, growth.factor) == pytest.approx((0.05, 0.025, 1.025))


def test_the_calendar_tells_ends_of_terms_from_other_days() -> None:
    ending = rows(1000, to_term_end=30.0, term_days=365.0).assign(mrr_end=np.where(np.arange(1000) < 200, 0.0, 100.0))
    other = rows(1000, to_term_end=300.0, term_days=365.0).assign(mrr_end=np.where(np.arange(1000) < 20, 0.0, 100.0))
    calendar = calendar_of(pd.concat([ending, other]))
    assert calendar.a_day * 91 == pytest.approx(-np.log(0.98))
    assert calendar.a_day * 91 + calendar.a_renewal == pytest.approx(-np.log(0.8))


def test_exposure_counts_each_end_of_a_term_in_the_days() -> None:
    calendar = Calendar(0.0, 1.0)
    ends = calendar.exposure(90, np.array([90.0, 91.0, 10.0, np.nan]), np.array([365.0, 365.0, 30.0, np.nan]))
    assert ends.tolist() == [1, 0, 3, 0]


def test_with_too_few_ends_of_terms_days_are_alike() -> None:
    assert calendar_of(rows(FEWEST - 1, to_term_end=5.0)).a_renewal == 0


def test_a_change_is_one_of_at_least_the_share_and_smaller_ones_are_the_rest() -> None:
    ends = {100.0: 60, 90.0: FEWEST_CHANGES, 95.0: 10, 0.0: 5, 130.0: 2}
    known = pd.concat([rows(count, 100, end) for end, count in ends.items()], ignore_index=True)
    falls = change_of(known, -1, 0.1)
    assert falls is not None
    stayed = 92
    assert (falls.share, falls.size, falls.rest) == pytest.approx((FEWEST_CHANGES / stayed, 0.1, 0.5 / stayed))
    assert falls.share * falls.size + falls.rest == pytest.approx(growth_of_stayers(known)[""].contraction)
    assert change_of(known, 1, 0.1) is None  # two are too few
    assert change_of(known.head(0), -1, 0.1) is None
