"""What the feature families may know of the parameters."""

from __future__ import annotations

from rind.features.catalogue import Settings
from rind.pipelines.params import Params


def family_settings(params: Params) -> Settings:
    """The horizon and grace of the labels, what a renewal is, and the company's own currency."""
    return Settings(
        horizon_days=params.labels.horizon_days,
        grace_days=params.labels.grace_days,
        main_share=params.renewals.main_share,
        currency=params.money.currency,
    )
