"""What saving an account is worth, and how many a CSM can work on, as params.yaml sets it."""

from __future__ import annotations

from typing import Literal

from rind.common.settings import Count, NotNegative, Positive, Section, Share

Order = Literal["risk", "mrr_at_risk", "expected_value"]


class WorthSettings(Section):
    """What it is worth to act on an account that would leave.

    Parameters
    ----------
    margin_share
        Share of the mrr that is left after the costs of serving the account (contribution margin).
    success_share
        Share of the leaving accounts that stay because CS acted on them.
    kept_months
        Months for which such an account goes on to pay.
    offer_cost
        What acting on one account costs, in the company's currency.
    """

    margin_share: Share
    success_share: Share
    kept_months: Positive
    offer_cost: NotNegative

    @property
    def of_mrr(self) -> float:
        """Money kept for each unit of mrr of an account that would leave and is worked on."""
        return self.margin_share * self.success_share * self.kept_months


class CapacitySettings(Section):
    """How many accounts of a list each CSM can work on in a week."""

    per_csm: Count
