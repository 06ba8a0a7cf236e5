"""How long a label takes to be observed, and what counts as success: settings that several rooms share."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from rind.common.settings import Days, Section


class LabelWindow(Section):
    """How long a label takes to be observed: horizon_days + grace_days after its as_of."""

    horizon_days: Annotated[int, Field(ge=0)]
    grace_days: Annotated[int, Field(ge=0)]

    @property
    def observed_after(self) -> timedelta:
        """From as_of to the last day that the label depends on."""
        return timedelta(days=self.horizon_days + self.grace_days)

    def last_trainable(self, trained_as_of: date) -> date:
        """The latest as_of whose label was fully observed before trained_as_of."""
        return trained_as_of - self.observed_after - timedelta(days=1)


class OutcomeSettings(Section):
    """What counts as success.

    Parameters
    ----------
    outcome
        ``retained``: still a customer retention_days + decision_days after signing; ``renewed``: still one
        decision_days after the agreed end of its first term; ``expanded``: retained, and pays more than at first.
    retention_days, decision_days
        A term that ends about retention_days after signing is decided by decision_days later.
    lasting_use
        Success also needs use of the product in the four weeks before the day of the outcome (for ``renewed``: of the
        account's own).
    """

    outcome: Literal["retained", "renewed", "expanded"]
    retention_days: Days
    decision_days: Annotated[int, Field(ge=0)]
    lasting_use: bool

    @property
    def judged_days(self) -> int:
        """Days from signing to the outcome, where no first term says otherwise."""
        return self.retention_days + self.decision_days
