"""How the models of the outcomes are made, as params.yaml sets it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import Count, Days, Section


class OutcomeModelSettings(Section):
    """Where the models of the outcomes differ from that of churn; all else is as for churn.

    Parameters
    ----------
    every_days
        Days between the dates that are learned from, scored and measured.
    refit_every_days
        As ``backtest.refit_every_days``.
    bags
        As ``model.bags``.
    fewest_accounts
        Accounts to which an outcome must have happened for a model of it.
    """

    every_days: Days
    refit_every_days: Days
    bags: Count
    fewest_accounts: Annotated[int, Field(ge=2)]
