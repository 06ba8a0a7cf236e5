"""The forecast of one quarter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from quarter_books import SETTINGS, book

from rind.models.book.forecast import ALL, Outlooks, forecast, leaving
from rind.models.book.past_quarters import Calendar, Growth
from rind.models.book.shared_shock import Shock

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
