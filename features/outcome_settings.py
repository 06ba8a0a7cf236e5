"""What else than churn may become of an account, as params.yaml defines it under ``outcomes``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rind.common.settings import Section

OutcomeName = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,40}$")]


class OutcomeSpec(Section):
    """An outcome within the horizon.

    Parameters
    ----------
    when
        ``mrr_falls`` or ``mrr_rises``: by ``share`` or more, for longer than the grace, and the account does not leave;
        ``leaves_unpaid``: the account leaves and an invoice is overdue on that day.
    share
        Of the mrr on as_of, above 0; none for ``leaves_unpaid``.
    """

    when: Literal["mrr_falls", "mrr_rises", "leaves_unpaid"]
    share: Annotated[float, Field(gt=0, le=10)] | None = None

    @model_validator(mode="after")
    def _has_its_share(self) -> Self:
        if (self.share is None) != (self.when == "leaves_unpaid"):
            raise ValueError("mrr_falls and mrr_rises need a share, leaves_unpaid has none")
        if self.when == "mrr_falls" and self.share is not None and self.share >= 1:
            raise ValueError("the share by which mrr falls lies below 1: at 1 nothing is left, which is churn")
        return self

    @property
    def table(self) -> str | None:
        """The optional table without which it cannot be seen."""
        return "invoices" if self.when == "leaves_unpaid" else None
