"""How the adoption model is fitted, as params.yaml sets it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import Count, OpenShare, Positive, Section


class AdoptionSettings(Section):
    """How the adoption model is fitted, and when a behaviour is named as a next step.

    Parameters
    ----------
    min_child_samples, logistic_c
        Of `models.churn.estimators.Hyperparameters`: few rows ask for more caution than the churn model does.
    fewest_dates
        Dates of landmarks that may have a known outcome, of which a first training needs so many.
    alpha
        Error rate of all the behaviours together that are named as a next step without a moment.
    """

    min_child_samples: Count
    logistic_c: Positive
    fewest_dates: Annotated[int, Field(ge=2)]
    alpha: OpenShare
