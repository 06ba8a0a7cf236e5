"""How long personal data are kept: the section ``retention`` of params.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rind.common.settings import Section

Kept = Annotated[float, Field(ge=0)] | None


class RetentionSettings(Section):
    """Days that something is kept; None: for good."""

    weeks_days: Annotated[float, Field(ge=7)] | None
    audit_days: Annotated[float, Field(gt=0)] | None
    set_aside_days: Kept
