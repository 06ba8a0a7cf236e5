"""Every quarter as it could have been forecast, and the record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from quarter_books import FIRST, SETTINGS, book

from rind.models.book import quarters as forecasting
from rind.models.book.quarters import ChangeShares, Times, months_record, record_of

TIMES = Times(91, 30)
END = pd.Timestamp("2024-04-30")


def made(rows: pd.DataFrame, end: pd.Timestamp = END) -> pd.DataFrame:
    none = rows.head(0).rename(columns={"quarter": "month"})
    return forecasting.forecasts(rows, none, end, SETTINGS, TIMES, ChangeShares(0.1, 0.1), 7).quarters


def judged_quarters(forecasts: pd.DataFrame) -> pd.DataFrame:
    return forecasting.judged(forecasts, "quarter")


def test_a_quarter_is_compared_once_its_grace_is_over() -> None:
    forecasts = judged_quarters(made(book(9)))
    assert forecasts["quarter"].max() == pd.Timestamp("2024-01-01")  # it ended on 31 March, and 30 days have passed
    assert judged_quarters(made(book(9), END - pd.Timedelta(days=1)))["quarter"].max() == pd.Timestamp("2023-10-01")


def test_the_future_never_changes_a_forecast_that_was_made_before() -> None:
    rows = book(9)
    cut = pd.Timestamp("2023-04-01")
    later = rows["last_day"] + pd.Timedelta(days=31) > cut
    rng = np.random.default_rng(5)
    ends = rows["mrr_end"].where(~later, rng.uniform(0, 5000, len(rows)))
    changed = rows.assign(mrr_end=ends, mrr_end_first=ends)
    one, other = (frame[frame["made_on"] <= cut].drop(columns="arr_actual") for frame in (made(rows), made(changed)))
    assert len(one) > 10
    pd.testing.assert_frame_equal(one, other)
    past = made(changed)
    assert (
        not past[past["made_on"] > cut]
        .drop(columns="arr_actual")
        .equals(made(rows)[past["made_on"] > cut].drop(columns="arr_actual"))
    )


def test_what_was_recorded_too_late_to_be_known_changes_the_record_and_no_forecast() -> None:
    rows = book(9)
    corrected = rows.assign(mrr_end=rows["mrr_end"] + 100)
    one, other = made(rows), made(corrected)
    assert (other["arr_actual"] > one["arr_actual"]).sum() > 20
    pd.testing.assert_frame_equal(one.drop(columns="arr_actual"), other.drop(columns="arr_actual"))


def test_a_day_without_predictions_makes_no_forecast_and_tells_the_past() -> None:
    rows = book(6)
    blind = rows.assign(churn_probability=rows["churn_probability"].where(rows["quarter"] >= "2023-04-01"))
    forecasts = made(blind)
    assert forecasts["quarter"].min() == pd.Timestamp("2023-04-01")
    assert forecasts["arr_naive"].notna().all()
    assert made(rows)["arr_naive"].isna().any()  # the first quarter has no past at all


def wary(rows: pd.DataFrame) -> pd.DataFrame:
    """Predictions begin with the last quarter, and expect too many to leave."""
    odds = np.exp(1.0) * rows["churn_probability"] / (1 - rows["churn_probability"])
    return rows.assign(churn_probability=(odds / (1 + odds)).where(rows["quarter"] == rows["quarter"].max()))


def test_before_any_forecast_was_judged_it_lies_between_the_model_and_last_year_s_rates() -> None:
    rows = wary(book(6))
    last = rows[rows["churn_probability"].notna()]
    by_model = 12 * float((last["mrr"] * (1 - last["churn_probability"])).sum())
    row = made(rows).query("segment == 'all' and csm == 'all'").iloc[0]
    share = (row["arr_expected"] - by_model) / (row["arr_naive"] - by_model)
    assert row["arr_naive"] > by_model
    assert 0.3 < share < 0.7


def test_what_is_left_of_a_quarter_that_ends_in_two_days_moves_no_other_quarter() -> None:
    rows = wary(book(6))
    last = rows[rows["churn_probability"].notna()]
    ending = last.assign(quarter=last["quarter"] - pd.DateOffset(months=3), last_day=last["made_on"])
    ending["last_day"] += pd.Timedelta(days=2)
    both = made(pd.concat([ending, rows], ignore_index=True))
    of_last = both[both["quarter"] == last["quarter"].iloc[0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_last, made(rows))
    assert len(both) == 2 * len(of_last)


def test_without_any_prediction_there_is_an_empty_table() -> None:
    assert made(book(2).assign(churn_probability=np.nan)).empty


def test_right_probabilities_are_nearer_than_last_year_s_rates() -> None:
    record = record_of(judged_quarters(made(book(9, 1500, 0.1, 3))))
    assert record["error"] < 0.02
    assert abs(record["bias"]) < 0.02
    assert record["covered"] >= 6


def judged(errors: list[float], naive: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "made_on": FIRST, "quarter": FIRST, "error": errors, "naive_error": naive,
            "inside": [abs(error) < 0.02 for error in errors],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("errors", "naive", "better"),
    [
        ([0.01, -0.012, 0.011, -0.01], [0.05, -0.052, 0.049, 0.05], "model"),
        ([0.05, -0.052, 0.049, 0.05], [0.01, -0.012, 0.011, -0.01], "naive"),
        ([0.01, 0.01, 0.01], [0.05, 0.05, 0.05], "cannot_tell"),
        ([0.01, 0.06, 0.01, 0.02], [0.05, 0.01, 0.02, 0.03], "cannot_tell"),
    ],
)
def test_which_forecast_is_better_is_said_only_beyond_chance(
    errors: list[float], naive: list[float], better: str
) -> None:
    record = record_of(judged(errors, naive))
    assert record["better"] == better
    assert record["error"] == pytest.approx(np.mean(np.abs(errors)))


def test_quarters_without_a_naive_forecast_are_not_compared() -> None:
    record = record_of(judged([0.01, 0.03], [None, 0.02]))
    assert (record["quarters"], record["compared"], record["compared_error"]) == (2, 1, 0.03)
    assert record["covered"] == 1
    assert record["by_quarter"][0]["naive_error"] is None


def test_without_a_past_the_record_is_empty() -> None:
    record = record_of(judged([], []))
    assert (record["quarters"], record["error"], record["better"]) == (0, None, "cannot_tell")


def test_months_are_forecast_by_what_the_quarters_taught_by_their_day() -> None:
    rows = book(9)
    last = rows["quarter"] == rows["quarter"].max()
    first_month = rows[last].assign(last_day=pd.Timestamp("2024-01-31")).rename(columns={"quarter": "month"})
    unpredicted = first_month.assign(made_on=pd.Timestamp("2024-02-05"), churn_probability=np.nan)
    times, shares = Times(91, 30), ChangeShares(0.1, 0.1)
    both = pd.concat([first_month, unpredicted])
    quarters, months = forecasting.forecasts(rows, both, END, SETTINGS, times, shares, 7)
    assert set(months["made_on"]) == {pd.Timestamp("2024-01-01")}
    whole = [frame[(frame["segment"] == "all") & (frame["csm"] == "all")].iloc[-1] for frame in (quarters, months)]
    assert whole[0]["arr"] == whole[1]["arr"]
    assert 0.2 < whole[1]["arr_leaving"] / whole[0]["arr_leaving"] < 0.5
    assert quarters.equals(made(rows))
    record = months_record(forecasting.judged(months, "month"))
    assert (record["months"], record["months_covered"] in (0, 1)) == (1, True)
    assert months_record(forecasting.judged(months.head(0), "month"))["months_error"] is None
