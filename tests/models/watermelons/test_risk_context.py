from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rind.models.watermelons.risk_context import inside

DAY = pd.Timestamp("2024-01-01")


def past(accounts: int, left: int, band: str = "green", first: int = 0) -> pd.DataFrame:
    """Accounts of one past date that were all scored 0.5; the first ``left`` of them left."""
    return pd.DataFrame(
        {
            "account_id": [f"a{first + n}" for n in range(accounts)], "as_of": DAY, "churn_probability": 0.5,
            "health_band": band, "churned": (np.arange(accounts) < left).astype(float),
        }
    )  # fmt: skip


def now(*probabilities: float, band: str = "green", segment: str | None = "s") -> pd.DataFrame:
    return pd.DataFrame({"churn_probability": probabilities, "health_band": band, "segment": segment})


def test_an_account_is_compared_with_the_rest_of_its_segment_and_with_the_base_rate() -> None:
    beside = inside(now(0.4, 0.1, 0.3), past(0, 0), 0.1, 20)
    assert beside["segment_risk"].tolist() == pytest.approx([0.2, 0.35, 0.25])
    assert beside["times_segment"].iloc[0] == pytest.approx(2.0)
    assert beside["times_base"].tolist() == pytest.approx([4.0, 1.0, 3.0])
    assert inside(now(0.4), past(0, 0), 0.0, 20)[["segment_risk", "times_base"]].isna().all(axis=None)


@pytest.mark.parametrize(("accounts", "shown"), [(19, False), (20, True)])
def test_a_rate_is_shown_from_the_fewest_past_accounts_on(accounts: int, shown: bool) -> None:
    beside = inside(now(0.5), past(accounts, 10), 0.1, 20)
    assert bool(beside["alike_left"].notna().iloc[0]) == shown
    if shown:
        assert beside["alike_left"].iloc[0] == pytest.approx(0.5)
        assert beside["alike_low"].iloc[0] < 0.5 < beside["alike_high"].iloc[0]
        assert beside["alike_accounts"].iloc[0] == accounts


def test_only_green_accounts_of_dates_with_all_their_outcomes_are_alike() -> None:
    red = past(40, 40, band="red", first=100)
    open_yet = past(40, 40, first=200).assign(as_of=DAY + pd.Timedelta(days=7))
    open_yet.loc[0, "churned"] = np.nan
    beside = inside(now(0.5), pd.concat([past(40, 10), red, open_yet], ignore_index=True), 0.1, 20)
    assert beside["alike_left"].iloc[0] == pytest.approx(0.25)
    assert inside(now(0.5, band="red"), past(40, 10), 0.1, 20)["alike_left"].isna().all()


def test_weeks_of_the_same_accounts_narrow_no_interval() -> None:
    again = pd.concat([past(40, 10).assign(as_of=DAY + pd.Timedelta(days=7 * n)) for n in range(10)])
    once, often = (inside(now(0.5), rows, 0.1, 20).iloc[0] for rows in (past(40, 10), again.reset_index(drop=True)))
    assert often["alike_low"] == pytest.approx(once["alike_low"])
    assert often["alike_accounts"] == once["alike_accounts"] == 40
