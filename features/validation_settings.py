"""How much disorder a source may hold: the section ``validation`` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rind.common.settings import Days, Section, Share

Answer = Literal["withhold", "stamp"]


class Limits(Section):
    """Up to which share broken rows are set aside; above it the run ends with the report."""

    table_share: Share
    accounts_share: Share
    rules: dict[str, Share]

    def strict(self) -> Limits:
        """Limits that set nothing aside."""
        return Limits(table_share=0.0, accounts_share=0.0, rules={})


class Strays(Section):
    """When a few rows far from all others are errors of a date and not the begin or the end of a table."""

    rows_share: Share
    days_before: Days
    days_after: Days


class Silence(Section):
    """When a table that stops before the data end counts as a feed that has died, and what happens then."""

    days: Days
    times_longest: Annotated[float, Field(ge=1)]
    usage: Answer
    other_tables: Answer


class ValidationSettings(Section):
    """Everything about validation that a person may tune."""

    limits: Limits
    strays: Strays
    silence: Silence
