"""The forecast of one quarter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from quarter_books import SETTINGS, book

from rind.models.book.forecast import ALL, FURTHEST, Outlooks, forecast, leaving, shift_to_rates, stayers
from rind.models.book.past_quarters import Calendar, Change, Growth
from rind.models.book.shared_shock import Shock
from rind.models.churn.horizons import CURVE_DAYS

EVEN = Calendar(0.001, 0.0)
KNOWN = Outlooks(Shock(0.0, 0.2), {"": Growth(0.01, 0.03, 0.05, 0.01)}, {"": 0.95}, EVEN, 91)


def accounts(count: int = 400, **columns: object) -> pd.DataFrame:
    return book(1, count).assign(days=91.0, to_term_end=np.nan, **columns)


def whole(frame: pd.DataFrame) -> dict[str, float]:
    row = frame[(frame["segment"] == ALL) & (frame["csm"] == ALL)]
    assert len(row) == 1
    return {str(k): v for k, v in row.iloc[0].items()}


def test_as_long_as_the_horizon_the_probability_is_the_model_s() -> None:
    made = accounts(churn_probability=0.2)
    assert leaving(made, KNOWN) == pytest.approx(np.full(len(made), 0.2))


def test_twice_as_long_a_span_is_survived_twice() -> None:
    made = accounts(churn_probability=0.2).assign(days=182.0)
    assert leaving(made, KNOWN) == pytest.approx(np.full(len(made), 1 - 0.8**2))


def test_an_end_of_term_beyond_the_horizon_counts_in_the_quarter_that_holds_it() -> None:
    made = accounts(2, churn_probability=0.1).assign(days=182.0, to_term_end=[100.0, 300.0], term_days=365.0)
    renewing, other = leaving(made, replace(KNOWN, calendar=Calendar(0.001, 0.3)))
    assert renewing > 2 * other


def test_an_account_without_a_prediction_gets_the_mean() -> None:
    made = accounts(3).assign(churn_probability=[0.1, 0.3, np.nan])
    assert leaving(made, KNOWN)[2] == pytest.approx(0.2)


def test_what_leaves_shrinks_and_grows_adds_up_to_what_is_expected() -> None:
    row = whole(forecast(accounts(), KNOWN, SETTINGS, 7))
    change = -row["arr_leaving"] - row["arr_contraction"] + row["arr_expansion"]
    assert row["arr"] + change == pytest.approx(row["arr_expected"])
    assert row["low"] < row["arr_expected"] < row["high"]
    assert row["arr_naive"] == pytest.approx(0.95 * row["arr"])


def test_what_is_under_notice_and_ends_in_the_quarter_is_gone() -> None:
    made = accounts().assign(mrr_leaving=lambda frame: frame["mrr"])
    row = whole(forecast(made, KNOWN, SETTINGS, 7))
    assert (row["arr_expected"], row["low"], row["high"]) == (0, 0, 0)


def test_segments_and_csms_add_up_to_the_whole() -> None:
    made = forecast(accounts(), KNOWN, SETTINGS, 7)
    parts = made[(made["csm"] == ALL) & (made["segment"] != ALL)]
    for name in ("arr", "arr_expected", "arr_naive", "arr_leaving", "accounts"):
        assert parts[name].sum() == pytest.approx(whole(made)[name])


@pytest.mark.parametrize("kept", [0.8, 0.95])
def test_by_the_shift_to_the_rates_the_company_is_expected_to_pay_what_these_say(kept: float) -> None:
    known = replace(KNOWN, kept={"": kept})
    shock = Shock(shift_to_rates(accounts(), known), known.shock.sd)
    row = whole(forecast(accounts(), replace(known, shock=shock), SETTINGS, 7))
    assert row["arr_expected"] == pytest.approx(kept * row["arr"], rel=1e-4)


@pytest.mark.parametrize(("kept", "shift"), [(1.5, -FURTHEST), (0.1, FURTHEST), (np.nan, 0.0)])
def test_rates_out_of_reach_move_as_far_as_may_be_and_unknown_ones_not_at_all(kept: float, shift: float) -> None:
    assert shift_to_rates(accounts(), replace(KNOWN, kept={"": kept})) == shift


def test_a_shared_shock_widens_the_whole_more_than_chance_does() -> None:
    alone = whole(forecast(accounts(2000), replace(KNOWN, shock=Shock(0.0, 0.0)), SETTINGS, 7))
    shared = whole(forecast(accounts(2000), replace(KNOWN, shock=Shock(0.0, 0.5)), SETTINGS, 7))
    assert shared["high"] - shared["low"] > 1.5 * (alone["high"] - alone["low"])


def test_the_interval_holds_four_of_five_outcomes_of_the_same_company() -> None:
    known = Outlooks(Shock(0.0, 0.3), {"": Growth(0.0, 0.0, 0.0, 1e-9)}, {"": 0.9}, EVEN, 91)
    hits = []
    for seed in range(120):
        row = whole(forecast(book(1, 150, 0.3, seed).assign(days=91.0, to_term_end=np.nan), known, SETTINGS, seed))
        hits.append(row["low"] <= row["arr_actual"] <= row["high"])
    assert 0.7 <= np.mean(hits) <= 0.9


def test_the_order_of_the_rows_changes_nothing() -> None:
    made = accounts()
    pd.testing.assert_frame_equal(
        forecast(made, KNOWN, SETTINGS, 7), forecast(made.sample(frac=1, random_state=1), KNOWN, SETTINGS, 7)
    )


def with_curve(frame: pd.DataFrame, by_day: float) -> pd.DataFrame:
    """Accounts that leave at the same rate on every day."""
    return frame.assign(**{name: 1 - np.exp(-by_day * days) for name, days in CURVE_DAYS.items()})


@pytest.mark.parametrize("days", [0.0, 15.0, 30.0, 44.0, 91.0, 389.0, 390.0, 700.0])
def test_who_leaves_by_a_day_is_read_off_the_curve_and_beyond_it_goes_on_along_the_calendar(days: float) -> None:
    made = with_curve(accounts(3), 0.001).assign(days=days)
    assert leaving(made, KNOWN) == pytest.approx(np.full(3, 1 - np.exp(-0.001 * days)), abs=2e-6)


def test_an_account_without_a_curve_goes_along_the_calendar() -> None:
    made = with_curve(accounts(2, churn_probability=0.2), 0.001).assign(days=91.0)
    made.loc[1, list(CURVE_DAYS)] = np.nan
    assert leaving(made, KNOWN) == pytest.approx([1 - np.exp(-0.091), 0.2])


CHANGES = replace(KNOWN, falls=Change(0.05, 0.3, 0.002, EVEN), rises=Change(0.1, 0.2, 0.001, EVEN))


def test_who_shrinks_and_grows_follows_the_models_where_they_tell_it() -> None:
    made = accounts(3, churn_probability=0.2).assign(
        contraction_probability=[0.08, 0.4, np.nan], expansion_probability=[0.0, 0.16, np.nan]
    )
    changes = stayers(made, CHANGES)
    # of those that stay: 0.08 / 0.8
    assert changes.contracts == pytest.approx([0.1, 0.5, 0.05])
    assert changes.contraction == pytest.approx([0.1 * 0.3 + 0.002, 0.5 * 0.3 + 0.002, 0.01])
    assert changes.expands == pytest.approx([0.0, 0.2, 0.1])
    assert changes.expansion == pytest.approx([0.001, 0.2 * 0.2 + 0.001, 0.03])


def test_without_enough_changes_the_segment_s_growth_stands_and_no_share_is_told() -> None:
    changes = stayers(accounts(2).assign(contraction_probability=0.1, expansion_probability=0.1), KNOWN)
    assert changes.contraction == pytest.approx([0.01, 0.01])
    assert np.isnan(changes.contracts).all()
    assert np.isnan(whole(forecast(accounts(), KNOWN, SETTINGS, 7))["expected_to_contract"])


def test_retention_renewals_and_risk_agree_with_the_money() -> None:
    made = accounts().assign(mrr_up_for_renewal=lambda frame: frame["mrr"], contraction_probability=0.05)
    row = whole(forecast(made, CHANGES, SETTINGS, 7))
    assert row["arr_at_risk"] == pytest.approx(row["arr_leaving"] + row["arr_contraction"])
    assert row["grr"] == pytest.approx(1 - row["arr_at_risk"] / row["arr"])
    assert row["nrr"] == pytest.approx(row["arr_expected"] / row["arr"])
    assert row["expected_to_renew"] == pytest.approx(row["arr"] - row["arr_leaving"])
    assert 0 < row["expected_to_contract"] < 0.15 * row["arr"]
