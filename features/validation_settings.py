"""How much disorder a source may hold: the section ``validation`` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=1)]
Answer = Literal["withhold", "stamp"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Section):
    """Up to which share broken rows are set aside; above it the run ends with the report."""

    table_share: Share = 0.02
    accounts_share: Share = 0.01
    rules: dict[str, Share] = {}

    def strict(self) -> Limits:
        """Limits that set nothing aside."""
        return Limits(table_share=0.0, accounts_share=0.0)


class Strays(_Section):
    """When a few rows far from all others are errors of a date and not the begin or the end of a table."""

    rows_share: Share = 0.001
    days_before: Days = 730
    days_after: Days = 28


class Silence(_Section):
    """When a table that stops before the data end counts as a feed that has died, and what happens then."""

    days: Days = 14
    times_longest: Annotated[float, Field(ge=1)] = 1.5
    usage: Answer = "withhold"
    other_tables: Answer = "stamp"


class ValidationSettings(_Section):
    """Everything about validation that a person may tune; the defaults are those of params.yaml."""

    limits: Limits = Limits()
    strays: Strays = Strays()
    silence: Silence = Silence()
