"""Churn by CSM beside what was to be expected."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from rind.models.book.csm_churn import chance_of_count, churn_by_csm, compared_until, comparison_dates

DAY = pd.Timestamp("2025-01-06")


def history(books: dict[str, tuple[float, float, int]], seed: int = 0, weeks: int = 1) -> pd.DataFrame:
    """CSM -> (what the model expected, what the truth is, accounts), on so many weekly dates."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"{csm}{n}", csm, DAY + pd.Timedelta(weeks=week), expected, float(rng.random() < true))
        for week in range(weeks) for csm, (expected, true, size) in books.items() for n in range(size)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["account_id", "csm", "as_of", "churn_probability", "churned"])


def test_a_book_of_risky_accounts_that_loses_what_was_expected_is_not_named() -> None:
    compared = churn_by_csm(history({"Ann": (0.4, 0.4, 200), "Bo": (0.05, 0.05, 200)}), 90, 365, 0.05)
    assert compared["rate"].iloc[0] > 4 * compared["rate"].iloc[1]
    assert not compared["beyond_chance"].any()
    assert (compared["low"] < compared["rate"]).all()
    assert (compared["rate"] < compared["high"]).all()


def test_a_book_that_loses_far_more_is_named() -> None:
    books = {"Ann": (0.1, 0.4, 150), "Bo": (0.1, 0.1, 400), "Cem": (0.1, 0.1, 400)}
    compared = churn_by_csm(history(books), 90, 365, 0.05)
    assert compared["beyond_chance"].tolist()[0]


def test_a_book_that_loses_all_has_a_small_chance_and_no_negative_one() -> None:
    compared = churn_by_csm(history({"Ann": (0.1, 1.0, 175), "Bo": (0.1, 0.0, 700)}), 90, 365, 0.05)
    assert (compared["p_value"] > 0).all()
    assert (compared["p_value"] < 1e-9).all()


def test_at_chance_alone_a_name_is_called_as_rarely_as_the_error_rate_says() -> None:
    books = dict.fromkeys("ABCDEFGHIJ", (0.1, 0.1, 60))
    named = [churn_by_csm(history(books, seed), 90, 365, 0.05)["beyond_chance"].any() for seed in range(60)]
    assert np.mean(named) <= 0.1


def test_a_model_that_expects_too_much_of_all_blames_nobody() -> None:
    books = dict.fromkeys("ABC", (0.3, 0.1, 300))
    compared = churn_by_csm(history(books), 90, 365, 0.05)
    assert not compared["beyond_chance"].any()
    assert compared["expected"].mean() == pytest.approx(compared["rate"].mean(), abs=0.01)


def test_the_chance_of_a_count_is_that_of_independent_departures() -> None:
    assert chance_of_count(np.array([0.1, 0.5])) == pytest.approx([0.45, 0.5, 0.05])
    assert chance_of_count(np.full(300, 0.2)) == pytest.approx(binom(300, 0.2).pmf(np.arange(301)))
    assert chance_of_count(np.array([])).tolist() == [1.0]


def test_no_departure_counts_twice() -> None:
    dates = pd.Series([DAY + pd.Timedelta(weeks=n) for n in range(60)])
    chosen = comparison_dates(dates, 90, 365)
    assert chosen[0] == dates.max()
    assert all((late - early).days >= 90 for late, early in itertools.pairwise(chosen))
    assert (chosen[0] - chosen[-1]).days < 365


def test_dates_of_which_only_the_leavers_are_known_do_not_count() -> None:
    known, young = (
        history({"Ann": (0.1, 0.1, 50)}),
        history({"Ann": (0.1, 1.0, 50)}).assign(as_of=DAY + pd.Timedelta(weeks=20)),
    )
    young.loc[0, "churned"] = np.nan
    rows = pd.concat([known, young])
    assert compared_until(rows) == DAY
    assert churn_by_csm(rows, 90, 365, 0.05)["accounts"].tolist() == [50]


def test_without_a_name_or_an_outcome_there_is_nothing_to_compare() -> None:
    rows = history({"": (0.1, 0.1, 5)})
    assert churn_by_csm(rows, 90, 365, 0.05).empty
    assert compared_until(rows.assign(churned=np.nan)) is None
