"""How the book of business is measured, as params.yaml sets it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import Count, NotNegative, OpenShare, Section


class BookSettings(Section):
    """How the numbers of customer success are measured.

    Parameters
    ----------
    months
        Whole months that are measured, counted back from the scoring date.
    gross_margin
        Share of the revenue that is left after what it costs to provide the service.
    discount_a_year
        By how much money of a year later is worth less.
    lifetime_months
        Months of a customer's life that its value counts.
    csm_churn_days
        Days of the past over which churn by CSM is compared with what the model expected.
    csm_error_rate
        Chance of naming any CSM at all where chance alone is at work.
    quarters_ahead
        Quarters after the present one that are forecast.
    naive_quarters
        Past quarters whose rates make the naive forecast and the growth of those that stay.
    forecast_draws
        Simulated quarters behind each interval.
    """

    months: Annotated[int, Field(ge=1, le=120)]
    gross_margin: Annotated[float, Field(gt=0, le=1)]
    discount_a_year: NotNegative
    lifetime_months: Annotated[int, Field(ge=1, le=600)]
    csm_churn_days: Count
    csm_error_rate: OpenShare
    quarters_ahead: Annotated[int, Field(ge=0, le=8)]
    naive_quarters: Count
    forecast_draws: Annotated[int, Field(ge=100)]
