from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from rind.models.evaluation.risk_bands import Bands, bands_around, base_rate, risk_bands


@pytest.mark.parametrize(("base", "red", "amber"), [(0.1, 0.3, 0.15), (0.4, 0.8, 0.6), (0.7, 0.8, 0.8)])
def test_the_bands_are_multiples_of_the_base_rate_up_to_where_red_must_begin(
    base: float, red: float, amber: float
) -> None:
    bands = bands_around(base, red_times_base=3, amber_times_base=1.5, red_at_most=0.8)
    assert (bands.red_from, bands.amber_from) == pytest.approx((red, amber))


@pytest.mark.parametrize(("churned", "rate"), [([0, 0, 1, None], 1 / 3), ([0, 0, 0, 1], 0.02), ([None] * 4, 0.02)])
def test_where_nobody_has_left_yet_the_parameters_give_the_base_rate(churned: list[float | None], rate: float) -> None:
    """Only dates count whose outcome was known on the scoring date: the last one's was not."""
    days = pd.to_datetime(["2024-01-01"] * 3 + ["2024-12-01"])
    labels = pd.DataFrame({"as_of": days, "churned": pd.Series(churned, dtype="float64")})
    assert base_rate(labels, date(2024, 8, 3), where_none_left=0.02) == pytest.approx(rate)


@pytest.mark.parametrize(("p", "band"), [(0.3, "red"), (0.2999, "amber"), (0.12, "amber"), (0.1199, "green")])
def test_a_band_begins_at_its_threshold(p: float, band: str) -> None:
    assert risk_bands(pd.Series([p]), Bands(red_from=0.3, amber_from=0.12)).tolist() == [band]


def test_bands_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="0 < amber_from <= red_from <= 1"):
        Bands(red_from=0.1, amber_from=0.2)
