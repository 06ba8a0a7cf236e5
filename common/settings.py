"""The base of every section of params.yaml: the room that uses a section owns its class, `pipelines.params` composes.

Numbers have their default in params.yaml alone, so the classes have none.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Days = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
"""From 0 to 1, both included."""
OpenShare = Annotated[float, Field(gt=0, lt=1)]
"""Between 0 and 1, neither included."""
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """A section of params.yaml: frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
